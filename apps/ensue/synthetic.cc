// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/synthetic.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "apps/ensue/terminal.h"
#include "ensue/base/hash.h"
#include "ensue/base/time_text.h"
#include "ensue/data/dataset.h"
#include "ensue/data/export.h"
#include "ensue/data/options.h"
#include "ensue/judge/copies.h"
#include "ensue/judge/split.h"

namespace ensue::apps {
namespace {

using runtime::Translation;

constexpr int kCopies = 1;
constexpr std::size_t kEnoughHeldOut = 100;  // users, to compare with

// Real histories in the engine's ids.
struct Real {
  std::vector<Translation::Events> training;  // what the model learnt from
  std::vector<Translation::Events> held_out;  // users it never met
};

Real real_histories(const events::Log& log, const judge::Split& split,
                    const runtime::Engine& engine) {
  const Translation translation(log, engine);
  Real out;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto all = log.history(events::UserId{user});
    const judge::Range range = split.train[user];
    auto learnt = translation.translate(all.slice(range.begin, range.end));
    if (range.size() == 0) {
      out.held_out.push_back(translation.translate(all));
    } else if (!learnt.items.empty()) {
      out.training.push_back(std::move(learnt));
    }
  }
  return out;
}

void check_same_data(const events::Log& log, const judge::Split& split,
                     const runtime::Engine& engine, const std::string& from) {
  const JsonObject& data = engine.artifact().description().data;
  const auto differs = [&](std::string_view name, std::uint64_t value) {
    const Json* found = data.if_contains(name);
    return found != nullptr && *found != Json(to_hex(value));
  };
  if (differs("log", log.fingerprint())) {
    invalid(from +
            ": trained on another dataset, expected the one of --dataset");
  }
  if (differs("part", split.fingerprint())) {
    invalid(from +
            ": trained on another part of the dataset, expected the [split] it "
            "was trained with");
  }
}

std::vector<judge::ItemSequence> items_of(
    const std::vector<Translation::Events>& histories) {
  std::vector<judge::ItemSequence> out;
  for (const Translation::Events& history : histories) {
    judge::ItemSequence items;
    for (const events::ItemId id : history.items) items.push_back(index(id));
    out.push_back(std::move(items));
  }
  return out;
}

// "2024-04-03 10:00:00.250"
std::string timestamp(events::Millis time) {
  const std::int64_t millis = count(time);
  const auto rest = static_cast<int>(((millis % 1000) + 1000) % 1000);
  std::string out = time_text(millis - rest);
  if (rest > 0) {
    char text[8];
    std::snprintf(text, sizeof text, ".%03d", rest);
    out += text;
  }
  return out;
}

// Of everybody's events, "" and NaN being none.
events::Column context_column(const std::vector<Translation::Events>& customers,
                              const events::ContextColumn& about,
                              std::size_t place) {
  std::vector<std::string> values;
  std::vector<double> numbers;
  for (const Translation::Events& one : customers) {
    for (std::size_t i = 0; i < one.items.size(); ++i) {
      const auto row = one.view().context.row(i);
      const events::Cell cell = row.empty() ? events::Cell() : row[place];
      numbers.push_back(cell.number());
      if (about.kind == events::ContextKind::kNumber) continue;
      values.emplace_back(cell.empty() ? "" : about.values.name(cell.code()));
    }
  }
  if (about.kind == events::ContextKind::kNumber) {
    return {about.name, std::move(numbers)};
  }
  return {about.name, std::move(values)};
}

events::Table as_table(const std::vector<Translation::Events>& customers,
                       const runtime::Engine& engine) {
  const artifact::Description& model = engine.artifact().description();
  std::vector<std::string> users, items, actions, times;
  for (std::size_t u = 0; u < customers.size(); ++u) {
    const Translation::Events& one = customers[u];
    for (std::size_t i = 0; i < one.items.size(); ++i) {
      users.push_back("synthetic-" + std::to_string(u + 1));
      items.emplace_back(model.items.name(index(one.items[i])));
      actions.emplace_back(model.actions.name(index(one.actions[i])));
      times.push_back(timestamp(one.times[i]));
    }
  }
  events::Table out;
  out.columns = {{"user_id", std::move(users)},
                 {"item_id", std::move(items)},
                 {"action", std::move(actions)}};
  if (model.schema.has_clock) {
    out.columns.push_back({"timestamp", std::move(times)});
  }
  for (std::size_t c = 0; c < engine.context().size(); ++c) {
    const events::ContextColumn& about = engine.context()[c];
    if (out.find(about.name) != nullptr) continue;  // of another member, too
    out.columns.push_back(context_column(customers, about, c));
  }
  return out;
}

void print_copies(const judge::Copies& synthetic, const judge::Copies& real,
                  const std::string& whom, int run) {
  TextTable table({"copies of training users", "histories",
                   "share with " + std::to_string(run) + " items in a row",
                   "longest run"});
  const auto add = [&](const std::string& who, const judge::Copies& c) {
    table.add({who, grouped(c.histories), fixed(c.share(), 4),
               std::to_string(c.longest)});
  };
  add("synthetic customers", synthetic);
  add(whom, real);
  std::printf("\n%s", table.text().c_str());
}

int check_copies(const std::vector<Translation::Events>& customers,
                 const Real& real, int run) {
  const auto k = static_cast<std::size_t>(run);
  const auto training = items_of(real.training);
  const bool held_out = real.held_out.size() >= kEnoughHeldOut;
  const judge::Copies synthetic =
      judge::find_copies(items_of(customers), training, k);
  const judge::Copies usual =
      held_out ? judge::find_copies(items_of(real.held_out), training, k)
               : judge::find_copies_among(training, k);
  print_copies(synthetic, usual,
               held_out ? "real users held out" : "each real user, the others",
               run);
  if (!judge::clearly_more(synthetic, usual)) {
    std::puts("no more copied than real users share with one another");
    return 0;
  }
  std::fprintf(
      stderr,
      "ensue: warning: synthetic customers copy training users clearly "
      "more than real ones do; do not hand them on as anonymous\n");
  return kCopies;
}

}  // namespace

void SyntheticRequest::check() const {
  options.check();
  if (run < 1) {
    invalid("--run: " + std::to_string(run) + ", expected at least 1");
  }
}

int simulate_from(const SyntheticRequest& request, const Settings& settings) {
  request.check();
  data::SourceOptions source;
  judge::SplitOptions split_options;
  settings.read(source, "data");
  settings.read(split_options, "split");
  const auto engine = runtime::Engine::load(request.from);
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const judge::Split split = judge::make_split(log, split_options);
  check_same_data(log, split, *engine, request.from);
  const Real real = real_histories(log, split, *engine);
  ProgressPrinter progress;
  const auto customers = tasks::sample_customers(
      *engine, real.training, request.options, progress.function());
  progress.finish();
  const std::filesystem::path file =
      std::filesystem::path(request.out) / "events.csv";
  std::filesystem::create_directories(request.out);
  const events::Table table = as_table(customers, *engine);
  data::write_table(file, table);
  std::printf("%s: %s events of %s synthetic customers\n", file.c_str(),
              grouped(table.rows()).c_str(), grouped(customers.size()).c_str());
  return check_copies(customers, real, request.run);
}

}  // namespace ensue::apps
