# SPDX-License-Identifier: Apache-2.0
"""A search: its files, what it never looks at, and going on after kill -9."""
import csv
import json
import shutil
import signal
import subprocess
import time
import unittest

from shop import ENSUE, QUICK, ShopTest, ensue

SPACE = "train.learning_rate=1e-3..3e-2:log,model.width=8|16|-1"
SEARCH = [*QUICK[2:], "--epochs", "3", "--trials", "12", "--search", SPACE]


def values(folder):
    """Everything of the trials but how long they took."""
    lines = [json.loads(line) for line in
             (folder / "trials.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k != "seconds"} for line in lines]


class Tune(ShopTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = cls.home / "done"
        cls.done.mkdir()
        ensue("init", cls.log, cwd=cls.done)
        ensue("import", cwd=cls.done)
        cls.said = ensue("tune", *SEARCH, cwd=cls.done).stdout
        cls.folder = cls.done / "runs" / "tune-1"

    def setUp(self):
        super().setUp()
        shutil.copytree(self.done / "dataset", self.shop / "dataset")
        shutil.copy(self.done / "ensue.toml", self.shop)

    def test_trials_are_sorted_and_failed_ones_say_why(self):
        trials = values(self.folder)
        self.assertEqual([t["trial"] for t in trials], list(range(1, 13)))
        failed = [t for t in trials if "failed" in t]
        self.assertTrue(failed)
        for trial in failed:
            self.assertEqual(trial["values"]["model.width"], -1)
        best = max(t["ndcg@10"] for t in trials if "failed" not in t)
        first = next(line for line in self.said.splitlines()
                     if line.split() and line.split()[0].isdigit())
        self.assertIn(f"{best:.4f}", first)
        self.assertIn("failed:", self.said)

    def test_the_page_is_one_file(self):
        page = (self.folder / "tune.html").read_text()
        self.assertNotRegex(page, r"(src|href)=|https?:|url\(")
        self.assertIn("train.learning_rate", page)
        self.assertFalse((self.folder / "trials").exists())

    def test_train_accepts_the_best_and_reaches_its_figure(self):
        ensue("train", "-c", self.folder / "best.toml", "--run.name", "best", cwd=self.done)
        curve = (self.done / "runs/best/curves.csv").read_text().splitlines()
        column = curve[0].split(",").index("validation ndcg@10")
        reached = max(float(row.split(",")[column]) for row in curve[1:])
        best = max(t["ndcg@10"] for t in values(self.folder) if "failed" not in t)
        self.assertAlmostEqual(reached, best, places=7)

    def kill_when(self, ready, *arguments):
        run = subprocess.Popen([ENSUE, "tune", *arguments], cwd=self.shop,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not ready():
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(run.poll(), "the search ended before it was killed")
            time.sleep(0.002)
        run.send_signal(signal.SIGKILL)
        run.wait()

    def lines(self):
        path = self.shop / "runs" / "tune-1" / "trials.jsonl"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_a_killed_search_goes_on_to_the_same_trials(self):
        self.kill_when(lambda: self.lines() >= 2, *SEARCH)
        self.kill_when(lambda: self.lines() >= 5, "--resume")
        self.assertFalse((self.shop / "runs/tune-1/tune.html").exists())
        ensue("tune", "--resume", cwd=self.shop)
        killed = self.shop / "runs" / "tune-1"
        self.assertEqual(values(killed), values(self.folder))
        self.assertEqual((killed / "best.toml").read_text(),
                         (self.folder / "best.toml").read_text())

    def test_what_happens_in_the_test_split_changes_nothing(self):
        with open(self.log, newline="") as file:
            rows = list(csv.DictReader(file))
        late = sorted(row["timestamp"] for row in rows)[len(rows) * 95 // 100]
        for row in rows:  # the last tenth is the test
            if row["timestamp"] >= late:
                row["item_id"] = rows[0]["item_id"]
        with open(self.shop / "events.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        shutil.rmtree(self.shop / "dataset")
        (self.shop / "ensue.toml").unlink()
        ensue("init", "events.csv", cwd=self.shop)
        ensue("import", cwd=self.shop)
        ensue("tune", *SEARCH[:-4], "--trials", "4", *SEARCH[-2:], cwd=self.shop)
        self.assertNotEqual(
            json.loads((self.shop / "runs/tune-1/data.json").read_text())["log"],
            json.loads((self.folder / "data.json").read_text())["log"])
        self.assertEqual(values(self.shop / "runs" / "tune-1"), values(self.folder)[:4])

    def test_a_search_does_not_go_on_with_other_data(self):
        self.kill_when(lambda: self.lines() >= 2, *SEARCH)
        self.assert_refused(ensue("tune", "--resume", "--split.test", "0.3", cwd=self.shop,
                                  status=None), "another log or split")

    def test_halving_trains_the_best_on(self):
        ensue("tune", *SEARCH[:-6], "--epochs", "4", "--method", "halving", "--keep", "2",
              "--trials", "4", "--search", "train.learning_rate=1e-3..3e-2:log",
              cwd=self.shop)
        trials = values(self.shop / "runs" / "tune-1")
        self.assertEqual([t["epochs"] for t in trials], [1] * 4 + [2] * 2 + [4])

    def test_wrong_searches_are_refused_in_one_line(self):
        for arguments, words in (
                (["--search", "split.test=0.1..0.2"], ["split.test", "[model] or [train]"]),
                (["--search", "train.warmup=2..1"], ["train.warmup", "low below high"]),
                ([], ["[tune].space", "nothing to search"]),
                (["--method", "grid", "--search", SPACE], ["grid", "tpe, random or halving"]),
                (["--resume"], ["no unfinished run"])):
            self.assert_refused(ensue("tune", *arguments, cwd=self.shop, status=None), *words)


if __name__ == "__main__":
    unittest.main()
