# SPDX-License-Identifier: Apache-2.0
"""ensue update against a running server: what it learns, loses and refuses."""
import json
import os
import random
import shutil
import subprocess
import unittest

from server import SERVE, Server
from shop import ENSUE, QUICK, ShopTest, ensue, kill_after

FAST = ["--update.threads", "1", "--update.epochs"]  # how many
# Behind everything that the simulated shop holds.
LATER = 4_000_000_000_000


class Updating(ShopTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trained = cls.home / "trained"
        cls.trained.mkdir()
        ensue("init", cls.log, cwd=cls.trained)
        ensue("import", cwd=cls.trained)
        ensue("train", *QUICK, cwd=cls.trained)

    def setUp(self):
        super().setUp()
        for name in ("dataset", "runs"):
            shutil.copytree(self.trained / name, self.shop / name, symlinks=True)
        shutil.copy(self.trained / "ensue.toml", self.shop)

    def serve(self, *options):
        (self.shop / "models").mkdir(exist_ok=True)
        return Server(self.shop, "--model", "runs/latest/model.safetensors",
                      "--model-folder", "models", *options)

    def update(self, server, *options, epochs=1, status=0):
        return ensue("update", "--server", server.base, *FAST, epochs, *options, cwd=self.shop,
                     status=status)

    def say(self, server, first, count, new="new-item"):
        """Events of a few users, an unknown item among them."""
        known = server.items("nobody")
        rng = random.Random(first)
        events = [{"user": f"live-{n % 7}", "item": new if n % 5 == 0 else rng.choice(known),
                   "action": "view", "time": LATER + (first + n) * 60_000,
                   "event_id": f"e{first + n}"} for n in range(count)]
        status, said = server.ask("/v1/events", events)
        self.assertEqual((status, said["stored"]), (200, count))

    def model_of(self, server):
        return server.ask("/v1/models")[1]["models"][0]

    def folder(self):
        return self.shop / "updates"

    def pulled(self):
        """The event ids of all pulls, each as often as it was pulled."""
        out = []
        for file in sorted(self.folder().glob("events-*.jsonl")):
            out += [json.loads(line)["event_id"] for line in file.read_text().splitlines()]
        return out

    def state(self):
        return json.loads((self.folder() / "state.json").read_text())

    def test_new_events_move_the_model_once(self):
        with self.serve() as server:
            before = self.model_of(server)
            self.say(server, 0, 600)
            self.assertNotIn("new-item", [i["item"] for i in server.ask(
                f"/v1/recommend?user=nobody&k={before['items']}")[1]["items"]])
            done = self.update(server, epochs=3)
            self.assertIn("600 events", done.stdout)
            self.assertIn("judged on", done.stdout)
            self.assertIn("posted", done.stdout)
            after = self.model_of(server)
            self.assertGreater(after["items"], before["items"])
            self.assertIn("update", after["metrics"])
            self.assertIn("new-item", [i["item"] for i in server.ask(
                f"/v1/recommend?user=nobody&k={after['items']}")[1]["items"]])
            first = self.state()
            # Nothing new: it says so and posts nothing.
            posted = (self.shop / "models" / "posted-main.safetensors").stat()
            done = self.update(server)
            self.assertIn("nothing new", done.stdout)
            again = (self.shop / "models" / "posted-main.safetensors").stat()
            self.assertEqual((posted.st_mtime_ns, posted.st_ino),
                             (again.st_mtime_ns, again.st_ino))
            self.assertEqual(self.state(), first)
            # More events: only those are pulled, and the model goes on.
            self.say(server, 600, 100, new="second-item")
            done = self.update(server, "--force")
            self.assertIn("100 events", done.stdout)
            self.assertEqual(self.pulled().count("e0"), 1)
            self.assertEqual(len(self.pulled()), 700)
            self.assertEqual(self.model_of(server)["items"], after["items"] + 1)
            self.assertNotEqual(self.state(), first)

    def test_a_first_event_waits_until_something_follows_it(self):
        with self.serve() as server:
            self.say(server, 0, 50)
            self.update(server, "--force")
            state = self.state()
            server.ask("/v1/events", {"user": "zoe", "item": "jug", "time": LATER + 10**9,
                                      "event_id": "z1"})
            self.assertIn("waits", self.update(server).stdout)
            self.assertEqual(self.state(), state)
            server.ask("/v1/events", {"user": "zoe", "item": "cup", "time": LATER + 2 * 10**9,
                                      "event_id": "z2"})
            self.update(server, "--force")
            self.assertNotEqual(self.state(), state)
            self.assertEqual(self.pulled()[50:], ["z1", "z2"])

    def test_events_that_the_dataset_has_are_not_learnt_again(self):
        with self.serve() as server:
            # Raw rows of the log itself, as a shop that fills its server does.
            rows = self.log.read_text().splitlines()
            header = rows[0].split(",")
            events = []
            for row in rows[1:400]:
                cells = dict(zip(header, row.split(",")))
                if cells["item_id"]:
                    events.append({"user": cells["user_id"], "item": cells["item_id"],
                                   "action": cells["action"], "time": cells["timestamp"]})
            self.assertGreater(len(events), 100)
            status, said = server.ask("/v1/events", events)
            self.assertEqual(status, 200, said)
            done = self.update(server)
            self.assertIn("were known before", done.stdout)
            self.assertIn("nothing new", done.stdout)
            self.assertFalse((self.shop / "models" / "posted-main.safetensors").exists())

    def test_killed_at_any_moment_no_event_is_lost_or_learnt_twice(self):
        with self.serve() as server:
            rng = random.Random(1)
            said = 0
            for _ in range(6):
                self.say(server, said, 40)
                said += 40
                kill_after(rng.uniform(0.02, 2.5), "update", "--server", server.base, *FAST, 1,
                           "--force", cwd=self.shop)
            self.update(server, "--force")
            self.assertEqual(sorted(self.pulled()), sorted(f"e{n}" for n in range(said)))
            state = self.state()
            self.assertTrue(state["posted"])
            model = self.folder() / state["model"]
            posted = self.shop / "models" / "posted-main.safetensors"
            self.assertEqual(model.read_bytes(), posted.read_bytes())
            self.assertIn("nothing new", self.update(server).stdout)

    def test_a_model_that_was_not_posted_is_posted_next_time(self):
        with self.serve() as server:
            self.say(server, 0, 100)
            self.update(server, "--force")
            state = self.state()
            state["posted"] = False  # killed between the two
            (self.folder() / "state.json").write_text(json.dumps(state))
            posted = self.shop / "models" / "posted-main.safetensors"
            posted.unlink()
            self.assertIn("posted", self.update(server).stdout)
            self.assertEqual(posted.read_bytes(), (self.folder() / state["model"]).read_bytes())
            self.assertTrue(self.state()["posted"])

    def test_a_worse_model_is_not_posted_unless_forced(self):
        with self.serve() as server:
            self.say(server, 0, 300)
            wild = ["--update.learning_rate", "30"]
            done = self.update(server, *wild, epochs=2, status=3)
            self.assertIn("worse", done.stderr)
            self.assertFalse((self.shop / "models" / "posted-main.safetensors").exists())
            self.assertFalse((self.folder() / "state.json").exists())
            self.update(server, *wild, "--force", epochs=2)
            self.assertTrue((self.shop / "models" / "posted-main.safetensors").exists())

    def test_refusals_are_one_line(self):
        made = {}
        for name, scopes in (("shop", "ingest,read"), ("boss", "admin,ingest,read")):
            done = subprocess.run([SERVE, "keys", "add", name, scopes], cwd=self.shop,
                                  stdout=subprocess.PIPE, text=True, check=True)
            made[name] = done.stdout.strip()
        with self.serve("--keys", "keys.txt") as server:
            for key, word in (("wrong", "401"), (made["shop"], "403")):
                done = self.update(server, "--key", key, status=None)
                self.assert_refused(done, server.base, word)
                self.assertNotIn(key, done.stderr)
            done = subprocess.run(
                [ENSUE, "update", "--server", server.base, *FAST, "1"], cwd=self.shop, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=dict(os.environ, NO_COLOR="1", ENSUE_KEY=made["boss"]))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("nothing new", done.stdout)
            base = server.base
            server.stop()
        done = ensue("update", "--server", base, cwd=self.shop, status=75)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(base, done.stderr)
        self.assert_refused(ensue("update", cwd=self.shop, status=None), "--server")
        self.assert_refused(ensue("update", "--server", "shop", cwd=self.shop, status=None),
                            "shop", "http://")

    def test_it_speaks_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", "key.pem", "-out", "cert.pem"],
                       cwd=self.shop, check=True, stderr=subprocess.DEVNULL)
        (self.shop / "models").mkdir()
        with Server(self.shop, "--model", "runs/latest/model.safetensors", "--tls-cert",
                    "cert.pem", "--tls-key", "key.pem", scheme="https") as server:
            self.assertIn("nothing new", self.update(server, "--ca", "cert.pem").stdout)
            done = self.update(server, status=75)  # an unknown authority
            self.assertIn(server.base, done.stderr)


if __name__ == "__main__":
    unittest.main()
