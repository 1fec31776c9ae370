// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/service.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/runtime/new_items.h"
#include "ensue/serve/formats/documents.h"
#include "ensue/serve/item_rows.h"

namespace ensue::serve {
namespace {

std::uint64_t seed_of_machine() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) ^ device();
}

JsonObject parse_document(const store::Document& document) {
  const Json parsed = parse_json(document.json, "item " + document.id);
  return parsed.is_object() ? parsed.as_object() : JsonObject();
}

}  // namespace

events::Millis Service::machine_time() {
  using namespace std::chrono;
  return events::Millis{
      duration_cast<milliseconds>(system_clock::now().time_since_epoch())
          .count()};
}

Service::Service(const ServiceOptions& options,
                 std::unique_ptr<store::EventStore> store,
                 store::Retention retention, Now now)
    : options_(options),
      now_(std::move(now)),
      store_(std::move(store)),
      states_(options.state_memory, *store_, retention),
      slates_(*store_, metrics_),
      judge_(options.judge, *store_, models_, metrics_),
      events_total_(metrics_.counter("ensue_events_total", "Events stored")),
      repeated_total_(metrics_.counter(
          "ensue_repeated_events_total",
          "Events that were sent again under a known event_id")),
      random_(seed_of_machine()) {
  models_.set_approximate(options.approximate);
  metrics_.before_text([this] {
    const States::Counts counts = states_.counts();
    const auto set = [&](const char* name, const char* help, double value) {
      metrics_.gauge(name, help).Set(value);
    };
    set("ensue_states", "Users whose state is in memory",
        static_cast<double>(counts.users));
    set("ensue_state_bytes", "Memory of states",
        static_cast<double>(counts.bytes));
    set("ensue_state_hits", "Questions answered from a state in memory",
        static_cast<double>(counts.hits));
    set("ensue_state_encodings", "States encoded from stored events",
        static_cast<double>(counts.encoded));
    set("ensue_state_evictions", "States that left for lack of memory",
        static_cast<double>(counts.evicted));
    const auto size = store_->size();
    set("ensue_store_bytes", "Bytes of the event store",
        static_cast<double>(size.bytes));
    set("ensue_store_users", "Users with events, about",
        static_cast<double>(size.users));
  });
}

Service::~Service() = default;

std::vector<std::string> Service::model_names() const {
  std::vector<std::string> out;
  for (const auto& entry : models_.all()) out.push_back(entry.model->name());
  return out;
}

void Service::load(const ModelChoice& choice) {
  put_in_place(models_.make(choice), choice.share);
}

void Service::take_model(const ModelChoice& choice, std::string_view bytes) {
  const std::string fresh = choice.path + ".new";
  write_file(fresh, bytes);
  try {
    auto model = models_.make(choice, fresh);
    // The old file goes on under its mapping; the name is the new one's.
    std::filesystem::rename(fresh, choice.path);
    put_in_place(std::move(model), choice.share);
  } catch (...) {
    std::error_code gone;
    std::filesystem::remove(fresh, gone);
    throw;
  }
}

std::vector<std::string> Service::reload() {
  std::vector<std::string> failures;
  {
    const std::lock_guard lock(items_mutex_);
    failures = task_models_.reload(telling_items());
  }
  for (const auto& [model, share] : models_.all()) {
    try {
      load({model->name(), model->path(), share});
    } catch (const Error& error) {
      failures.push_back(model->name() + ": " + error.what());
    }
  }
  return failures;
}

void Service::load_task_model(const std::string& path) {
  const std::lock_guard lock(items_mutex_);
  task_models_.load(path, telling_items());
}

TaskModels::Prepare Service::telling_items() {
  return [this](const TaskModel& model) {
    if (!model.heeds_items()) return;
    std::string cursor;
    while (true) {
      const auto page = store_->documents(store::Kind::kItem, cursor, 1000);
      if (page.empty()) return;
      cursor = page.back().id;
      for (const store::Document& document : page) {
        const JsonObject said = parse_document(document);
        model.set_item(document.id, &said);
      }
    }
  };
}

// No document changes between what the model is told and its first answer.
void Service::put_in_place(std::shared_ptr<const LiveModel> model,
                           double share) {
  const std::lock_guard lock(items_mutex_);
  const auto unknown = tell_items(*model);
  models_.put(with_items(model, unknown), share);
  metrics_
      .gauge("ensue_model_loaded_seconds", "When the model was loaded",
             {{"model", model->name()}})
      .Set(static_cast<double>(events::count(now())) / 1000);
}

// Returns the documents of items that the model does not know.
std::vector<store::Document> Service::tell_items(const LiveModel& model) {
  std::vector<store::Document> unknown;
  std::string cursor;
  while (true) {
    auto page = store_->documents(store::Kind::kItem, cursor, 1000);
    if (page.empty()) return unknown;
    cursor = page.back().id;
    for (store::Document& document : page) {
      const auto item = model.item(document.id);
      if (item) {
        model.catalogue().set(*item, parse_document(document));
      } else {
        unknown.push_back(std::move(document));
      }
    }
  }
}

// The model with the items that it does not know; itself when it cannot take
// them in.
std::shared_ptr<const LiveModel> Service::with_items(
    const std::shared_ptr<const LiveModel>& model,
    std::span<const store::Document> fresh) {
  if (fresh.empty() || !runtime::takes_new_items(model->engine().artifact())) {
    return model;
  }
  runtime::NewItems items;
  std::vector<JsonObject> rows;
  for (const store::Document& document : fresh) {
    items.names.push_back(document.id);
    rows.push_back(parse_document(document));
  }
  items.table = table_of(rows, model->about().item_table);
  auto grown = std::make_shared<LiveModel>(
      model->name(), model->path(), models_.next_number(),
      std::make_shared<const runtime::Engine>(
          runtime::with_items(model->engine().artifact(), items)));
  tell_items(*grown);
  return grown;
}

store::Appended Service::ingest(std::span<const store::Event> events) {
  const auto models = model_names();
  States::Ingest around(states_, events, models);
  store::Appended out = store_->append(events, now());
  around.after(out.stored);
  std::size_t stored = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!out.stored[i]) continue;
    ++stored;
    popular_.add(events[i]);
    slates_.follow(events[i]);
    judge_.offer(events[i]);
  }
  events_total_.Increment(static_cast<double>(stored));
  repeated_total_.Increment(static_cast<double>(events.size() - stored));
  return out;
}

std::vector<store::Document> Service::patch(
    store::Kind kind, std::span<const store::Document> documents) {
  std::vector<store::Document> whole(documents.begin(), documents.end());
  for (store::Document& document : whole) {
    const auto before = store_->document(kind, document.id);
    document.json = patched(before.value_or("{}"), document.json);
  }
  store_->put(kind, whole);
  return whole;
}

void Service::put_users(std::span<const store::Document> documents) {
  const std::lock_guard lock(items_mutex_);
  patch(store::Kind::kUser, documents);
}

std::vector<std::string> Service::put_items(
    std::span<const store::Document> documents) {
  const std::lock_guard lock(items_mutex_);
  const auto whole = patch(store::Kind::kItem, documents);
  for (const auto& model : task_models_.all()) {
    for (const store::Document& document : whole) {
      const JsonObject said = parse_document(document);
      if (model->heeds_items()) model->set_item(document.id, &said);
    }
  }
  std::vector<std::string> took;
  for (const auto& [model, share] : models_.all()) {
    std::vector<store::Document> unknown;
    for (const store::Document& document : whole) {
      const auto item = model->item(document.id);
      if (item) {
        model->catalogue().set(*item, parse_document(document));
      } else {
        unknown.push_back(document);
      }
    }
    const auto grown = with_items(model, unknown);
    if (grown == model) continue;
    models_.put(grown, share);
    took.push_back(model->name());
  }
  return took;
}

void Service::drop_item(const std::string& id) {
  const std::lock_guard lock(items_mutex_);
  store_->drop(store::Kind::kItem, id);
  for (const auto& entry : models_.all()) {
    const auto item = entry.model->item(id);
    if (item) entry.model->catalogue().forget(*item);
  }
  for (const auto& model : task_models_.all()) model->set_item(id, nullptr);
}

bool Service::erase_user(const std::string& user) {
  slates_.forget(user);
  const bool there = store_->erase(user);
  states_.forget(user, model_names());
  return there;
}

std::size_t Service::remove_events(
    const std::string& user,
    const std::function<bool(const store::Event&)>& gone) {
  const std::size_t count = store_->remove(user, gone);
  if (count > 0) states_.forget(user, model_names());
  return count;
}

// Questions of one model.
struct Service::Group {
  std::shared_ptr<const LiveModel> model;
  std::vector<std::size_t> questions;
};

std::uint64_t Service::random() {
  const std::lock_guard lock(random_mutex_);
  return random_();
}

std::string Service::keep_answer(store::Answer answer) {
  if (answer.id.empty()) answer.id = answer_id(now(), random());
  std::string id = answer.id;
  slates_.add(std::move(answer));
  return id;
}

void Service::keep(const Question& question, Answered& answered,
                   std::uint64_t random) {
  const events::Millis time = now();
  answered.id =
      question.answer_id.empty() ? answer_id(time, random) : question.answer_id;
  store::Answer out{.id = answered.id,
                    .user = question.user,
                    .model = answered.reply.model->name(),
                    .time = time};
  for (const Shown& shown : answered.reply.items) {
    out.items.push_back({shown.item, shown.score, shown.propensity});
  }
  slates_.add(std::move(out));
}

void Service::answer_group(Group& group, std::span<const Question> questions,
                           std::vector<Answered>& out) {
  // By rising user, so that two threads cannot wait for one another; a user
  // that asks twice is held once.
  std::map<std::string, States::Held> held;
  std::vector<UserState> sessions(group.questions.size());
  std::vector<Ready> ready;
  std::vector<std::uint64_t> seeds;
  std::set<std::string> users;
  for (const std::size_t q : group.questions) {
    if (!questions[q].session) users.insert(questions[q].user);
  }
  for (const std::string& user : users) {
    held.emplace(user, states_.hold(group.model, user));
  }
  for (std::size_t i = 0; i < group.questions.size(); ++i) {
    const Question& question = questions[group.questions[i]];
    const UserState* state = &sessions[i];
    if (question.session) {
      sessions[i] = encoded(*group.model, *question.session);
    } else {
      state = &*held.at(question.user);
    }
    ready.push_back({&question, &state->state, state->seen});
    seeds.push_back(random());
  }
  auto replies = answer(group.model, ready, seeds, popular_);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    Answered& answered = out[group.questions[i]];
    answered.reply = std::move(replies[i]);
    keep(*ready[i].question, answered, seeds[i]);
  }
}

std::vector<Service::Answered> Service::recommend(
    std::span<const Question> questions) {
  std::vector<Answered> out(questions.size());
  std::map<std::uint64_t, Group> groups;
  for (std::size_t q = 0; q < questions.size(); ++q) {
    try {
      auto model = models_.pick(questions[q].model, questions[q].user);
      // Columns that nobody has are this question's error alone.
      model->catalogue().allowed(questions[q].only);
      Group& group = groups[model->number()];
      group.model = std::move(model);
      group.questions.push_back(q);
    } catch (const Error& error) {
      out[q].error = error.what();
      out[q].code = error.code();
    }
  }
  for (auto& [number, group] : groups) {
    try {
      answer_group(group, questions, out);
    } catch (const Error& error) {
      for (const std::size_t q : group.questions) {
        out[q] = {{}, {}, error.what(), error.code()};
      }
    }
  }
  return out;
}

Service::Answered Service::recommend(const Question& question) {
  auto out = recommend(std::span(&question, 1));
  if (!out[0].error.empty()) throw Error(out[0].code, out[0].error);
  return std::move(out[0]);
}

void Service::with_state(
    const Question& question,
    const std::function<void(const LiveModel&, const UserState&)>& body) {
  const auto model = models_.pick(question.model, question.user);
  if (question.session) {
    return body(*model, encoded(*model, *question.session));
  }
  const auto held = states_.hold(model, question.user);
  body(*model, *held);
}

void Service::prune() {
  const auto changed = store_->prune(now());
  const auto models = model_names();
  for (const std::string& user : changed) states_.forget(user, models);
}

void Service::learn_popularity() {
  std::string cursor;
  do {
    const auto page = store_->users(cursor, 1000);
    for (const std::string& user : page.names) {
      for (const auto& event : store_->user(user).events) popular_.add(event);
    }
    cursor = page.cursor;
  } while (!cursor.empty());
}

}  // namespace ensue::serve
