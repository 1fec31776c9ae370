# SPDX-License-Identifier: Apache-2.0
"""A small shop in a fresh folder, and the program as people start it."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ENSUE = pathlib.Path(os.environ["ENSUE_BINARY"]).resolve()
SMALL = ["--users", "300", "--days", "60", "--seed", "1"]
QUICK = ["--epochs", "3", "--model", "gru", "--model.width", "16",
         "--model.hidden", "16", "--judge.bootstrap", "50", "--threads", "1"]


def ensue(*arguments, cwd, status=0):
    """Runs a verb; its standard output and error. Fails on another status."""
    done = subprocess.run([ENSUE, *map(str, arguments)], cwd=cwd, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, NO_COLOR="1"))
    if status is not None and done.returncode != status:
        raise AssertionError(
            f"ensue {' '.join(map(str, arguments))}: exit status "
            f"{done.returncode}, expected {status}\n{done.stdout}\n{done.stderr}")
    return done


def kill_after(seconds, *arguments, cwd):
    """Starts a verb and kills it -9; True when it was still at work."""
    run = subprocess.Popen([ENSUE, *map(str, arguments)], cwd=cwd,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.wait()
        return True


def seconds_of(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


class ShopTest(unittest.TestCase):
    """Each class simulates its log once; each test gets a fresh folder."""

    simulated = SMALL

    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="ensue-e2e-"))
        ensue("simulate", "--out", "log", *cls.simulated, cwd=cls.home)
        cls.log = cls.home / "log" / "events.csv"

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.home)

    def setUp(self):
        self.shop = pathlib.Path(tempfile.mkdtemp(dir=self.home))

    def assert_refused(self, done, *words):
        """Exit status 2 and one line that holds every word."""
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
