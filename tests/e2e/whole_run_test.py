# SPDX-License-Identifier: Apache-2.0
"""From a raw log to an answer, as ./run does it."""
import json
import re
import unittest

from shop import QUICK, ShopTest, ensue


class WholeRun(ShopTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = cls.home / "done"
        cls.done.mkdir()
        ensue("init", cls.log, cwd=cls.done)
        ensue("import", cwd=cls.done)
        cls.described = ensue("describe", cwd=cls.done).stdout
        cls.trained = ensue("train", *QUICK, cwd=cls.done).stdout
        cls.run_folder = cls.done / "runs" / "latest"

    def test_the_run_folder_holds_everything(self):
        names = {p.name for p in self.run_folder.iterdir()}
        self.assertLessEqual(
            {"config.toml", "curves.csv", "metrics.json", "model.safetensors",
             "cleaning.json", "examples.txt", "report.html"}, names)
        self.assertTrue(any(n.startswith("events.out.tfevents") for n in names), names)

    def test_the_three_baselines_stand_beside_the_model(self):
        metrics = json.loads((self.run_folder / "metrics.json").read_text())
        models = [e["model"] for e in metrics["evaluations"]]
        self.assertEqual(models, ["gru", "popularity", "markov", "session-knn"])
        for evaluation in metrics["evaluations"]:
            interval = evaluation["metrics"]["ndcg@10"]
            self.assertLessEqual(interval["low"], interval["mean"])
            self.assertLessEqual(interval["mean"], interval["high"])
        for name in models:
            self.assertIn(name, self.trained)

    def test_the_split_and_the_tie_rule_are_printed(self):
        self.assertIn("split", self.trained)
        self.assertIn("ties pessimistic", self.trained)

    def test_the_report_is_one_file(self):
        page = (self.run_folder / "report.html").read_text()
        self.assertNotRegex(page, r"(src|href)=|https?:|url\(")
        self.assertIn(f"<h1>{self.run_folder.resolve().name}</h1>", page)

    def test_a_known_customer_gets_an_answer_with_titles(self):
        customer = (self.run_folder / "examples.txt").read_text().splitlines()[0]
        done = ensue("recommend", "--user", customer, "-k", "5", "--json", cwd=self.done)
        answer = json.loads(done.stdout.splitlines()[0])
        self.assertEqual(len(answer["items"]), 5)
        scores = [item["score"] for item in answer["items"]]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_an_unknown_customer_gets_an_answer_and_a_note(self):
        done = ensue("recommend", "--user", "nobody", "-k", "3", "--json", cwd=self.done)
        answer = json.loads(done.stdout.splitlines()[0])
        self.assertEqual(len(answer["items"]), 3)
        self.assertIn("unknown", answer["note"])

    def test_probabilities_of_all_items_sum_to_one(self):
        done = ensue("recommend", "--user", "nobody", "-k", "1000000", "--json",
                     cwd=self.done)
        answer = json.loads(done.stdout.splitlines()[0])
        self.assertAlmostEqual(sum(i["probability"] for i in answer["items"]), 1, places=4)

    def test_the_best_answer_is_explained_event_by_event(self):
        user = (self.run_folder / "examples.txt").read_text().splitlines()[0]
        best = json.loads(ensue("recommend", "--user", user, "-k", "1", "--json",
                                cwd=self.done).stdout.splitlines()[0])["items"][0]
        why = json.loads(ensue("explain", "--user", user, "--json",
                               cwd=self.done).stdout.splitlines()[0])
        self.assertEqual(why["item"], best["item"])
        self.assertAlmostEqual(why["after_all"]["score"], best["score"], places=5)
        moved = sum(e["moved"]["score"] for e in why["effects"]) + why["together"]["score"]
        self.assertAlmostEqual(why["after_none"]["score"] + moved,
                               why["after_all"]["score"], places=5)
        self.assert_refused(ensue("explain", "--user", user, "--item", "no such item",
                                  cwd=self.done, status=None), "no such item")

    def test_an_exported_model_is_smaller_and_says_what_it_lost(self):
        whole = self.run_folder / "model.safetensors"
        done = ensue("export", whole, "int8.safetensors", "--weights", "int8", cwd=self.done)
        small = self.done / "int8.safetensors"
        self.assertLess(small.stat().st_size, 0.8 * whole.stat().st_size)
        self.assertRegex(done.stdout, r"ndcg@10 +0\.\d+ +0\.\d+ +-?0\.\d+ \[")
        done = ensue("export", whole, "bf16.safetensors", "--weights", "bf16", "--quick",
                     cwd=self.done)
        kept = float(re.search(r"([\d.]+) of the top 10 kept", done.stdout)[1])
        self.assertGreater(kept, 0.9)
        self.assert_refused(ensue("export", whole, "x", "--weights", "fp8", cwd=self.done,
                                  status=None), "fp8", "int8")

    def test_the_configuration_as_used_repeats_the_run_byte_for_byte(self):
        config = self.run_folder / "config.toml"
        ensue("train", "--config", config, "--run.name", "again", cwd=self.done)
        again = self.done / "runs" / "again" / "model.safetensors"
        first = self.done / "runs" / "gru-1" / "model.safetensors"
        self.assertEqual(again.read_bytes(), first.read_bytes())

    def test_evaluate_agrees_with_train(self):
        done = ensue("evaluate", "runs/gru-1/model.safetensors", cwd=self.done)
        metrics = json.loads((self.run_folder / "metrics.json").read_text())
        for evaluation in metrics["evaluations"]:
            shown = f"{evaluation['metrics']['ndcg@10']['mean']:.4f}"
            line = re.search(rf"^\s*\S*{evaluation['model']}\S*\s.*$", done.stdout, re.M)
            self.assertIsNotNone(line, done.stdout)
            self.assertIn(shown, line[0])

    def test_a_settings_file_is_never_overwritten(self):
        before = (self.done / "ensue.toml").read_bytes()
        self.assert_refused(ensue("init", self.log, cwd=self.done, status=None),
                            "ensue.toml", "--force")
        self.assertEqual((self.done / "ensue.toml").read_bytes(), before)


class BadInput(ShopTest):
    def test_an_unknown_verb_is_refused(self):
        self.assertEqual(ensue("trian", cwd=self.shop, status=2).returncode, 2)

    def test_training_without_a_dataset_says_what_is_missing(self):
        self.assert_refused(ensue("train", cwd=self.shop, status=None), "dataset")

    def test_an_unknown_model_lists_the_known_ones(self):
        self.assert_refused(ensue("train", "--model", "gpt", cwd=self.shop, status=None),
                            "gpt", "sasrec", "markov")

    def test_a_wrong_value_names_section_and_key(self):
        self.assert_refused(ensue("train", "--epochs", "many", cwd=self.shop, status=None),
                            "[train].epochs", "many", "an integer")

    def test_a_misspelt_key_of_the_file_lists_the_known_ones(self):
        (self.shop / "ensue.toml").write_text("[train]\nepoch = 3\n")
        self.assert_refused(ensue("train", cwd=self.shop, status=None), "epoch", "epochs")

    def test_broken_toml_names_its_line(self):
        (self.shop / "ensue.toml").write_text("[train]\nepochs = = 3\n")
        self.assert_refused(ensue("train", cwd=self.shop, status=None), "ensue.toml:2:")

    def test_a_missing_file_is_named(self):
        self.assert_refused(ensue("init", "no.csv", cwd=self.shop, status=None), "no.csv")

    def test_an_empty_file_is_refused(self):
        (self.shop / "empty.csv").write_text("")
        self.assert_refused(ensue("init", "empty.csv", cwd=self.shop, status=None),
                            "empty.csv")

    def test_a_model_that_is_no_model_is_refused(self):
        (self.shop / "x.safetensors").write_bytes(b"not a model at all")
        self.assert_refused(
            ensue("recommend", "--model", "x.safetensors", "--user", "a",
                  cwd=self.shop, status=None), "x.safetensors")

    def test_every_verb_explains_itself_with_an_example(self):
        listed = ensue("--help", cwd=self.shop).stdout
        verbs = re.findall(r"^  ([a-z]+)  ", listed, re.M)
        self.assertIn("train", verbs)
        for verb in verbs:
            self.assertIn("Example:", ensue(verb, "--help", cwd=self.shop).stdout, verb)

    def test_the_version_names_what_answers(self):
        said = ensue("--version", cwd=self.shop).stdout
        for word in ("commit", "features in use", "libtorch", "DuckDB"):
            self.assertIn(word, said)


if __name__ == "__main__":
    unittest.main()
