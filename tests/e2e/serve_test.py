# SPDX-License-Identifier: Apache-2.0
"""The server as people run it: a process, a port, signals, kill -9."""
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import signal
import ssl
import stat
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from server import SERVE, Server
from shop import QUICK, ShopTest, ensue


class Serving(ShopTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trained = cls.home / "trained"
        cls.trained.mkdir()
        ensue("init", cls.log, cwd=cls.trained)
        ensue("import", cwd=cls.trained)
        ensue("train", *QUICK, cwd=cls.trained)
        cls.model = cls.trained / "runs" / "latest" / "model.safetensors"

    def serve(self, *options, **more):
        server = Server(self.shop, "--model", self.model, *options, **more)
        self.addCleanup(server.stop, signal.SIGKILL)
        return server

    def known_items(self, server):
        return server.items("nobody")

    def test_it_links_nothing_that_only_training_needs(self):
        said = subprocess.run(["ldd", SERVE], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        linked = re.sub(r"\(0x[0-9a-f]+\)", "", said)  # addresses may hold any letters
        self.assertIn("librocksdb", linked)
        for library in ("torch", "c10", "duckdb", "xgboost"):
            self.assertNotIn(library, linked)

    def test_each_event_changes_the_next_answer_also_after_a_restart(self):
        with self.serve() as server:
            known = self.known_items(server)
            answers = [server.items("ann")]
            for item in known[:3]:
                status, said = server.ask("/v1/events", {"user": "ann", "item": item})
                self.assertEqual((status, said), (200, {"stored": 1, "repeated": 0}))
                answers.append(server.items("ann"))
            for before, after in zip(answers, answers[1:]):
                self.assertNotEqual(before, after)
            self.assertEqual(server.stop(), 0)
            self.assertIn("stopped", server.said())
        with self.serve() as server:
            self.assertEqual(server.items("ann"), answers[-1])

    def test_what_was_acknowledged_is_there_after_kill_9(self):
        rng = random.Random(1)
        acknowledged = []
        for life in range(3):
            server = self.serve("--sync", "everysec" if life else "always")
            known = self.known_items(server)

            def write(thread):
                for n in range(10_000):
                    event = {"user": f"u{rng.randrange(20)}", "item": rng.choice(known),
                             "event_id": f"{life}-{thread}-{n}"}
                    try:
                        status, _ = server.ask("/v1/events", event)
                    except (urllib.error.URLError, OSError):
                        return
                    if status == 200:
                        acknowledged.append((event["user"], event["event_id"]))

            with concurrent.futures.ThreadPoolExecutor(4) as threads:
                writers = [threads.submit(write, t) for t in range(4)]
                time.sleep(0.5 + rng.random())
                server.stop(signal.SIGKILL)
                for writer in writers:
                    writer.result()
        self.assertGreater(len(acknowledged), 300)
        with self.serve() as server:
            stored = {}
            for user in {user for user, _ in acknowledged}:
                history = server.ask(f"/v1/users/{user}?n=100000")[1]["history"]
                ids = [event["event_id"] for event in history]
                self.assertEqual(len(ids), len(set(ids)), "an event stands twice")
                stored[user] = set(ids)
            lost = [one for one in acknowledged if one[1] not in stored[one[0]]]
            self.assertEqual(lost, [])

    def test_a_full_disk_refuses_events_and_nothing_else(self):
        # A small file system of the server's own, gone with it.
        within = ["unshare", "--map-root-user", "--mount", "sh", "-c",
                  'mount -t tmpfs -o size=48m tmpfs small && exec "$@"', "sh"]
        (self.shop / "small").mkdir()
        try:
            subprocess.run([*within, "true"], cwd=self.shop, check=True, stderr=subprocess.PIPE)
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"no file system can be mounted here: {error}")
        with self.serve("--store", "small/store", within=within) as server:
            known = self.known_items(server)
            acknowledged = set()

            def write(n):
                event = {"user": "ann", "item": known[n % 5], "event_id": f"e{n}",
                         "text": "x" * 200_000}
                status, said = server.ask("/v1/events", event)
                if status == 200:
                    acknowledged.add(event["event_id"])
                return status, said

            self.assertEqual(write(0)[0], 200)
            ballast = pathlib.Path(f"/proc/{server.run.pid}/root") / (
                self.shop / "small" / "ballast").relative_to("/")
            with open(ballast, "wb") as file:
                with self.assertRaises(OSError):
                    while True:
                        file.write(b"x" * 65536)
                        file.flush()
            # The log has some space of its own set apart.
            n, status = 1, 200
            while status == 200 and n < 500:
                n += 1
                status, said = write(n)
            self.assertEqual(status, 503, said)
            self.assertRegex(said["error"], "(?i)space")
            self.assertEqual(write(n)[0], 503)
            self.assertEqual(len(server.items("ann")), len(known))
            self.assertEqual(server.ask("/v1/users/ann")[1]["events"], len(acknowledged))
            self.assertEqual(server.ask("/health/live")[0], 200)
            ballast.unlink()
            self.wait(lambda: write(n)[0] == 200)
            self.assertEqual(write(n + 1)[0], 200)
            history = server.ask("/v1/users/ann?n=1000")[1]["history"]
            self.assertEqual(sorted(e["event_id"] for e in history), sorted(acknowledged))
            self.assertEqual(server.stop(), 0)

    def test_an_erased_user_is_in_no_file(self):
        name = "erika-mustermann-7731"
        with self.serve() as server:
            known = self.known_items(server)
            for user in (name, "somebody else"):
                server.ask("/v1/events", {"user": user, "item": known[0], "text": "wishes " + user})
                server.items(user.replace(" ", "%20"))
            self.assertTrue(self.holding(b"mustermann"))
            self.assertEqual(server.ask(f"/v1/users/{name}", method="DELETE")[0], 200)
            self.assertEqual(self.holding(b"mustermann"), [])
            self.assertEqual(server.ask(f"/v1/users/{name}")[0], 404)
            self.assertEqual(server.ask("/v1/users/somebody%20else")[1]["events"], 1)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(self.holding(b"mustermann"), [])

    def holding(self, text):
        return [p for p in (self.shop / "store").rglob("*")
                if p.is_file() and text in p.read_bytes()]

    def test_other_addresses_need_keys(self):
        done = subprocess.run([SERVE, "--model", self.model, "--address", "0.0.0.0"],
                              cwd=self.shop, stderr=subprocess.PIPE, text=True)
        self.assert_refused(done, "0.0.0.0", "--keys", "--insecure")
        keys = {}
        for name, scopes in (("shop", "ingest,read"), ("boss", "admin")):
            done = subprocess.run([SERVE, "keys", "add", name, scopes], cwd=self.shop,
                                  stdout=subprocess.PIPE, text=True, check=True)
            keys[name] = done.stdout.strip()
        file = self.shop / "keys.txt"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertNotIn(keys["shop"], file.read_text())
        with self.serve("--address", "0.0.0.0", "--keys", "keys.txt", "--open", "gorse") as server:
            server.base = server.base.replace("0.0.0.0", "127.0.0.1")
            self.assertEqual(server.ask("/v1/models")[0], 401)
            shop = {"X-API-Key": keys["shop"]}
            self.assertEqual(server.ask("/v1/models", headers=shop)[0], 200)
            self.assertEqual(server.ask("/v1/events/export", headers=shop)[0], 403)
            boss = {"Authorization": "Bearer " + keys["boss"]}
            self.assertEqual(server.ask("/v1/events/export", headers=boss)[0], 200)
            self.assertEqual(server.ask("/health/ready")[0], 200)
            # A signal brings new keys in; a broken file leaves the old ones.
            text = file.read_text()
            file.write_text("\n".join(l for l in text.splitlines() if "shop" not in l))
            server.run.send_signal(signal.SIGHUP)
            self.wait(lambda: server.ask("/v1/models", headers=shop)[0] == 401)
            file.write_text("nonsense here\n")
            server.run.send_signal(signal.SIGHUP)
            self.wait(lambda: "keys stay" in server.said())
            self.assertEqual(server.ask("/v1/models", headers=boss)[0], 200)

    def wait(self, holds):
        deadline = time.monotonic() + 20
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_it_speaks_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", "key.pem", "-out", "cert.pem"],
                       cwd=self.shop, check=True, stderr=subprocess.DEVNULL)
        with self.serve("--tls-cert", "cert.pem", "--tls-key", "key.pem",
                        scheme="https") as server:
            trusted = ssl.create_default_context(cafile=self.shop / "cert.pem")
            self.assertEqual(server.ask("/health/live", context=trusted)[0], 200)
            with self.assertRaises(urllib.error.URLError):
                server.ask("/health/live")
        done = subprocess.run([SERVE, "--model", self.model, "--tls-cert", "key.pem",
                               "--tls-key", "key.pem"], cwd=self.shop,
                              stderr=subprocess.PIPE, text=True)
        self.assert_refused(done, "tls_cert", "key.pem")

    def test_models_are_swapped_only_when_they_are_whole(self):
        folder = self.shop / "models"
        folder.mkdir()
        ensue("train", *QUICK, "--seed", "2", cwd=self.trained)
        runs = sorted((self.trained / "runs").glob("*/model.safetensors"))
        first, second = runs[0], runs[-1]
        self.assertNotEqual(first.read_bytes(), second.read_bytes())
        with Server(self.shop, "--model", first, "--model-folder", folder) as server:
            before = server.items("ann")
            whole = second.read_bytes()
            binary = {"Content-Type": "application/octet-stream"}
            for broken in (whole[:-100], whole[:5000] + b"x" + whole[5001:], b"", b"not a model"):
                status, said = server.ask("/v1/models?name=main", broken, headers=binary)
                self.assertIn(status, (400, 422), said)
                self.assertEqual(server.items("ann"), before)
            self.assertEqual(server.ask("/v1/models", {"file": "../x"})[0], 400)
            self.assertEqual(server.ask("/v1/models", {"file": "nothing"})[0], 404)
            self.assertEqual(list(folder.glob("*.new")), [])
            self.assertEqual(server.ask("/v1/models?name=main", whole, headers=binary)[0], 200)
            self.assertNotEqual(server.items("ann"), before)
            shutil.copy(first, folder / "again")
            self.assertEqual(server.ask("/v1/models", {"file": "again"})[0], 200)
            self.assertEqual(server.items("ann"), before)

    def test_a_log_replayed_through_the_server_gives_the_scores_of_the_engine(self):
        done = ensue("replay", "--questions", "300", cwd=self.trained)
        self.assertRegex(done.stdout, r"the same first 10 in (\d+) of \1;")

    def test_two_servers_share_one_redis(self):
        if shutil.which("redis-server") is None:
            self.skipTest("redis-server is not installed")
        socket = self.shop / "redis.sock"
        redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", self.shop],
            stdout=subprocess.DEVNULL)
        try:
            self.wait(socket.exists)
            shared = ["--store", f"redis://{socket}"]
            (self.shop / "b").mkdir()
            with self.serve(*shared) as a, Server(
                    self.shop / "b", "--model", self.model, *shared) as b:
                known = self.known_items(a)
                for turn, item in enumerate(known[:4]):
                    one, other = (a, b) if turn % 2 else (b, a)
                    shown = one.items("ann")
                    self.assertEqual(other.items("ann"), shown)
                    one.ask("/v1/events", {"user": "ann", "item": item})
                    self.assertNotEqual(one.items("ann"), shown)
                    self.assertEqual(one.items("ann"), other.items("ann"))
        finally:
            redis.terminate()
            redis.wait()

    def test_bad_options_are_one_line(self):
        for options, words in ((["--sync", "never"], ["sync", "never", "everysec"]),
                               (["--state-memory", "lots"], ["state_memory", "lots"]),
                               (["--open", "nothing"], ["open", "nothing", "v1"]),
                               (["--nonsense"], ["--nonsense"])):
            done = subprocess.run([SERVE, "--model", self.model, *options], cwd=self.shop,
                                  stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
            self.assert_refused(done, *words)
        done = subprocess.run([SERVE, "--model", "none.safetensors"], cwd=self.shop,
                              stderr=subprocess.PIPE, text=True)
        self.assert_refused(done, "none.safetensors")


if __name__ == "__main__":
    unittest.main()
