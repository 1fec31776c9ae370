// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "ensue/base/error.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/label_head.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_fit.h"
#include "ensue/train/validation.h"

namespace ensue::train {
namespace {

// Whether the sum of a user's last two items is odd, asked after some events
// of the second-order log.
struct LabelToy {
  Toy toy;
  LabelRequest request;
  std::shared_ptr<const artifact::Artifact> base;

  LabelToy() {
    HeadLabels head{.task = "odd", .train = {}, .validation = {}};
    for (std::uint32_t user = 0; user < toy.log.users(); ++user) {
      const auto all = toy.log.history(events::UserId{user});
      for (const std::size_t seen : {4U, 9U, 15U}) {
        data::LabelTable& table = user % 4 == 3 ? head.validation : head.train;
        table.pairs.push_back({events::UserId{user},
                               events::Millis{count(all.times[seen - 1]) + 1}});
        table.values.push_back(truth(all.first(seen)));
      }
    }
    request.heads = {head};
  }
  double truth(const events::History& seen) const {
    const auto number = [&](std::size_t back) {
      const auto item = seen.items[seen.size() - back];
      return toy.log.item_names().name(index(item))[1] - '0';
    };
    return (number(1) + number(2)) % 2;
  }
  static artifact::ModelSpec model(const std::string& task = "odd") {
    auto out = toy_gru();
    out.heads.push_back(
        block("label", artifact::LabelConfig{.task = task, .width = 16}));
    return out;
  }
  FitResult run(TrainOptions options, bool alone) {
    request.alone = alone;
    FitRequest asked = toy.request(model(), std::move(options));
    asked.labels = &request;
    return fit(asked);
  }
  // The share of users that the engine tells right after 12 events.
  double accuracy(const artifact::Draft& draft) const {
    const runtime::Engine engine(
        artifact::Artifact::from_bytes(draft.bytes(), "toy"));
    const auto head = runtime::LabelHead::of(engine, "odd");
    const runtime::Translation names(toy.log, engine);
    double right = 0;
    for (std::uint32_t user = 0; user < toy.log.users(); ++user) {
      const auto seen = toy.log.history(events::UserId{user}).first(12);
      const auto known = names.translate(seen);
      double margin = 0;
      head->margins(engine.encode(known.view()), 1, {&margin, 1});
      right += (margin > 0) == (truth(seen) == 1);
    }
    return right / static_cast<double>(toy.log.users());
  }
};

TrainOptions learning() {
  TrainOptions out = thorough();
  out.evaluate_every = 4;
  out.patience = 40;
  return out;
}

TEST(FitLabels, ALabelAloneIsLearntFromTheSequence) {
  LabelToy toy;
  const FitResult fitted = toy.run(learning(), /*alone=*/true);
  EXPECT_GE(toy.accuracy(fitted.draft), 0.95);
  // What early stopping watched is the loss of the validation rows.
  const double first = fitted.curve.front().at("validation label_loss");
  const double last = fitted.curve.back().at("validation label_loss");
  EXPECT_LT(last, first);
  EXPECT_LT(last, 0.2);
}

TEST(FitLabels, LearntBesideTheNextItemBothAreKnown) {
  LabelToy toy;
  const FitResult fitted = toy.run(learning(), /*alone=*/false);
  EXPECT_GE(toy.accuracy(fitted.draft), 0.95);
  const Validation items(toy.toy.log, toy.toy.split, {.metric = "hit@1"});
  EXPECT_GE(items(fitted.draft), 0.95);
}

class FromAnother : public ::testing::Test {
 protected:
  // A model of the next item, as a file.
  void SetUp() override {
    folder_ = fresh_folder("fit_labels");
    const FitResult fitted = fit(toy_.toy.request(toy_gru(), thorough()));
    fitted.draft.write(folder_ / "base");
  }
  FitResult tuned(const std::string& learn) {
    TrainOptions options = learning();
    options.from = (folder_ / "base").string();
    options.learn = learn;
    return toy_.run(options, /*alone=*/true);
  }
  // Tensors of the base that are other numbers now.
  std::vector<std::string> changed(const artifact::Draft& draft) const {
    const auto base = artifact::Artifact::load(folder_ / "base");
    const auto now = artifact::Artifact::from_bytes(draft.bytes(), "now");
    std::vector<std::string> out;
    for (const std::string& name : base->tensor_names()) {
      const auto& a = base->tensor(name);
      if (a.type != artifact::DType::kF32) continue;
      if (!std::ranges::equal(a.as<float>(), now->tensor(name).as<float>())) {
        out.push_back(name);
      }
    }
    return out;
  }
  LabelToy toy_;
  std::filesystem::path folder_;
};

TEST_F(FromAnother, AFrozenModelStaysAsItWas) {
  const FitResult fitted = tuned("heads");
  EXPECT_EQ(changed(fitted.draft), std::vector<std::string>{});
  EXPECT_GE(toy_.accuracy(fitted.draft), 0.9);
}

TEST_F(FromAnother, AdaptersChangeTheMatricesOfLayersAlone) {
  const FitResult fitted = tuned("adapters");
  EXPECT_EQ(
      changed(fitted.draft),
      (std::vector<std::string>{"blocks.1.weight_hh", "blocks.1.weight_ih"}));
  EXPECT_GE(toy_.accuracy(fitted.draft), 0.95);
}

TEST_F(FromAnother, AHeadOfAnotherTaskIsNotTaken) {
  const FitResult fitted = tuned("all");
  fitted.draft.write(folder_ / "odd");
  LabelRequest request = toy_.request;
  request.heads[0].task = "even";
  TrainOptions options = quick();
  options.from = (folder_ / "odd").string();
  FitRequest asked = toy_.toy.request(LabelToy::model("even"), options);
  asked.labels = &request;
  const std::string note = fit(asked).notes.at(0);
  // All but the four of the label head.
  EXPECT_NE(note.find("6 of 10 parameters"), std::string::npos) << note;
}

TEST(FitLabels, RefusesWhatDoesNotFit) {
  LabelToy toy;
  FitRequest without = toy.toy.request(LabelToy::model(), quick());
  EXPECT_THROW(fit(without), Error);  // a head that nothing teaches
  FitRequest other = toy.toy.request(LabelToy::model("even"), quick());
  other.labels = &toy.request;
  EXPECT_THROW(fit(other), Error);
  auto masked = toy_transformer(/*window=*/8, 0, /*masked=*/true);
  masked.heads.push_back(
      block("label", artifact::LabelConfig{.task = "odd", .width = 32}));
  FitRequest both = toy.toy.request(masked, quick());
  both.labels = &toy.request;
  EXPECT_THROW(fit(both), Error);
}

}  // namespace
}  // namespace ensue::train
