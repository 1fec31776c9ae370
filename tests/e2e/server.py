# SPDX-License-Identifier: Apache-2.0
"""A server as people run it: a process, a port, signals."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

SERVE = pathlib.Path(os.environ["ENSUE_SERVE"]).resolve()


class Server:
    """A running server; leaves no process behind."""

    def __init__(self, folder, *options, scheme="http", within=()):
        self.log = open(folder / "serve.log", "w+")
        self.run = subprocess.Popen(
            [*within, SERVE, "--port", "0", *map(str, options)], cwd=folder,
            stdout=self.log, stderr=subprocess.STDOUT)
        self.base = None
        deadline = time.monotonic() + 60
        while self.base is None:
            text = self.said()
            found = re.search(r"https?://([\d.]+:\d+)", text)
            if found:
                self.base = f"{scheme}://{found[1]}"
            elif self.run.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{text}")
            else:
                time.sleep(0.02)

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def ask(self, path, body=None, method=None, headers=None, context=None):
        """Status and answer, parsed when it is JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except json.JSONDecodeError:
            return status, text

    def items(self, user):
        return [i["item"] for i in self.ask(f"/v1/recommend?user={user}")[1]["items"]]

    def stop(self, how=signal.SIGTERM):
        if self.run.poll() is None:
            self.run.send_signal(how)
        status = self.run.wait(timeout=60)
        self.log.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
