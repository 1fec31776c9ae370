# SPDX-License-Identifier: Apache-2.0
"""Questions that tables ask: trained, asked on the command line, asked of the server."""
import csv
import datetime
import json
import random
import re
import unittest

from server import Server
from shop import QUICK, ShopTest, ensue

QUICKLY = ["--table.rounds", "40", "--task.models", "linear,trees"]


def write(path, rows):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)


def visits(count, seed=1):
    """Long visits end in a purchase, those from a letter end in a return."""
    draw = random.Random(seed)
    for number in range(count):
        minutes, source = draw.random() * 10, draw.choice(["search", "letter", "shop"])
        bought = minutes + draw.gauss(0, 1) > 5
        yield {"id": number, "minutes": round(minutes, 3), "source": source,
               "bought": "yes" if bought else "no",
               "end": "none" if not bought else "kept" if source != "letter" else "returned"}


class Tables(ShopTest):
    simulated = ["--users", "200", "--days", "60", "--seed", "1"]

    def setUp(self):
        super().setUp()
        self.rows = list(visits(600))
        write(self.shop / "visits.csv", self.rows)

    def train_visits(self, *more):
        return ensue("train", "--task", "buys", "--task.table", "visits.csv", "--task.target",
                     "bought", "--task.drop", "end,id", *QUICKLY, *more, cwd=self.shop).stdout

    def predicted(self, task, rows):
        ensue("predict", task, "--rows", rows, "--out", "said.csv", cwd=self.shop)
        with open(self.shop / "said.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_a_column_is_trained_judged_and_asked_of_rows(self):
        said = self.train_visits()
        self.assertIn("at random, seed 1", said)
        auc = float(re.search(r"<- best +[\d.]+ +([\d.]+)", said)[1])
        self.assertGreater(auc, 0.9)
        answers = self.predicted("buys", "visits.csv")
        self.assertEqual([row["id"] for row in answers], [str(row["id"]) for row in self.rows])
        long = [float(row["predicted"]) for row in answers if float(row["minutes"]) > 8]
        short = [float(row["predicted"]) for row in answers if float(row["minutes"]) < 2]
        self.assertGreater(min(long), 0.8)
        self.assertLess(max(short), 0.2)
        self.assertIn("by 'id', the last rows judge", self.train_visits("--task.order", "id"))

    def test_the_server_gives_the_offline_answer_about_rows(self):
        self.train_visits()
        ensue("train", "--task", "end", "--task.table", "visits.csv", "--task.target", "end",
              "--task.drop", "bought,id", *QUICKLY, cwd=self.shop)
        buys, ends = self.predicted("buys", "visits.csv"), self.predicted("end", "visits.csv")
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)
        ensue("train", *QUICK, cwd=self.shop)
        models = "runs/customers/buys.safetensors,runs/customers/end.safetensors"
        with Server(self.shop, "--task-models", models) as server:
            asked = [{"minutes": row["minutes"], "source": row["source"]}
                     for row in self.rows[:20]]
            status, said = server.ask("/v1/predict/buys", {"rows": asked})
            self.assertEqual(status, 200, said)
            for answer, row in zip(said["answers"], buys, strict=False):
                self.assertAlmostEqual(answer["answer"], float(row["predicted"]), delta=1e-9)
            status, said = server.ask("/v1/predict/end", {"row": asked[3]})
            self.assertEqual((status, said["answer"]), (200, ends[3]["predicted"]), said)
            for name, share in said["probabilities"].items():
                self.assertAlmostEqual(share, float(ends[3]["p " + name]), delta=1e-9)
            for body, words in (({}, ["row"]),
                                ({"row": {"minutes": 1}}, ["body.row.source", "missing"]),
                                ({"row": {"minutes": 1, "source": "x", "colour": 2}}, ["colour"]),
                                ({"row": {"minutes": "long", "source": "x"}}, ["minutes", "number"]),
                                ({"rows": []}, ["body.rows"]),
                                ({"user": "ann"}, ["body.user"])):
                status, said = server.ask("/v1/predict/buys", body)
                self.assertEqual(status, 400, said)
                for word in words:
                    self.assertIn(word, str(said))
            self.whys_are_served(server, asked)
            self.assertEqual(server.stop(), 0)

    def adds_up(self, why, whole):
        total = why["base"] + sum(column["added"] for column in why["columns"])
        self.assertAlmostEqual(total, why[whole], delta=1e-6)

    def test_an_answer_about_a_row_says_why(self):
        ensue("train", "--task", "buys", "--task.table", "visits.csv", "--task.target", "bought",
              "--task.drop", "end,id", "--table.rounds", "40", "--task.models", "linear+trees",
              cwd=self.shop)
        answers = self.predicted("buys", "visits.csv")
        rows = ["--rows", "visits.csv", "--row", "4", "--row", "9"]
        said = ensue("explain", "buys", *rows, "--json", cwd=self.shop).stdout
        whys = [json.loads(line) for line in said.splitlines()]
        self.assertEqual([why["row"] for why in whys], [4, 9])
        for why in whys:
            self.adds_up(why, "margin")
            row = answers[why["row"] - 1]
            self.assertAlmostEqual(why["answer"], float(row["predicted"]), delta=1e-9)
            minutes = next(c for c in why["columns"] if c["column"] == "minutes")
            self.assertEqual(minutes["added"] > 0, float(row["minutes"]) > 5)
            self.assertEqual({c["column"] for c in why["columns"]}, {"minutes", "source"})
        said = ensue("explain", "buys", *rows, "--rules", "2", "--plot", "why.html",
                     cwd=self.shop).stdout
        self.assertRegex(said, r"row 4  0\.\d+")
        self.assertRegex(said, r"minutes +[\d.]+ +[+-]\d")
        self.assertGreater(float(re.search(r"R2 (\d\.\d+)", said)[1]), 0.7)
        self.assertIn("<svg", (self.shop / "why.html").read_text())
        for arguments, words in (([], ["--rows"]),
                                 (["--rows", "visits.csv", "--row", "601"], ["601", "600"]),
                                 (["--rows", "visits.csv", "--class", "yes"], ["yes"]),
                                 (["--user", "ann", "--rows", "visits.csv"], ["--user"]),
                                 (["--rows", "nowhere.csv"], ["nowhere.csv"])):
            self.assert_refused(ensue("explain", "buys", *arguments, cwd=self.shop, status=None),
                                *words)

    def whys_are_served(self, server, rows):
        """The numbers of ensue explain, of a class and of a yes or no."""
        for task, more in (("buys", []), ("end", ["--class", "kept"])):
            said = ensue("explain", task, "--rows", "visits.csv", "--row", "3", "--json", *more,
                         cwd=self.shop).stdout
            body = {"task": task, "row": rows[2], **({"class": more[1]} if more else {})}
            status, live = server.ask("/v1/explain", body)
            self.assertEqual(status, 200, live)
            self.adds_up(live, "margin")
            offline = json.loads(said)
            for name in ("answer", "margin", "base"):
                self.assertEqual(live[name], offline[name], name)
            self.assertEqual(live["columns"], offline["columns"])
        self.assertEqual(live["class"], "kept")
        for body in ({"task": "buys"}, {"task": "buys", "rows": rows[:2]},
                     {"task": "buys", "row": {"minutes": 3}},
                     {"task": "end", "row": rows[0], "class": "lost"}):
            self.assertEqual(server.ask("/v1/explain", body)[0], 400, body)

    def test_tables_that_cannot_be_asked_are_refused_in_one_line(self):
        write(self.shop / "equal.csv", [{"x": i, "y": 1} for i in range(30)])
        train = ["train", "--task", "buys", "--task.table"]
        for arguments, words in (
                (["nowhere.csv", "--task.target", "x"], ["nowhere.csv"]),
                (["visits.csv"], ["task.target"]),
                (["visits.csv", "--task.target", "colour"], ["colour", "minutes"]),
                (["visits.csv", "--task.target", "bought", "--task.drop", "colour"], ["colour"]),
                (["visits.csv", "--task.target", "end", "--task.kind", "number"], ["row 1"]),
                (["visits.csv", "--task.target", "bought", "--task.order", "source"],
                 ["row 1", "source"]),
                (["equal.csv", "--task.target", "y"], ["all 30 labels are 1"])):
            self.assert_refused(ensue(*train, *arguments, cwd=self.shop, status=None), *words)
        self.assert_refused(ensue("train", "--task", "retention", "--task.table", "visits.csv",
                                  "--task.target", "bought", cwd=self.shop, status=None),
                            "retention")
        self.train_visits()
        write(self.shop / "text.csv", [{"minutes": "long", "source": "shop"}])
        write(self.shop / "less.csv", [{"minutes": 3}])
        write(self.shop / "more.csv", [{"minutes": 3, "source": "shop", "colour": "red"}])
        for arguments, words in ((["--rows", "text.csv"], ["text.csv row 1", "minutes", "long"]),
                                 (["--rows", "less.csv"], ["less.csv", "source"]),
                                 (["--rows", "more.csv"], ["more.csv", "colour"]),
                                 ([], ["--rows"])):
            self.assert_refused(ensue("predict", "buys", *arguments, cwd=self.shop, status=None),
                                *words)

    def test_a_column_that_is_the_answer_is_a_leak(self):
        done = ensue("train", "--task", "buys", "--task.table", "visits.csv", "--task.target",
                     "bought", *QUICKLY, cwd=self.shop, status=2)
        self.assertRegex(done.stdout, "leak .*end")
        self.assertFalse((self.shop / "runs" / "customers" / "buys.safetensors").exists())


class Labels(ShopTest):
    simulated = ["--users", "200", "--days", "60", "--seed", "1"]

    def setUp(self):
        super().setUp()
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)
        with open(self.log, newline="") as file:
            events = list(csv.DictReader(file))
        self.times = {}
        for event in events:
            when = datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))
            self.times.setdefault(event["user_id"], []).append(when.replace(tzinfo=None))
        self.first = min(min(times) for times in self.times.values())

    def at(self, day):
        return (self.first + datetime.timedelta(days=day)).replace(hour=0, minute=0, second=0,
                                                                   microsecond=0)

    def write_labels(self, label, name="labels.csv"):
        """Everybody with a past, asked every fourth day."""
        rows = []
        for day in range(12, 48, 4):
            at = self.at(day)
            for user, times in sorted(self.times.items()):
                if min(times) < at:
                    rows.append({"user": user, "time": at.isoformat(),
                                 "label": label(user, at, times)})
        write(self.shop / name, rows)
        return rows

    def busy(self, user, at, times):
        week = datetime.timedelta(days=7)
        seen = sum(at <= time < at + week for time in times)
        return "none" if seen == 0 else "some" if seen < 20 else "many"

    def test_a_label_table_becomes_a_task(self):
        rows = self.write_labels(self.busy)
        said = ensue("train", "--task", "busy", "--task.label", "labels.csv",
                     "--task.horizon_days", "7", *QUICKLY, cwd=self.shop).stdout
        self.assertIn("class of labels.csv", said)
        self.assertIn("left out", said)
        best = re.search(r"<- best +([\d.]+) +([\d.]+)", said)
        constant = re.search(r"shares +([\d.]+) +([\d.]+)", said)
        self.assertLess(float(best[1]), float(constant[1]))
        ensue("predict", "busy", "--all-users", "--out", "all.csv", cwd=self.shop)
        with open(self.shop / "all.csv", newline="") as file:
            answers = list(csv.DictReader(file))
        self.assertEqual(len(answers), len(self.times))
        for row in answers:
            shares = {name: float(row["p " + name]) for name in ("none", "some", "many")}
            self.assertAlmostEqual(sum(shares.values()), 1, delta=1e-6)
            self.assertEqual(row["busy"], max(shares, key=shares.get))
        one = answers[0]["user"]
        said = ensue("predict", "busy", "--user", one, cwd=self.shop).stdout
        self.assertIn(f"{one}  {answers[0]['busy']}", said)
        self.assertTrue(rows)

    def test_a_select_over_the_log_is_a_label_table(self):
        day = self.at(40).date()
        select = ("SELECT \"user\", t AS time, count(*) FILTER (e.time >= t) > 0 AS label FROM "
                  "events e, (SELECT unnest(generate_series(TIMESTAMP '" + str(self.at(10).date()) +
                  "', TIMESTAMP '" + str(day) + "', INTERVAL 6 DAY)) AS t) WHERE e.time < t + "
                  "INTERVAL 6 DAY GROUP BY ALL HAVING min(e.time) < t")
        said = ensue("train", "--task", "here", "--task.label", select, "--task.horizon_days", "6",
                     *QUICKLY, cwd=self.shop).stdout
        self.assertRegex(said, r"<- best")
        self.assertIn("binary of label", said)

    def test_a_label_that_a_feature_tells_is_a_leak(self):
        self.write_labels(lambda user, at, times: int(
            sum(at - datetime.timedelta(days=7) <= time < at for time in times) > 10))
        done = ensue("train", "--task", "told", "--task.label", "labels.csv", *QUICKLY,
                     cwd=self.shop, status=2)
        self.assertIn("leak", done.stdout)

    def test_label_tables_that_cannot_be_asked_are_refused_in_one_line(self):
        user = sorted(self.times)[0]
        at = self.at(30).isoformat()
        for name, rows, words in (
                ("who.csv", [(user, at, 1), ("nobody", at, 0)], ["who.csv row 2", "nobody"]),
                ("when.csv", [(user, "2001-01-01", 1), (user, at, 0)], ["when.csv row 1", "2001"]),
                ("same.csv", [(user, at, 1)], ["all 1 labels are 1"]),
                ("few.csv", [(user, at, 1), (user, self.at(31).isoformat(), 0)], ["few.csv"])):
            write(self.shop / name, [dict(zip(("user", "time", "label"), row)) for row in rows])
            self.assert_refused(ensue("train", "--task", "asked", "--task.label", name,
                                      cwd=self.shop, status=None), *words)
        rows = self.write_labels(self.busy)
        rows[-1]["label"] = "never"
        write(self.shop / "late.csv", rows)
        self.assert_refused(ensue("train", "--task", "asked", "--task.label", "late.csv",
                                  cwd=self.shop, status=None), "'never'", "never seen in training")
        self.assert_refused(ensue("train", "--task", "retention", "--task.label", "late.csv",
                                  cwd=self.shop, status=None), "retention")


def mails(count, seed=1):
    """The red mail makes the young come, the blue one nobody."""
    draw = random.Random(seed)
    for number in range(count):
        age, mail = draw.randint(20, 79), draw.choice(["none", "red", "blue"])
        came = draw.random() < 0.1 + (0.4 if mail == "red" and age < 45 else 0)
        yield {"customer": f"c{number}", "age": age, "city": draw.choice(["York", "Leeds"]),
               "mail": mail, "visit": int(came), "spend": round(10 * draw.random(), 2) * came}


class Responses(ShopTest):
    campaign = ["--task.table", "mails.csv", "--task.treatment", "mail", "--task.treated", "red",
                "--task.control", "none", "--task.target", "visit"]
    quick = ["--task.learners", "two-linear,robust-linear"]

    def setUp(self):
        super().setUp()
        write(self.shop / "mails.csv", list(mails(4500)))

    def but(self, option, value):
        out = list(self.campaign)
        out[out.index(option) + 1] = value
        return out

    def test_whom_a_campaign_changes_and_what_a_budget_brings(self):
        said = ensue("train", "--task", "response", *self.campaign, *self.quick, "--task.drop",
                     "customer,spend", cwd=self.shop).stdout
        self.assertRegex(said, r"red +[\d,]+ .* beats random")
        self.assertRegex(said, r"blue +[\d,]+ .*random")
        self.assertRegex(said, r"<- best")
        said = ensue("predict", "response", "--rows", "mails.csv", "--budget", "1200", "--out",
                     "letters.csv", cwd=self.shop).stdout
        with open(self.shop / "letters.csv", newline="") as file:
            letters = list(csv.DictReader(file))
        self.assertEqual(len(letters), 1200)
        effects = [float(row["effect"]) for row in letters]
        self.assertEqual(effects, sorted(effects, reverse=True))
        self.assertLess(sum(int(row["age"]) for row in letters) / 1200, 40)
        gain = float(re.search(r"expected: ([\d.]+) more 'visit'", said)[1])
        by_chance = float(re.search(r"at random: ([\d.]+)", said)[1])
        self.assertGreater(gain, 1.3 * by_chance)
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)
        ensue("train", *QUICK, cwd=self.shop)
        with Server(self.shop, "--task-models", "runs/customers/response.safetensors") as server:
            row = {"age": int(letters[0]["age"]), "city": letters[0]["city"]}
            status, answer = server.ask("/v1/predict/response", {"row": row})
            self.assertEqual(status, 200, answer)
            self.assertAlmostEqual(answer["effect"], effects[0], delta=1e-9)
            self.assertEqual(server.ask("/v1/predict/response", {"row": {"age": 3}})[0], 400)
            status, why = server.ask("/v1/explain", {"task": "response", "row": row})
            self.assertEqual(status, 200, why)
            self.assertAlmostEqual(why["effect"], effects[0], delta=1e-9)
            self.assertEqual(server.stop(), 0)
        write(self.shop / "two.csv", [{"age": 25, "city": "York"}, {"age": 70, "city": "York"}])
        said = ensue("explain", "response", "--rows", "two.csv", "--row", "1", "--row", "2",
                     "--json", cwd=self.shop).stdout
        young, old = (json.loads(line) for line in said.splitlines())
        for why, adds in ((young, 1), (old, -1)):
            total = why["base"] + sum(column["added"] for column in why["columns"])
            self.assertAlmostEqual(total, why["effect"], delta=1e-6)
            self.assertEqual(why["columns"][0]["column"], "age")
            self.assertGreater(adds * why["columns"][0]["added"], 0.02)
        said = ensue("explain", "response", "--rows", "two.csv", cwd=self.shop).stdout
        self.assertRegex(said, r"row 1  effect 0\.\d+ = ")
        self.assertRegex(said, r"age +25 +\+\d")
        self.assert_refused(ensue("explain", "response", "--rows", "two.csv", "--rules", "2",
                                  cwd=self.shop, status=None), "--rules")

    def test_campaigns_that_cannot_be_asked_are_refused_in_one_line(self):
        for arguments, words in (
                (self.campaign, ["mails.csv", "spend", "--task.drop"]),
                (["--task.table", "mails.csv", "--task.target", "visit"], ["task.treatment"]),
                (self.but("--task.treated", "green"), ["green", "blue"]),
                (self.but("--task.control", "red"), ["red"]),
                (self.but("--task.target", "city"), ["row 2", "city"]),
                ([*self.campaign, "--task.drop", "customer,spend", "--task.learners", "oracle"],
                 ["oracle", "two-linear"])):
            self.assert_refused(ensue("train", "--task", "response", *arguments, cwd=self.shop,
                                      status=None), *words)
        self.assert_refused(ensue("predict", "response", "--rows", "mails.csv", cwd=self.shop,
                                  status=None), "response.safetensors")


class Moments(ShopTest):
    simulated = ["--users", "400", "--days", "90", "--seed", "1"]

    def test_intent_is_asked_of_open_sessions_alone(self):
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)
        said = ensue("train", "--task", "intent", *QUICKLY, cwd=self.shop).stdout
        best = re.search(r"<- best +([\d.]+) +([\d.]+)", said)
        share = re.search(r"share +([\d.]+) ", said)
        self.assertLess(float(best[1]), float(share[1]))
        self.assertGreater(float(best[2]), 0.58)
        with open(self.log, newline="") as file:
            events = sorted(csv.DictReader(file), key=lambda event: event["timestamp"])
        bought = {(event["user_id"], event["timestamp"][:10]) for event in events
                  if event["action"] == "purchase"}
        last = [event for event in events
                if (event["user_id"], event["timestamp"][:10]) not in bought
                and "T04" < event["timestamp"][10:] < "T20"][-1]
        at = datetime.datetime.fromisoformat(last["timestamp"].replace("Z", "+00:00"))
        at += datetime.timedelta(seconds=1)
        asked = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        said = ensue("predict", "intent", "--user", last["user_id"], "--at", asked,
                     cwd=self.shop).stdout
        self.assertRegex(said, last["user_id"] + r"  0\.\d+")
        later = (at + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assert_refused(ensue("predict", "intent", "--user", last["user_id"], "--at", later,
                                  cwd=self.shop, status=None), "no session is open")

    def test_satisfaction_is_what_the_next_review_says(self):
        draw = random.Random(1)
        rows = []
        for user in range(60):
            kind = 4 if user % 2 else 2
            for day in range(0, 60, 3):
                hour = f"2024-{1 + day // 30:02}-{1 + day % 28:02}T{user % 24:02}:"
                rows.append({"user": f"u{user}", "item": f"i{draw.randint(0, 9)}",
                             "time": hour + "00:00", "action": "purchase", "value": kind * 10})
                rows.append({"user": f"u{user}", "item": f"i{draw.randint(0, 9)}",
                             "time": hour + "30:00", "action": "review",
                             "value": min(5, max(1, kind + draw.randint(-1, 1)))})
        write(self.shop / "reviews.csv", rows)
        ensue("init", "reviews.csv", cwd=self.shop)
        ensue("import", cwd=self.shop)
        said = ensue("train", "--task", "satisfaction", *QUICKLY, cwd=self.shop).stdout
        best = re.search(r"<- best +([\d.]+) +([\d.]+)", said)
        mean = re.search(r"mean +([\d.]+) +([\d.]+)", said)
        self.assertLess(float(best[1]), 0.9 * float(mean[1]))
        said = ensue("predict", "satisfaction", "--user", "u1", "--user", "u2", cwd=self.shop).stdout
        stars = {m[1]: float(m[2]) for m in re.finditer(r"^(u\d)  (-?[\d.]+)$", said, re.M)}
        self.assertGreater(stars["u1"], stars["u2"] + 1)


if __name__ == "__main__":
    unittest.main()
