// SPDX-License-Identifier: Apache-2.0
// ensue train --task segments, ensue predict segments: who the customers are.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/run_folder.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/classic/discounts.h"
#include "ensue/classic/segments.h"
#include "ensue/data/dataset.h"
#include "ensue/data/export.h"
#include "ensue/data/options.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/instants.h"
#include "ensue/runtime/engine.h"
#include "ensue/tasks/groups.h"

namespace ensue::apps {
namespace {

constexpr const char* kTask = "segments";
constexpr std::size_t kShown = 10;

struct SegmentSettings {
  std::string name = kTask, action, previous, encoder;
  std::vector<std::string> discount;
  classic::SegmentOptions fit;
  void visit(auto&& field) {
    field("name", name, "the task");
    field("action", action, "what the shop is after; empty: its main action");
    field("by", fit.by, "segments: behaviour, interests, both or encoder");
    field("encoder", encoder,
          "segments: a trained sequence model, its file or its run, whose "
          "embeddings count too");
    field("encoder_weight", fit.encoder_weight,
          "segments: how much they count; 1: as much as all the rest");
    field("groups", fit.groups, "segments: how many; 0: chosen by stability");
    field("least", fit.least, "segments: fewest groups to choose from");
    field("most", fit.most, "segments: most groups to choose from");
    field("columns", fit.columns,
          "segments: numbers of behaviour; none: those that suit");
    field("interests", fit.interests,
          "segments: numbers that say what a customer likes");
    field("resamples", fit.resamples,
          "segments: pairs of samples that must agree");
    field("previous", previous,
          "segments: earlier groups whose ids stay; empty: those at hand, "
          "none: new ids");
    field("discount", discount,
          "profile, segments: event columns of money off; none said: those "
          "called discount, retail_disc, coupon_disc, …; none: do not look");
    field("seed", fit.seed, "seed of samples and of whatever is drawn");
  }
};

std::unique_ptr<tasks::SegmentsModel> previous_groups(const std::string& said) {
  const std::string path =
      said.empty() ? task_model_path(kTask).string() : said;
  if (said == "none") return nullptr;
  if (said.empty() && !std::filesystem::exists(path)) return nullptr;
  auto artifact = artifact::Artifact::load(path);
  if (!tasks::SegmentsModel::is_one(artifact->description())) {
    invalid("task.previous: " + path + " holds no groups of customers");
  }
  std::printf("ids as in %s where most customers of a group stay together\n",
              path.c_str());
  return std::make_unique<tasks::SegmentsModel>(std::move(artifact));
}

// The sequence models that places are made with, over a log's own ids.
class Encoders {
 public:
  Encoders(const events::Log& log, events::Millis until,
           const std::string& path, const tasks::SegmentsModel* previous)
      : log_(log), until_(until) {
    if (!path.empty()) now_ = over(runtime::Engine::load(path));
    if (previous != nullptr && previous->encoder() != nullptr) {
      previous_ = over(previous->encoder()->engine());
    }
  }
  classic::SegmentEncoders functions() const {
    return {function(now_), function(previous_)};
  }

 private:
  using Columns = std::shared_ptr<const tasks::SequenceColumns>;

  Columns over(std::shared_ptr<const runtime::Engine> engine) const {
    return std::make_shared<const tasks::SequenceColumns>(
        std::move(engine), kTask,
        runtime::HistoryNames{log_.item_names(), log_.action_names(),
                              log_.context()});
  }
  classic::EmbedUser function(const Columns& columns) const {
    if (columns == nullptr) return {};
    return [this, columns](events::UserId user) {
      return tasks::embedding_of(*columns, log_.history(user), until_);
    };
  }

  const events::Log& log_;
  events::Millis until_;
  Columns now_, previous_;
};

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

void print_curve(std::span<const classic::Stability> curve, std::size_t taken) {
  if (curve.empty()) return;
  std::printf("agreement of groups from two samples, by their number:");
  for (const classic::Stability& point : curve) {
    std::printf("%s %d: %.3f", &point == curve.data() ? "" : ",", point.groups,
                point.mean);
  }
  std::printf("; taken: %zu\n\n", taken);
}

std::string item_text(const tasks::GroupItem& item) {
  return (item.title.empty() ? item.item : clip(item.title, 40)) + " (x" +
         fixed(item.lift, 1) + ")";
}

void print_group(const tasks::Group& group) {
  std::printf("%s\n  %s\n",
              styled(Style::kBold, std::to_string(group.id) + "  " + group.name)
                  .c_str(),
              group.words.c_str());
  std::string items;
  for (const tasks::GroupItem& item : group.items) {
    items += (items.empty() ? "" : ", ") + item_text(item);
  }
  if (!items.empty()) std::printf("  takes more of: %s\n", items.c_str());
  std::printf("  recommend: %s\n  campaign: %s\n  discount: %s\n",
              group.strategy.recommend.c_str(), group.strategy.campaign.c_str(),
              group.strategy.discount.c_str());
}

void print_groups(const std::vector<tasks::Group>& groups) {
  TextTable table(
      {"id", "group", "customers", "share", "share of spend", "spend of one"});
  for (const tasks::Group& group : groups) {
    table.add({std::to_string(group.id), group.name, grouped(group.customers),
               percent(group.share), percent(group.spend_share),
               fixed(group.spend, 2)});
  }
  std::printf("%s\n", table.text().c_str());
  for (const tasks::Group& group : groups) print_group(group);
}

int train(const Settings& settings) {
  SegmentSettings task;
  data::SourceOptions source;
  read_task(task, settings);
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const events::Millis end = end_of(log);
  task.fit.buying =
      task.action.empty() ? features::main_action(log) : task.action;
  const auto known =
      classic::fit_discounts(log, end, task.fit.buying, task.discount);
  const auto previous = previous_groups(task.previous);
  if (!task.encoder.empty()) task.encoder = model_file(task.encoder).string();
  const Encoders encoders(log, end, task.encoder, previous.get());
  auto fit = classic::fit_segments(
      log, end, task.fit, previous == nullptr ? nullptr : &previous->segments(),
      encoders.functions());
  const runtime::Segments made(
      artifact::Artifact::from_bytes(fit.draft.bytes(), kTask));
  if (!task.encoder.empty()) {
    const std::string bytes = read_file(task.encoder);
    tasks::SegmentsModel::add_encoder(fit.draft,
                                      std::as_bytes(std::span(bytes)));
  }
  std::vector<std::int64_t> ids;
  for (std::size_t g = 0; g < made.groups(); ++g) ids.push_back(made.id(g));
  std::unique_ptr<const runtime::Discounts> discounts;
  if (known) {
    discounts = std::make_unique<runtime::Discounts>(
        log.context(), log.action_names(), known->source);
  }
  const auto groups = tasks::describe_groups(
      {log, end, task.fit.buying, fit.users, fit.group, ids, discounts.get()});
  tasks::SegmentsModel::describe(fit.draft, groups);
  print_curve(fit.curve, groups.size());
  print_groups(groups);
  const auto path = task_model_path(kTask);
  std::filesystem::create_directories(path.parent_path());
  fit.draft.write(path);
  std::printf("\n%s: ask it with: ensue predict segments --user NAME\n",
              path.c_str());
  return 0;
}

void print_user(const std::string& name,
                const tasks::SegmentsModel::Answer& answer) {
  const tasks::Group& group = *answer.group;
  std::printf("%s  group %lld, %s; distance %s, next group %s\n",
              styled(Style::kBold, clip(name, 60)).c_str(),
              static_cast<long long>(group.id), group.name.c_str(),
              fixed(answer.distance, 4).c_str(), fixed(answer.next, 4).c_str());
  std::printf("  %s\n  recommend: %s\n  campaign: %s\n  discount: %s\n",
              group.words.c_str(), group.strategy.recommend.c_str(),
              group.strategy.campaign.c_str(), group.strategy.discount.c_str());
}

// By group, the nearest to its centre first.
events::Table answers_of_all(const tasks::SegmentsModel& model,
                             const AskedLog& asked) {
  const LogReading reading(asked.log, model.about());
  const auto users = everybody(asked);
  std::vector<tasks::SegmentsModel::Answer> answers;
  for (const events::UserId user : users) {
    answers.push_back(model.answer(reading.of(user).view(), asked.at));
  }
  std::vector<std::size_t> order(users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return std::pair(answers[i].group, answers[i].distance);
  });
  std::vector<std::string> names, groups;
  std::vector<double> ids, distances;
  for (const std::size_t i : order) {
    names.emplace_back(asked.log.user_names().name(index(users[i])));
    ids.push_back(static_cast<double>(answers[i].group->id));
    groups.push_back(answers[i].group->name);
    distances.push_back(answers[i].distance);
  }
  events::Table out;
  out.columns = {{"user", std::move(names)},
                 {"group", std::move(ids)},
                 {"name", std::move(groups)},
                 {"distance", std::move(distances)}};
  return out;
}

int predict(const TaskQuestion& question, const Settings& settings) {
  const tasks::SegmentsModel model(artifact::Artifact::load(question.model));
  const AskedLog asked = asked_log(question, settings);
  std::printf("as of %s\n\n", judge::show_instant(asked.at).c_str());
  const LogReading reading(asked.log, model.about());
  for (const std::string& name : question.users) {
    const auto events = reading.of(find_user(asked, name));
    print_user(name, model.answer(events.view(), asked.at));
  }
  if (!question.all_users) return 0;
  const events::Table answers = answers_of_all(model, asked);
  TextTable table({"group", "name", "customers now", "when fitted"});
  for (const tasks::Group& group : model.groups()) {
    const auto& ids = std::get<std::vector<double>>(answers.columns[1].cells);
    const auto now = std::ranges::count(ids, static_cast<double>(group.id));
    table.add({std::to_string(group.id), group.name,
               grouped(static_cast<std::uint64_t>(now)),
               grouped(group.customers)});
  }
  std::printf("%s", table.text().c_str());
  if (!question.out.empty()) {
    data::write_table(question.out, answers, {"group"});
    std::printf("\n%s: everybody, by group\n", question.out.c_str());
  }
  return 0;
}

}  // namespace

TaskCommand segments_command() {
  return {.name = kTask,
          .fields = describe_fields<SegmentSettings>,
          .trains =
              [](const Settings& settings) {
                return settings.section("task").at("name") == Json(kTask);
              },
          .train = train,
          .holds = tasks::SegmentsModel::is_one,
          .predict = predict};
}

}  // namespace ensue::apps
