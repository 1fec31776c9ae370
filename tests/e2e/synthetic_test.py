# SPDX-License-Identifier: Apache-2.0
"""Customers drawn from a model: a log to import, and copies that are noticed."""
import csv
import unittest

from shop import QUICK, ShopTest, ensue


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


class Synthetic(ShopTest):
    def trained(self, *arguments):
        ensue("import", cwd=self.shop)
        ensue("train", *arguments, "--judge.bootstrap", "20", "--run.name", "m", cwd=self.shop)

    def draw(self, *arguments, status=0):
        return ensue("simulate", "--from", "runs/m/model.safetensors", *arguments,
                     cwd=self.shop, status=status)

    def test_a_drawn_log_is_imported_like_any_other(self):
        ensue("init", self.log, cwd=self.shop)
        self.trained(*QUICK[:-4])
        said = self.draw("--users", "80").stdout
        self.assertIn("each real user, the others", said)
        drawn = rows(self.shop / "synthetic" / "events.csv")
        real = rows(self.log)
        self.assertEqual(len({row["user_id"] for row in drawn}), 80)
        for column in ("item_id", "action"):
            self.assertLessEqual({row[column] for row in drawn},
                                 {row[column] for row in real})
        again = self.shop / "again"
        again.mkdir()
        ensue("init", self.shop / "synthetic" / "events.csv", cwd=again)
        self.assertIn(f"{len(drawn):,} events kept", ensue("import", cwd=again).stdout)
        first = (self.shop / "synthetic" / "events.csv").read_bytes()
        self.draw("--users", "80", "--out", "twice")
        self.assertEqual((self.shop / "twice" / "events.csv").read_bytes(), first)

    def test_users_that_were_held_out_are_what_it_is_compared_with(self):
        ensue("init", self.log, cwd=self.shop)
        split = ["--kind", "by-user", "--test_users", "120"]
        self.trained("--model", "markov", *split)
        self.assertIn("real users held out", self.draw("--users", "80", *split).stdout)
        self.assert_refused(self.draw("--users", "80", status=None), "another part")

    def test_a_model_that_repeats_its_users_is_found_out(self):
        # Nobody shares an item, so what followed an item is one user's history.
        with open(self.shop / "events.csv", "w") as file:
            file.write("user_id,item_id,action,timestamp\n")
            for user in range(150):
                for i in range(12):
                    file.write(f"u{user},i{user}-{i},view,2025-01-{i + 1:02} 10:{user % 60:02}:00\n")
        ensue("init", "events.csv", cwd=self.shop)
        split = ["--kind", "leave-one-out"]
        self.trained("--model", "markov", *split)
        done = self.draw("--users", "100", "--temperature", "0.05", *split, status=1)
        self.assertIn("copy training users", done.stderr)
        self.assertEqual(len(rows(self.shop / "synthetic" / "events.csv")), 100 * 10)


if __name__ == "__main__":
    unittest.main()
