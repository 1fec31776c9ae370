# SPDX-License-Identifier: Apache-2.0
"""Who the customers are, who does not fit, what a query means: asked and served."""
import csv
import datetime
import re
import shutil
import unittest

from server import Server
from shop import QUICK, ShopTest, ensue

SEGMENTS = ["--task", "segments", "--task.resamples", "4", "--task.most", "5"]
MODEL = "runs/customers/{}.safetensors"


def as_asked(millis):
    at = datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Insight(ShopTest):
    simulated = ["--users", "400", "--days", "60", "--seed", "1", "--bots", "0.02"]

    def setUp(self):
        super().setUp()
        ensue("init", self.log, cwd=self.shop)
        ensue("import", cwd=self.shop)

    def train(self, *arguments):
        return ensue("train", *arguments, cwd=self.shop).stdout

    def predict(self, *arguments):
        return ensue("predict", *arguments, cwd=self.shop).stdout

    def rows(self, task, *arguments):
        self.predict(task, "--all-users", "--out", "all.csv", *arguments)
        with open(self.shop / "all.csv", newline="") as file:
            return list(csv.DictReader(file))

    def customers(self):
        with open(self.log, newline="") as file:
            return {row["user_id"] for row in csv.DictReader(file)}

    def found(self, *arguments):
        said = self.predict("search", *arguments)
        return re.findall(r"^  (i\d{7})  (.*?)  +(-?\d\S*)  +\S+  ", said, re.M)

    def test_groups_are_named_and_everybody_is_in_one(self):
        said = self.train(*SEGMENTS)
        self.assertRegex(said, r"taken: \d")
        self.assertIn("recommend:", said)
        rows = self.rows("segments")
        self.assertEqual({row["user"] for row in rows}, self.customers())
        self.assertEqual(len(rows), len(self.customers()))
        one = rows[len(rows) // 2]
        self.assertIn(f"group {one['group']}, {one['name']}; "
                      f"distance {float(one['distance']):.4f}",
                      self.predict("segments", "--user", one["user"]))

    def test_groups_keep_their_ids_when_fitted_anew(self):
        self.train(*SEGMENTS)
        before = self.rows("segments")
        self.assertIn("ids as in", self.train(*SEGMENTS, "--task.seed", "9"))
        with_other_seed = {row["user"]: row["group"] for row in self.rows("segments")}
        same = sum(with_other_seed[row["user"]] == row["group"] for row in before)
        self.assertGreater(same, 0.8 * len(before))
        fresh = self.train(*SEGMENTS, "--task.previous", "none")
        self.assertNotIn("ids as in", fresh)

    def post_events(self, server):
        """Those of the first customers of the log."""
        with open(self.log, newline="") as file:
            events = [{"user": row["user_id"], "item": row["item_id"], "action": row["action"],
                       "time": row["timestamp"],
                       **({"value": float(row["price"])} if row["price"] else {})}
                      for row in csv.DictReader(file) if row["user_id"] < "u0000010"]
        self.assertEqual(server.ask("/v1/events", events)[0], 200)

    def test_groups_by_what_a_sequence_model_says_are_served_so_too(self):
        self.train(*QUICK)
        self.train(*SEGMENTS, "--task.by", "encoder", "--task.encoder", "runs/latest")
        rows = self.rows("segments")
        self.assertEqual({row["user"] for row in rows}, self.customers())
        self.assertIn("ids as in", self.train(*SEGMENTS, "--task.by", "behaviour"))
        self.train(*SEGMENTS, "--task.by", "behaviour", "--task.encoder",
                   "runs/latest/model.safetensors", "--task.groups", "3")
        with Server(self.shop, "--task-models", MODEL.format("segments")) as server:
            self.post_events(server)
            for user in ("u0000003", "u0000007"):
                self.same_segment(server, user)
            self.assertEqual(server.stop(), 0)

    def test_a_search_beats_words_alone_and_knows_chinese(self):
        said = self.train("--task", "search")
        figures = [float(f) for f in re.findall(r"^  (?:BM25|blend)\D*?(?:popularity)? +"
                                                r"(0\.\d+) \[", said, re.M)]
        self.assertEqual(len(figures), 3, said)
        self.assertGreater(figures[2], figures[0])
        self.assertIn("alike", said)
        for query in ("coffee", "咖啡"):
            found = self.found("--query", query, "--k", "5")
            self.assertEqual(len(found), 5, query)
            self.assertTrue(all("Coffee" in title for _, title, _ in found), found)
        mine = self.found("--query", "coffee", "--user", "u0000003", "--k", "5")
        self.assertNotEqual([row[2] for row in mine],
                            [row[2] for row in self.found("--query", "coffee", "--k", "5")])
        first = mine[0][0]
        without = self.found("--query", "coffee", "--user", "u0000003", "--exclude", first)
        self.assertNotIn(first, [row[0] for row in without])
        cheap = self.found("--query", "coffee", "--only", "price<25")
        self.assertTrue(0 < len(cheap) < 10 or cheap != self.found("--query", "coffee"))
        self.assertIn("no item has such a word", self.predict("search", "--query", "zzzz"))

    def test_a_shop_where_nobody_types_is_told_so(self):
        settings = self.shop / "ensue.toml"
        settings.write_text(settings.read_text().replace('text = "query"', 'text = ""'))
        ensue("import", cwd=self.shop)
        said = self.train("--task", "search")
        self.assertIn("ordered by BM25 and popularity", said)
        self.assertEqual(len(self.found("--query", "red lamps", "--k", "3")), 3)

    def test_robots_stand_first_among_the_odd(self):
        self.assertIn("odder than", self.train("--task", "anomaly"))
        rows = self.rows("anomaly")
        oddness = [float(row["oddness"]) for row in rows]
        self.assertEqual(oddness, sorted(oddness, reverse=True))
        with open(self.log.parent / "truth" / "users_truth.csv", newline="") as file:
            robots = {row["user_id"] for row in csv.DictReader(file) if row["bot"] == "1"}
        known = robots & self.customers()
        first = {row["user"] for row in rows[:2 * len(known)]}
        self.assertTrue(known and known <= first, (known, first))
        said = self.predict("anomaly", "--user", rows[0]["user"], "--k", "3")
        self.assertIn(rows[0]["reasons"], said)
        surprises = [float(s) for s in re.findall(r"^  \d{4}-\S+ \S+  \S+ +\S+ +(\d\S+)", said,
                                                  re.M)]
        self.assertEqual(len(surprises), 3, said)
        self.assertEqual(surprises, sorted(surprises, reverse=True))

    def test_a_profile_says_what_it_comes_from(self):
        self.assertIn("values of 'category'", self.train("--task", "profile"))
        rows = self.rows("profile")
        self.assertEqual({row["user"] for row in rows}, self.customers())
        buyer = next(row["user"] for row in rows if int(row["purchases"]) > 1)
        said = self.predict("profile", "--user", buyer)
        for words in ("favourites", "long-term", "rhythm", "(by lift)", "rhythm: silent for"):
            self.assertIn(words, said)
        self.assertTrue(all(0 <= float(row["risk"]) <= 1 for row in rows if row["risk"]))
        self.train("--task", "retention", "--task.horizon_days", "10", "--task.step_days", "5",
                   "--table.rounds", "20")
        chance = float(re.search(rf"^{buyer}  ([\d.]+)$",
                                 self.predict("retention", "--user", buyer), re.M)[1])
        risk = re.search(r"risk +([\d.]+) by retention", self.predict("profile", "--user", buyer))
        self.assertAlmostEqual(1 - chance, float(risk[1]), delta=2e-4)

    def test_the_server_gives_the_offline_answers(self):
        self.train(*QUICK)
        self.train("--task", "profile")
        self.train(*SEGMENTS)
        self.train("--task", "anomaly")
        self.train("--task", "search")
        models = ",".join(MODEL.format(task) for task in ("segments", "anomaly", "search", "profile"))
        with Server(self.shop, "--task-models", models) as server:
            self.post_events(server)
            for user in ("u0000003", "u0000007"):
                self.same_segment(server, user)
                self.same_oddness(server, user)
                self.same_search(server, user)
                self.same_profile(server, user)
            self.filters_hold(server)
            self.new_items_are_found(server)
            self.refusals_are_plain(server)
            self.assertEqual(server.stop(), 0)

    def same_segment(self, server, user):
        status, said = server.ask("/v1/predict/segments", {"user": user})
        self.assertEqual(status, 200, said)
        offline = self.predict("segments", "--user", user, "--at", as_asked(said["time"]))
        self.assertIn(f"group {said['group']['id']}, {said['group']['name']}; "
                      f"distance {said['distance']:.4f}", offline)

    def same_oddness(self, server, user):
        status, said = server.ask("/v1/predict/anomaly", {"user": user, "k": 2})
        self.assertEqual(status, 200, said)
        offline = self.predict("anomaly", "--user", user, "--at", as_asked(said["time"]))
        self.assertIn(f"oddness {said['oddness']:.4f}, score {said['score']:.4f}", offline)
        self.assertIn(said["words"], offline)
        self.assertIn(f"{said['surprises'][0]['surprise']:.2f}", offline)

    def same_profile(self, server, user):
        status, said = server.ask("/v1/predict/profile", {"user": user})
        self.assertEqual(status, 200, said)
        offline = self.predict("profile", "--user", user, "--at", as_asked(said["time"]))
        self.assertIn(f"{said['events']} events, {said['purchases']} purchases, "
                      f"spent {said['spend']:.2f}", offline)
        for kind, name in (("favourites", "favourites"), ("long_term", "long-term")):
            shown = ", ".join(f"{i['name']} {100 * i['share']:.0f} % (x{i['lift']:.1f})"
                              for i in said[kind])
            self.assertRegex(offline, rf"{name} +{re.escape(shown or '-')}\n")
        offers = ", ".join(offer["title"] for offer in said["offers"])
        self.assertIn(f"{offers} (by next_item)", offline)
        if "risk" in said:
            self.assertIn(f"{said['risk']['value']:.4f} by {said['risk']['by']}: "
                          f"{said['risk']['words']}", offline)

    def same_search(self, server, user):
        for query in ("coffee", "咖啡", "lamps no. 2"):
            status, said = server.ask("/v1/search", {"query": query, "user": user, "k": 4})
            self.assertEqual(status, 200, said)
            live = [(i["item"], i["title"], f"{i['score']:.4f}") for i in said["items"]]
            self.assertEqual(live, self.found("--query", query, "--user", user, "--k", "4",
                                              "--at", as_asked(said["time"])))
            self.assertTrue(said["answer_id"] and said["matched"])

    def filters_hold(self, server):
        def items(**more):
            status, said = server.ask("/v1/search", {"query": "coffee", "k": 1000, **more})
            self.assertEqual(status, 200, said)
            return [item["item"] for item in said["items"]]

        everything = items()
        self.assertEqual(items(exclude=[everything[0]]), everything[1:])
        self.assertEqual(items(items=everything[2:4]), everything[2:4])
        self.assertEqual(items(only=["category=Lamps"], query="no"),
                         [i for i in items(only=["category=Lamps"], query="no")
                          if i not in everything])
        hidden = {"item": everything[0], "hidden": True}
        status, said = server.ask("/v1/items", [hidden])
        self.assertEqual(status, 200, said)
        self.assertEqual(items(), everything[1:])
        server.ask(f"/v1/items/{everything[0]}", method="DELETE")
        self.assertEqual(items(), everything)
        seen = set(items(user="u0000003")) - set(items(user="u0000003", exclude_seen=True))
        with open(self.log, newline="") as file:
            taken = {row["item_id"] for row in csv.DictReader(file)
                     if row["user_id"] == "u0000003"}
        self.assertEqual(seen, taken & set(everything))

    def new_items_are_found(self, server):
        """By their words, without another training."""
        def found(query, **more):
            status, said = server.ask("/v1/search", {"query": query, "k": 1000, **more})
            self.assertEqual(status, 200, said)
            return [(item["item"], item["title"]) for item in said["items"]]

        lantern = ("lantern", "Zanzibar lantern")
        self.assertNotIn(lantern, found("zanzibar lamps"))
        status, said = server.ask("/v1/items", [
            {"item": "lantern", "title": lantern[1], "category": "Lamps", "price": 12}])
        self.assertEqual(status, 200, said)
        self.assertEqual(found("zanzibar"), [lantern])
        self.assertIn(lantern, found("zanzibar lamps", only=["category=Lamps", "price<13"]))
        self.assertNotIn(lantern, found("zanzibar lamps", only=["category=Coffee"]))
        self.assertNotIn(lantern, found("zanzibar lamps", exclude=["lantern"]))
        self.assertEqual(found("lamps", items=["lantern"]), [lantern])
        server.ask("/v1/items", [{"item": "lantern", "stock": 0}])
        self.assertNotIn(lantern, found("zanzibar"))
        server.ask("/v1/items", [{"item": "lantern", "stock": 2, "title": "Quixotic lantern"}])
        self.assertEqual(found("quixotic"), [("lantern", "Quixotic lantern")])
        self.assertEqual(server.ask("/v1/items/lantern", method="DELETE")[0], 200)
        self.assertNotIn("lantern", [item for item, _ in found("quixotic lamps")])

    def refusals_are_plain(self, server):
        for path, body, status in (("/v1/predict/segments", {"user": "nobody"}, 404),
                                   ("/v1/predict/segments", {"usr": "u0000003"}, 400),
                                   ("/v1/predict/anomaly", {}, 400),
                                   ("/v1/search", {}, 400),
                                   ("/v1/search", {"query": "!!"}, 400),
                                   ("/v1/search", {"query": "tea", "k": 0}, 400),
                                   ("/v1/search", {"query": "tea", "only": ["colour=red"]}, 404)):
            self.assertEqual(server.ask(path, body)[0], status, (path, body))

    def test_what_cannot_be_asked_is_refused_in_one_line(self):
        for arguments, words in ((["--task", "segments", "--task.by", "name"], ["name", "both"]),
                                 (["--task", "segments", "--task.groups", "99"], ["99", "ten"]),
                                 (["--task", "segments", "--task.previous", "none.st"], ["none.st"]),
                                 (["--task", "segments", "--task.by", "encoder"], ["encoder"]),
                                 (["--task", "segments", "--task.encoder", "none.st"], ["none.st"]),
                                 (["--task", "segments", "--task.encoder", "ensue.toml"],
                                  ["ensue.toml"]),
                                 (["--task", "search", "--task.query", "typed"], ["typed"]),
                                 (["--task", "search", "--task.text", "story"], ["story"]),
                                 (["--task", "search", "--task.by", "name"], ["by"])):
            self.assert_refused(ensue("train", *arguments, cwd=self.shop, status=None), *words)
        self.train(*SEGMENTS)
        self.train("--task", "search")
        for arguments, words in ((["segments", "--user", "nobody"], ["nobody"]),
                                 (["segments"], ["--user"]),
                                 (["segments", "--user", "u0000003", "--at", "2001-01-01"],
                                  ["2001-01-01"]),
                                 (["search"], ["--query"]),
                                 (["search", "--query", "!"], ["word"]),
                                 (["search", "--query", "tea", "--only", "colour=red"], ["colour"]),
                                 (["anomaly", "--user", "u0000003"], ["anomaly.safetensors"])):
            self.assert_refused(ensue("predict", *arguments, cwd=self.shop, status=None), *words)


class Discounts(ShopTest):
    """Customers with an even number buy on offer, the others never do."""

    simulated = ["--users", "200", "--days", "60", "--seed", "1"]

    def setUp(self):
        super().setUp()
        (self.shop / "log").mkdir()
        shutil.copy(self.log.parent / "items.csv", self.shop / "log")
        with open(self.log, newline="") as file:
            self.events = list(csv.DictReader(file))
        for event in self.events:
            bought = event["action"] == "purchase"
            even = int(event["user_id"][1:]) % 2 == 0
            event["discount"] = "" if not bought else "1.5" if even else "0"
        with open(self.shop / "log" / "events.csv", "w", newline="") as file:
            table = csv.DictWriter(file, self.events[0].keys())
            table.writeheader()
            table.writerows(self.events)
        ensue("init", "log/events.csv", cwd=self.shop)
        ensue("import", cwd=self.shop)

    def run_ensue(self, *arguments):
        return ensue(*arguments, cwd=self.shop).stdout

    def most_purchases(self, even):
        counts = {}
        for event in self.events:
            if event["action"] == "purchase" and (int(event["user_id"][1:]) % 2 == 0) == even:
                counts[event["user_id"]] = counts.get(event["user_id"], 0) + 1
        return max(counts, key=lambda user: (counts[user], user))

    def test_a_profile_says_who_buys_on_offer(self):
        self.assertRegex(self.run_ensue("train", "--task", "profile"),
                         r"\d+ % of a customer's purchases are with money off")
        self.run_ensue("predict", "profile", "--all-users", "--out", "all.csv")
        with open(self.shop / "all.csv", newline="") as file:
            rows = {row["user"]: row for row in csv.DictReader(file)}
        for even, word, share in ((True, "buys on offer", 1), (False, "buys at full price", 0)):
            user = self.most_purchases(even)
            row = rows[user]
            self.assertEqual((row["discount"], float(row["discount_share"])), (word, share))
            low, middle, high = (float(row["discount_" + name])
                                 for name in ("low", "difference", "high"))
            self.assertTrue(low <= middle <= high, row)
            self.assertIn(f"{word}: {100 * share} % of {row['purchases']} purchases",
                          self.run_ensue("predict", "profile", "--user", user))
        silent = next(row for row in rows.values() if row["purchases"] == "0")
        self.assertEqual((silent["discount"], silent["discount_share"]), ("", ""))

    def test_the_server_says_the_same_of_discounts(self):
        self.run_ensue("train", *QUICK)
        self.run_ensue("train", "--task", "profile")
        said = self.run_ensue("train", *SEGMENTS, "--task.groups", "2")
        self.assertRegex(said, r"discount: .*\d+ % of purchases with money off, all: \d+ %")
        models = ",".join(MODEL.format(task) for task in ("segments", "profile"))
        users = [self.most_purchases(even) for even in (True, False)]
        with Server(self.shop, "--task-models", models) as server:
            events = [{"user": event["user_id"], "item": event["item_id"],
                       "action": event["action"], "time": event["timestamp"],
                       **({"value": float(event["price"])} if event["price"] else {}),
                       **({"discount": float(event["discount"])} if event["discount"] else {})}
                      for event in self.events if event["user_id"] in users]
            self.assertEqual(server.ask("/v1/events", events)[0], 200)
            for user in users:
                self.same_discount(server, user)
            self.assertEqual(server.stop(), 0)

    def same_discount(self, server, user):
        status, said = server.ask("/v1/predict/profile", {"user": user})
        self.assertEqual(status, 200, said)
        use = said["discount"]
        line = (f"{use['word']}: {100 * use['share']:.0f} % of {use['purchases']} purchases, "
                f"{100 * use['expected']:.0f} % expected; {100 * use['difference']:+.1f} points "
                f"({100 * use['low']:+.1f} to {100 * use['high']:+.1f}), "
                f"drawn by {use['drawn_by']:.1f} purchases")
        self.assertIn(line, self.run_ensue("predict", "profile", "--user", user, "--at",
                                           as_asked(said["time"])))
        status, said = server.ask("/v1/predict/segments", {"user": user})
        self.assertEqual(status, 200, said)
        self.assertIn("money off", said["group"]["strategy"]["discount"])
        self.assertIn("discount: " + said["group"]["strategy"]["discount"],
                      self.run_ensue("predict", "segments", "--user", user, "--at",
                                     as_asked(said["time"])))

    def test_columns_that_say_nothing_of_discounts_are_refused(self):
        for task in ("profile", "segments"):
            for column, words in (("colour", ["colour"]), ("dwell_s", ["dwell_s"])):
                self.assert_refused(ensue("train", "--task", task, "--task.discount", column,
                                          cwd=self.shop, status=None), "task.discount", *words)
        self.assertNotIn("money off", self.run_ensue("train", "--task", "profile",
                                                     "--task.discount", "none"))


if __name__ == "__main__":
    unittest.main()
