# SPDX-License-Identifier: Apache-2.0
"""Questions about customers: trained, asked on the command line, asked of the server."""
import csv
import datetime
import json
import re
import unittest

from server import Server
from shop import QUICK, ShopTest, ensue

HORIZON = ["--task.horizon_days", "20", "--task.step_days", "10", "--table.rounds", "50"]


class Customers(ShopTest):
    simulated = ["--users", "200", "--days", "100", "--seed", "1"]

    def setUp(self):
        super().setUp()
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)

    def predicted(self, task, *arguments):
        said = ensue("predict", task, *arguments, cwd=self.shop).stdout
        return {m[1]: float(m[2]) for m in re.finditer(r"^(\S+)  (-?[\d.]+)$", said, re.M)}

    def test_a_task_is_trained_judged_and_asked_for_one_and_for_all(self):
        said = ensue("train", "--task", "retention", *HORIZON, cwd=self.shop).stdout
        self.assertRegex(said, r"<- best +[\d.]+ +[\d.]+")
        self.assertIn("purchase_recency alone", said)
        one = self.predicted("retention", "--user", "u0000003")
        self.assertEqual(list(one), ["u0000003"])
        ensue("predict", "retention", "--all-users", "--out", "all.csv", cwd=self.shop)
        with open(self.shop / "all.csv", newline="") as file:
            rows = [(row["user"], float(row["retention"])) for row in csv.DictReader(file)]
        self.assertEqual(rows, sorted(rows, key=lambda row: -row[1]))
        self.assertEqual(len({user for user, _ in rows}), len(rows))
        self.assertTrue(all(0 <= answer <= 1 for _, answer in rows))
        self.assertAlmostEqual(dict(rows)["u0000003"], one["u0000003"], delta=6e-5)

    def test_the_server_gives_the_offline_answer(self):
        ensue("train", *QUICK, cwd=self.shop)
        for task, more in (("retention", ["--task.models", "head+trees"]), ("value", [])):
            ensue("train", "--task", task, *HORIZON, *more, cwd=self.shop)
        models = ["--task-models", "runs/customers/retention.safetensors,"
                  "runs/customers/value.safetensors"]
        with Server(self.shop, *models) as server, open(self.log, newline="") as file:
            events = [{"user": row["user_id"], "item": row["item_id"], "action": row["action"],
                       "time": row["timestamp"],
                       **({"value": float(row["price"])} if row["price"] else {}),
                       **({"dwell_s": float(row["dwell_s"])} if row["dwell_s"] else {})}
                      for row in csv.DictReader(file) if row["user_id"] < "u0000015"]
            status, said = server.ask("/v1/events", events)
            self.assertEqual((status, said.get("stored")), (200, len(events)), said)
            for task in ("retention", "value"):
                for user in ("u0000003", "u0000007", "u0000012"):
                    status, said = server.ask(f"/v1/predict/{task}", {"user": user})
                    self.assertEqual(status, 200, said)
                    at = datetime.datetime.fromtimestamp(said["time"] / 1000,
                                                         datetime.timezone.utc)
                    asked = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
                    offline = self.predicted(task, "--user", user, "--at", asked)
                    self.assertAlmostEqual(said["answer"], offline[user], delta=6e-5,
                                           msg=f"{task} of {user}")
            self.assertEqual(server.ask("/v1/predict/value", {"user": "nobody"})[0], 404)
            self.assertEqual(server.ask("/v1/predict/active", {"user": "u0000003"})[0], 404)
            self.assertEqual(server.stop(), 0)

    def test_the_churn_list_has_the_money_and_the_survival_curve_falls(self):
        ensue("train", "--task", "retention", *HORIZON, "--task.models", "linear", cwd=self.shop)
        said = ensue("predict", "retention", "--churn", "--survival", "--user", "u0000003",
                     "--out", "churn.csv", cwd=self.shop).stdout
        with open(self.shop / "churn.csv", newline="") as file:
            rows = [{k: v if k == "user" else float(v) for k, v in row.items()}
                    for row in csv.DictReader(file)]
        self.assertGreater(len(rows), 100)
        risks = [row["value_at_risk"] for row in rows]
        self.assertEqual(risks, sorted(risks, reverse=True))
        for row in rows:
            self.assertAlmostEqual(row["value_at_risk"], (1 - row["retention"]) *
                                   row["usual_spend"], places=6)
        self.assertGreater(risks[0], 0)
        shares = [float(share) for share in
                  re.findall(r"([\d.]+) %", re.search(r"^ +any .*$", said, re.M)[0])]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertGreaterEqual(len(shares), 5)
        self.assertRegex(said, r"u0000003: \d+ purchases; still away in 7 days")
        ensue("train", "--task", "active", *HORIZON, "--task.models", "linear", cwd=self.shop)
        self.assert_refused(ensue("predict", "active", "--churn", cwd=self.shop, status=None),
                            "--churn", "retention")

    def test_an_answer_says_why_and_the_server_says_the_same(self):
        ensue("train", *QUICK, cwd=self.shop)
        ensue("train", "--task", "retention", *HORIZON, "--task.models", "trees", cwd=self.shop)
        said = ensue("explain", "retention", "--user", "u0000003", "--rules", "2", "--faithful",
                     "40", "--plot", "why.html", cwd=self.shop).stdout
        self.assertRegex(said, r"log-odds -?[\d.]+ before calibration")
        self.assertRegex(said, r"as [1-4] rules, .* R2 [\d.]+")
        ratio = re.search(r"faithful\? of \d+ customers.*: ([\d.]+|inf) times", said)
        self.assertGreater(float(ratio[1]), 1, said)
        page = (self.shop / "why.html").read_text()
        self.assertIn("what each feature adds", page)
        self.assertIn("<rect ", page)
        with Server(self.shop, "--task-models", "runs/customers/retention.safetensors") as server:
            with open(self.log, newline="") as file:
                events = [{"user": row["user_id"], "item": row["item_id"],
                           "action": row["action"], "time": row["timestamp"],
                           **({"value": float(row["price"])} if row["price"] else {}),
                           **({"dwell_s": float(row["dwell_s"])} if row["dwell_s"] else {})}
                          for row in csv.DictReader(file) if row["user_id"] == "u0000003"]
            self.assertEqual(server.ask("/v1/events", events)[0], 200)
            status, live = server.ask("/v1/explain", {"user": "u0000003", "task": "retention"})
            self.assertEqual(status, 200, live)
            at = datetime.datetime.fromtimestamp(live["time"] / 1000, datetime.timezone.utc)
            asked = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            offline = json.loads(ensue("explain", "retention", "--user", "u0000003", "--json",
                                       "--at", asked, cwd=self.shop).stdout)
            for part in ("margin", "base", "answer"):
                self.assertAlmostEqual(live[part], offline[part], places=5)
            for one in (live, offline):
                self.assertAlmostEqual(one["margin"], one["base"] +
                                       sum(f["added"] for f in one["features"]), places=4)
            self.assertEqual([e["moved"] for e in live["events"]],
                             [e["moved"] for e in offline["events"]])
            self.assertEqual(len(live["events"]), min(200, len(events)))
            for body, status in (({"user": "nobody", "task": "retention"}, 404),
                                 ({"user": "u0000003", "task": "value"}, 404),
                                 ({"user": "u0000003", "task": "retention", "item": "x"}, 400),
                                 ({"user": "u0000003", "task": "retention", "max_events": 0}, 400)):
                self.assertEqual(server.ask("/v1/explain", body)[0], status, body)
        for arguments, words in (([], ["--user"]), (["--user", "nobody"], ["nobody"])):
            self.assert_refused(ensue("explain", "retention", *arguments, cwd=self.shop,
                                      status=None), *words)

    def test_what_cannot_be_asked_is_refused_in_one_line(self):
        for arguments, words in ((["--task", "churnometer"], ["churnometer", "retention"]),
                                 (["--task", "retention", "--task.horizon_days", "90"],
                                  ["horizon", "90 days"]),
                                 (["--task", "propensity"], ["items"]),
                                 (["--task", "retention", "--task.action", "steal"], ["steal"])):
            self.assert_refused(ensue("train", *arguments, cwd=self.shop, status=None), *words)
        self.assert_refused(ensue("predict", "retention", "--user", "u0000003", cwd=self.shop,
                                  status=None), "retention.safetensors")
        ensue("train", "--task", "retention", *HORIZON, cwd=self.shop)
        for arguments, words in ((["--user", "nobody"], ["nobody"]),
                                 ([], ["--user"]),
                                 (["--user", "u0000003", "--at", "2001-01-01"], ["2001-01-01"]),
                                 (["--user", "u0000003", "--at", "soon"], ["soon"])):
            self.assert_refused(ensue("predict", "retention", *arguments, cwd=self.shop,
                                      status=None), *words)


if __name__ == "__main__":
    unittest.main()
