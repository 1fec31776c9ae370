// SPDX-License-Identifier: Apache-2.0
// Every model that torch trains: its forward pass against the engine, whole
// histories and event by event, over three windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/blocks.h"
#include "ensue/models/catalog.h"
#include "ensue/nn/model.h"
#include "ensue/runtime/decoder.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/label_head.h"
#include "ensue/runtime/new_items.h"
#include "ensue/runtime/next_event.h"
#include "ensue/train/item_encoder.h"
#include "tests/parity/shop.h"

namespace ensue::parity {
namespace {

constexpr std::size_t kWindow = 24, kEvents = 3 * kWindow + 5;

struct Case {
  std::string name;
  artifact::ModelSpec spec;
  bool order_within_instant;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

bool has_field(const models::ModelEntry& entry, std::string_view name) {
  const auto fields = entry.fields();
  return std::ranges::any_of(
      fields, [&](const FieldDoc& field) { return field.name == name; });
}

bool reads_columns(const artifact::ModelSpec& spec) {
  return spec.inputs.at(0).type == "item_content";
}

bool reads_context(const artifact::ModelSpec& spec) {
  return std::ranges::any_of(spec.inputs, [](const auto& input) {
    return input.type == "context_embedding";
  });
}

// The model as it comes, with every switch turned over, with item vectors made
// of columns, and with those of length 1.
std::vector<JsonObject> configurations(const models::ModelEntry& entry) {
  JsonObject plain, other;
  if (has_field(entry, "window")) plain["window"] = kWindow;
  other = plain;
  for (const FieldDoc& field : entry.fields()) {
    if (field.type == "true or false") {
      other[field.name] = field.value == "false";
    }
  }
  other.erase("unit_items");  // wants what others turn off
  if (has_field(entry, "context")) other["context"] = {"device", "price"};
  if (has_field(entry, "repeats")) other["repeats"] = 7;
  if (has_field(entry, "activation")) other["activation"] = "relu";
  if (has_field(entry, "norm")) other["norm"] = "post";
  if (has_field(entry, "positions")) other["positions"] = "none";
  if (has_field(entry, "time_buckets")) other["time_buckets"] = 0;
  if (has_field(entry, "hidden")) {
    other["hidden"] = has_field(entry, "layers") ? Json(50) : Json({48, 33});
  }
  if (!has_field(entry, "content")) return {plain, other};
  JsonObject content = plain;
  content["content"] = Json({"title", "kind", "price", "image"});
  if (has_field(entry, "repeats")) content["repeats"] = 7;
  JsonObject unit = plain;
  unit["unit_items"] = true;
  return {plain, other, content, unit};
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const models::ModelEntry& entry : models::models().all()) {
    const auto& head =
        artifact::blocks().find(entry.build(JsonObject()).heads.at(0).type);
    if (head.trainer != artifact::Trainer::kNn) continue;
    const std::vector<std::string> names = {"", "_turned", "_content", "_unit"};
    std::size_t place = 0;
    for (const JsonObject& config : configurations(entry)) {
      const std::string& name = names[place++];
      out.push_back({std::string(entry.name) + name, entry.build(config),
                     name == "_turned"});
    }
  }
  return out;
}

/// A model with random parameters (also where training starts from zero).
class Trained {
 public:
  explicit Trained(const Case& which)
      : case_(which),
        encoder_(make_encoder(which.spec)),
        features_(encoder_.encode(item_table())),
        compared_(encoder_.compare(item_table())),
        model_(which.spec,
               {.items = kItems,
                .actions = kActions,
                .features = &features_,
                .compared = &compared_,
                .context = {{.values = 3},
                            {events::ContextKind::kNumber, 0, {2.5F, 30}}}},
               1) {
    for (nn::LabelHead& head : model_.label_heads()) {
      head.count(std::vector<float>{1, 0, 0, 1});
    }
    Rng rng(2);
    for (const auto& parameter : model_.parameters()) {
      const double scale =
          parameter->row_size() > 1
              ? 1 / std::sqrt(static_cast<double>(parameter->row_size()))
              : 0.5;
      for (std::size_t i = 0; i < parameter->size(); ++i) {
        parameter->data()[i] = static_cast<float>(scale * rng.normal());
      }
    }
  }
  std::vector<std::byte> artifact() const {
    auto about = describe(case_.spec, case_.order_within_instant);
    if (reads_columns(case_.spec)) about.item_table = item_table();
    if (reads_context(case_.spec)) about.context = context_columns();
    artifact::Draft draft(about);
    model_.write(draft);
    encoder_.write(draft, "inputs.0");
    return draft.bytes();
  }
  nn::Parameter& parameter(const std::string& name) {
    for (const auto& p : model_.parameters()) {
      if (p->name == name) return *p;
    }
    throw std::runtime_error("no parameter " + name);
  }

  /// What the decoder writes items from, [items, width], by torch.
  at::Tensor written(std::span<const float> output,
                     const std::vector<std::int64_t>& items) const {
    const at::NoGradGuard no_grad;
    const at::Tensor x =
        at::tensor(at::ArrayRef<float>(output.data(), output.size()))
            .unsqueeze(0);
    nn::Written written;
    written.rows = {0};
    written.items = items;
    return model_.decoder()->states(x, written, *model_.head().weight);
  }

  /// Margins of a label head, by torch.
  at::Tensor label(std::size_t place, std::span<const float> output,
                   std::int64_t gap_ms) {
    const at::NoGradGuard no_grad;
    const at::Tensor x =
        at::tensor(at::ArrayRef<float>(output.data(), output.size()))
            .unsqueeze(0);
    return model_.label_heads()[place].margins(x,
                                               {artifact::label_since(gap_ms)});
  }

  /// What the next_event head makes of what reaches it, by torch, given an
  /// action, a bucket of gaps and an item.
  struct Parts {
    at::Tensor actions, gaps, items, value;
  };
  Parts parts(std::span<const float> output, std::int64_t action,
              std::int64_t gap, std::int64_t item) const {
    const at::NoGradGuard no_grad;
    const nn::EventHead& head = *model_.event_head();
    const at::Tensor x =
        at::tensor(at::ArrayRef<float>(output.data(), output.size()))
            .unsqueeze(0);
    at::Tensor scores = at::matmul(head.queries(x, {action}, {gap}),
                                   model_.head().weight->value.t());
    if (model_.head().bias != nullptr) {
      scores = scores + model_.head().bias->value;
    }
    return {at::softmax(head.actions(x), 1),
            at::softmax(head.gaps(x, {action}), 1), scores,
            head.values(x, {action}, {item}, model_.head())};
  }

  /// Logits after the first n events, n = 1 … size, by torch.
  std::vector<std::vector<float>> logits(const Customer& customer) {
    const at::NoGradGuard no_grad;
    nn::Packed batch;
    for (std::size_t n = 1; n <= customer.events.size(); ++n) {
      add_segment(customer, n, batch);
    }
    const nn::Pass pass{.batch = batch};
    const at::Tensor x = model_.forward(pass).contiguous();
    std::vector<std::vector<float>> out;
    for (std::size_t n = 1; n <= customer.events.size(); ++n) {
      out.push_back(row_logits(x[batch.offsets[n] - 1], customer, n));
    }
    return out;
  }

 private:
  static runtime::ItemEncoder make_encoder(const artifact::ModelSpec& spec) {
    artifact::ItemContentConfig config;
    if (reads_columns(spec)) {
      read_fields(config, spec.inputs[0].config, "item_content");
    }
    return train::fit_item_encoder(item_table(), config);
  }
  void add_segment(const Customer& customer, std::size_t n,
                   nn::Packed& batch) const {
    const std::size_t start = start_of(n);
    for (std::size_t i = start; i < n; ++i) {
      batch.items.push_back(events::index(customer.items[i]));
      batch.actions.push_back(events::index(customer.actions[i]));
      batch.positions.push_back(static_cast<std::int64_t>(i - start));
      batch.times.push_back(customer.times[i]);
      batch.values.push_back(customer.values[i]);
      batch.context.insert(batch.context.end(), {customer.context[2 * i],
                                                 customer.context[2 * i + 1]});
    }
    if (model_.masked()) {
      batch.items.push_back(nn::kMasked);
      batch.actions.push_back(nn::kMasked);
      batch.positions.push_back(static_cast<std::int64_t>(n - start));
      batch.times.push_back(customer.times[n - 1]);
      batch.values.push_back(0);
      batch.context.resize(batch.context.size() + 2);
    }
    batch.offsets.push_back(static_cast<std::int64_t>(batch.items.size()));
  }

  std::size_t start_of(std::size_t n) const {
    const auto window = static_cast<std::size_t>(model_.window());
    if (model_.masked()) return n - std::min(n, window - 1);
    return window == 0 ? 0 : artifact::segment_start(n, window);
  }

  std::vector<float> row_logits(const at::Tensor& x, const Customer& customer,
                                std::size_t n) const {
    const nn::ItemHead& head = model_.head();
    at::Tensor logits = at::mv(head.weight->value, x);
    if (head.bias != nullptr) logits = logits + head.bias->value;
    std::vector<float> out(logits.data_ptr<float>(),
                           logits.data_ptr<float>() + logits.numel());
    if (!head.repeat) return out;
    const std::span<const events::Event> seen(customer.events.data(), n);
    events::Repeats past;
    events::count_repeats(seen.last(std::min<std::size_t>(
                              n, static_cast<std::size_t>(head.repeats))),
                          case_.order_within_instant, past);
    nn::RowRepeats rows;
    rows.add(past);
    head.repeat.add(rows, 0, x.data_ptr<float>(), out.data());
    artifact::Likeness likeness;
    if (head.similar) {
      head.similar.add(rows, 0, x.data_ptr<float>(), out, likeness);
    }
    return out;
  }

  Case case_;
  runtime::ItemEncoder encoder_;
  artifact::ItemFeatures features_, compared_;
  nn::Model model_;
};

// |a - b| <= 1e-5 max(1, largest |score|).
void expect_close(std::span<const float> got, std::span<const float> wanted,
                  std::size_t events) {
  float largest = 1;
  for (const float score : wanted) {
    largest = std::max(largest, std::abs(score));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], 1e-5F * largest)
        << "item " << i << " after " << events << " events";
  }
}

// The artifact as if its last `count` items had not been there.
std::shared_ptr<const artifact::Artifact> without_last_items(
    const artifact::Artifact& all, std::size_t count) {
  const std::size_t kept = kItems - count;
  artifact::Description about = describe(all.description().model, false);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kept; ++i) names.push_back(about.items.name(i));
  about.items = events::Vocabulary::from_names(names);
  about.item_table = rows(0, kept);
  artifact::Draft draft(about);
  for (const std::string& name : all.tensor_names()) {
    if (!name.starts_with("inputs.") && !name.starts_with("blocks.") &&
        !name.starts_with("heads.")) {
      continue;
    }
    const auto& tensor = all.tensor(name);
    auto shape = tensor.shape;
    auto bytes = tensor.bytes;
    if (name == "inputs.0.weight" || name == "inputs.0.id") {
      shape[0] = static_cast<std::int64_t>(kept);
      bytes = bytes.first(bytes.size() / kItems * kept);
    }
    draft.add_bytes(name, tensor.type, shape, bytes);
  }
  return artifact::Artifact::from_bytes(draft.bytes(), "fewer");
}

class Parity : public ::testing::TestWithParam<Case> {};

TEST_P(Parity, TheEngineScoresAsTorchDoes) {
  Trained trained(GetParam());
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(trained.artifact(), "trained"));
  const Customer customer(kEvents, /*seed=*/3);
  const events::History history = reads_context(GetParam().spec)
                                      ? customer.history_with_context()
                                      : customer.history();
  const auto wanted = trained.logits(customer);
  runtime::State stepped = engine.start();
  std::vector<float> got(kItems);
  for (std::size_t n = 1; n <= kEvents; ++n) {
    engine.step(stepped, history[n - 1], history.context.row(n - 1));
    engine.score(stepped, got);
    expect_close(got, wanted[n - 1], n);
    engine.score(engine.encode(history.first(n)), got);
    expect_close(got, wanted[n - 1], n);
    if (HasFatalFailure()) return;
  }
}

TEST(Parity, TheNextEventIsPredictedAsTorchDoes) {
  const auto spec = models::models().find("gru").build(
      {{"events", true}, {"width", 20}, {"hidden", Json({33})}});
  Trained trained({"gru", spec, true});
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(trained.artifact(), "trained"));
  const auto next = runtime::NextEvent::of(engine);
  ASSERT_NE(next, nullptr);
  const Customer customer(9, /*seed=*/3);
  const runtime::State state = engine.encode(customer.history());
  const auto close = [](std::span<const float> got, const at::Tensor& wanted) {
    const at::Tensor flat = wanted.flatten().contiguous();
    expect_close(got, {flat.data_ptr<float>(), got.size()}, 9);
  };
  for (const auto& [action, gap, item] :
       {std::array{0, 0, 0}, std::array{2, 63, 5}, std::array{1, 20, 7}}) {
    const auto wanted = trained.parts(engine.output(state), action, gap, item);
    std::vector<float> actions(kActions), gaps(artifact::kGapBuckets),
        items(kItems);
    const auto a = static_cast<std::size_t>(action);
    const auto g = static_cast<std::size_t>(gap);
    next->actions(state, actions);
    next->gaps(state, a, gaps);
    next->items(state, a, g, items);
    const auto value = next->value(state, a, static_cast<std::size_t>(item));
    close(actions, wanted.actions);
    close(gaps, wanted.gaps);
    close(items, wanted.items);
    close(std::array{value.mean, value.log_deviation}, wanted.value);
  }
}

TEST(Parity, LabelHeadsAnswerAsTorchDoes) {
  auto spec = models::models().find("gru").build(
      {{"events", true}, {"width", 20}, {"hidden", Json({33})}});
  const artifact::LabelConfig buys{.task = "buys", .width = 20, .hidden = 9};
  const artifact::LabelConfig kind{
      .task = "kind", .kind = "class", .width = 20, .outputs = 4};
  const artifact::LabelConfig pays{
      .task = "pays", .kind = "number", .width = 20};
  for (const auto& config : {buys, kind, pays}) {
    spec.heads.push_back({"label", write_fields(config)});
  }
  Trained trained({"gru", spec, true});
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(trained.artifact(), "trained"));
  const Customer customer(9, /*seed=*/3);
  const runtime::State state = engine.encode(customer.history());
  EXPECT_EQ(runtime::label_tasks(engine.artifact().description()),
            (std::vector<std::string>{"buys", "kind", "pays"}));
  std::size_t place = 0;
  for (const char* task : {"buys", "kind", "pays"}) {
    const auto head = runtime::LabelHead::of(engine, task);
    ASSERT_NE(head, nullptr);
    for (const std::int64_t gap : {0L, 3'000'000L, 90'000'000'000L}) {
      std::vector<double> got(head->outputs());
      head->margins(state, gap, got);
      const at::Tensor wanted =
          trained.label(place, engine.output(state), gap).contiguous();
      expect_close(std::vector<float>(got.begin(), got.end()),
                   {wanted.data_ptr<float>(), got.size()}, 9);
    }
    ++place;
  }
  EXPECT_EQ(runtime::LabelHead::of(engine, "leaves"), nullptr);
}

TEST(Parity, TheDecoderWritesAsTorchDoes) {
  const auto spec = models::models().find("seq2seq").build(
      {{"width", 20}, {"hidden", Json({33})}, {"steps", 4}});
  Trained trained({"seq2seq", spec, true});
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(trained.artifact(), "trained"));
  const auto decoder = runtime::Decoder::of(engine);
  ASSERT_NE(decoder, nullptr);
  const Customer customer(9, /*seed=*/3);
  const runtime::State state = engine.encode(customer.history());
  const std::vector<std::int64_t> items = {3, 0, 5, 1};
  const at::Tensor wanted = trained.written(engine.output(state), items);
  std::vector<float> h = decoder->start(state);
  for (std::int64_t j = 0; j < 4; ++j) {
    if (j > 0) {
      decoder->write(
          static_cast<std::size_t>(items[static_cast<std::size_t>(j - 1)]), h);
    }
    const at::Tensor row = wanted[j].contiguous();
    expect_close(h, {row.data_ptr<float>(), h.size()}, 9);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, ::testing::ValuesIn(cases()),
                         [](const auto& which) { return which.param.name; });

// An item that comes later is to the engine what an item without id is to
// torch: the last ten items of torch's catalogue are new to the engine.
TEST(Parity, NewItemsScoreAndCountAsTorchSaysOfItemsWithoutId) {
  constexpr std::size_t kNew = 10;
  for (const Case& which : cases()) {
    if (!reads_columns(which.spec)) continue;
    SCOPED_TRACE(which.name);
    Trained trained(which);
    nn::Parameter& id = trained.parameter("inputs.0.id");
    id.value.slice(0, kItems - kNew)
        .copy_(trained.parameter("inputs.0.unknown").value);
    const auto all = artifact::Artifact::from_bytes(trained.artifact(), "all");
    const auto fewer = without_last_items(*all, kNew);
    std::vector<std::string> names;
    for (std::size_t i = kItems - kNew; i < kItems; ++i) {
      names.emplace_back(all->description().items.name(i));
    }
    const runtime::Engine engine(
        runtime::with_items(*fewer, {names, rows(kItems - kNew, kItems)}));
    const Customer customer(kEvents, /*seed=*/3);
    const auto wanted = trained.logits(customer);
    std::vector<float> got(kItems);
    for (const std::size_t n : {std::size_t{1}, std::size_t{20}, kEvents}) {
      engine.score(engine.encode(customer.history().first(n)), got);
      expect_close(got, wanted[n - 1], n);
    }
  }
}

TEST(Parity, WalksEveryModelThatTorchTrains) {
  std::vector<std::string> names;
  for (const Case& which : cases()) names.push_back(which.name);
  for (const char* name :
       {"rnn", "lstm", "gru", "gru4rec", "sasrec", "gsasrec", "esasrec",
        "bert4rec", "transformer", "nextitnet", "seq2seq", "hstu"}) {
    EXPECT_TRUE(std::ranges::count(names, name) == 1) << name;
    const std::string content = std::string(name) + "_content";
    EXPECT_TRUE(std::ranges::count(names, content) == 1) << content;
  }
  for (const Case& which : cases()) {
    EXPECT_EQ(reads_context(which.spec), which.name.ends_with("_turned"))
        << which.name;
  }
}

}  // namespace
}  // namespace ensue::parity
