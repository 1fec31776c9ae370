# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment: nothing half-written is ever taken for whole."""
import json
import signal
import subprocess
import time
import unittest

from shop import ENSUE, QUICK, ShopTest, ensue, kill_after, seconds_of


def checksums(shop):
    """What the manifest says of every file."""
    manifest = json.loads((shop / "dataset" / "manifest.json").read_text())
    return manifest["files"]


class KilledImport(ShopTest):
    simulated = ["--users", "2000", "--days", "120", "--seed", "1"]

    def test_a_killed_import_leaves_no_dataset_or_a_whole_one(self):
        whole = self.shop / "whole"
        whole.mkdir()
        ensue("init", self.log, cwd=whole)
        needed = seconds_of(lambda: ensue("import", cwd=whole))
        killed = 0
        for share in (0.1, 0.3, 0.5, 0.7, 0.85, 0.95):
            shop = self.shop / f"at-{share}"
            shop.mkdir()
            ensue("init", self.log, cwd=shop)
            killed += kill_after(needed * share, "import", cwd=shop)
            if (shop / "dataset" / "manifest.json").exists():
                ensue("describe", cwd=shop)  # whole: it opens
            else:
                self.assert_refused(ensue("describe", cwd=shop, status=None), "dataset")
            ensue("import", cwd=shop)
            self.assertEqual(checksums(shop), checksums(whole), f"killed at {share}")
        self.assertGreater(killed, 2, "the import was too quick to be killed")

    def test_a_kill_while_importing_again_keeps_the_old_dataset(self):
        ensue("init", self.log, cwd=self.shop)
        needed = seconds_of(lambda: ensue("import", cwd=self.shop))
        before = checksums(self.shop)
        kill_after(needed * 0.5, "import", cwd=self.shop)
        self.assertEqual(checksums(self.shop), before)
        ensue("describe", cwd=self.shop)


class KilledTraining(ShopTest):
    longer = [*QUICK[2:], "--epochs", "6", "--patience", "10"]

    def setUp(self):
        super().setUp()
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)

    def wait_for(self, path, run):
        deadline = time.monotonic() + 120
        while not path.exists():
            self.assertLess(time.monotonic(), deadline, f"{path} never came")
            self.assertIsNone(run.poll(), f"training ended before {path} came")
            time.sleep(0.02)

    def signal_in_training(self, sent):
        """The run's folder, exit status and words; tries again where the run
        was over before the signal came, as happens on a busy machine."""
        for attempt in range(5):
            folder = self.shop / f"runs/hit-{attempt}"
            run = subprocess.Popen(
                [ENSUE, "train", *self.longer, "--run.name", folder.name],
                cwd=self.shop, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True)
            self.wait_for(folder / "checkpoint", run)
            run.send_signal(sent)
            said, _ = run.communicate(timeout=120)
            if run.returncode != 0 and not (folder / "metrics.json").exists():
                return folder, run.returncode, said
        return self.fail("every run was over before the signal came")

    def test_resuming_gives_the_bytes_of_an_undisturbed_run(self):
        ensue("train", *self.longer, "--run.name", "calm", cwd=self.shop)
        killed, status, _ = self.signal_in_training(signal.SIGKILL)
        self.assertEqual(status, -signal.SIGKILL)
        ensue("train", "--resume", cwd=self.shop)
        self.assertEqual((killed / "model.safetensors").read_bytes(),
                         (self.shop / "runs/calm/model.safetensors").read_bytes())
        self.assertTrue((killed / "report.html").exists())

    def test_ctrl_c_leaves_a_usable_artifact_and_a_way_on(self):
        stopped, status, said = self.signal_in_training(signal.SIGINT)
        self.assertEqual(status, 130, said)
        self.assertIn("--resume", said)
        ensue("recommend", "--user", "nobody", cwd=self.shop)
        ensue("train", "--resume", cwd=self.shop)
        self.assertTrue((stopped / "metrics.json").exists())


if __name__ == "__main__":
    unittest.main()
