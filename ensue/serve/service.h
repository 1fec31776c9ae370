// SPDX-License-Identifier: Apache-2.0
// The server's inside: everything that endpoints need, without sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/serve/ask.h"
#include "ensue/serve/live_judge.h"
#include "ensue/serve/metrics.h"
#include "ensue/serve/models.h"
#include "ensue/serve/popular.h"
#include "ensue/serve/slates.h"
#include "ensue/serve/states.h"
#include "ensue/serve/task_models.h"

namespace ensue::serve {

struct ServiceOptions {
  std::size_t state_memory = std::size_t{256} << 20;  // bytes
  std::size_t max_batch = 100'000;                    // events of one request
  bool approximate = false;  // answers by a graph of near neighbours
  double explore = 0;        // of answers that do not say otherwise
  JudgeOptions judge = {};
  /// Folder that models may be loaded from while running; "": none.
  std::string model_folder = "";
};

/// Thread-safe. The clock is a function so that tests hold it.
class Service {
 public:
  using Now = std::function<events::Millis()>;
  static events::Millis machine_time();

  Service(const ServiceOptions& options,
          std::unique_ptr<store::EventStore> store, store::Retention retention,
          Now now = machine_time);
  ~Service();

  const ServiceOptions& options() const noexcept { return options_; }
  Models& models() noexcept { return models_; }
  TaskModels& task_models() noexcept { return task_models_; }
  Metrics& metrics() noexcept { return metrics_; }
  store::EventStore& store() noexcept { return *store_; }
  Slates& slates() noexcept { return slates_; }
  Popular& popular() noexcept { return popular_; }
  LiveJudge& judge() noexcept { return judge_; }
  States& states() noexcept { return states_; }
  events::Millis now() const { return now_(); }

  /// Loads and checks a model, tells it what is known of items (those that it
  /// does not know it takes in when it can), then puts it in its place. The one
  /// that was there answers until then, and goes on when this throws.
  void load(const ModelChoice& choice);
  /// The same of a model as bytes, which then lies at choice.path.
  void take_model(const ModelChoice& choice, std::string_view bytes);
  /// Loads all again from where they came; what fails goes on as it is.
  /// @return one line per failure.
  std::vector<std::string> reload();

  /// The same of a model of a task.
  void load_task_model(const std::string& path);

  /// Stores events (all or none); when it returns they are stored.
  store::Appended ingest(std::span<const store::Event> events);
  /// Fields of users, set in what is known of them; null takes one away.
  void put_users(std::span<const store::Document> documents);
  /// The same of items, and heeded by filters at once. An item that a
  /// model with content inputs does not know becomes one that it answers with.
  /// @return names of models that took new items in.
  std::vector<std::string> put_items(
      std::span<const store::Document> documents);
  void drop_item(const std::string& id);
  /// @return false: nothing was known of the user.
  bool erase_user(const std::string& user);
  std::size_t remove_events(
      const std::string& user,
      const std::function<bool(const store::Event&)>& gone);

  /// An answer and its id; both are kept.
  struct Answered {
    Reply reply;
    std::string id;
    std::string error = {};  // not empty: there is no reply
    Code code = Code::kInvalidArgument;
  };
  /// Several questions at once, each with its own outcome.
  std::vector<Answered> recommend(std::span<const Question> questions);
  /// One. @throws Error.
  Answered recommend(const Question& question);

  /// Keeps what was shown; gives it an id. @return the id.
  std::string keep_answer(store::Answer answer);

  /// Calls body(state, seen items) with the state of a user or session.
  void with_state(const Question& question,
                  const std::function<void(const LiveModel& model,
                                           const UserState& state)>& body);

  /// Drops what the retention says; called by the owner now and then.
  void prune();
  /// Counts what is stored, once, at the start. What arrives meanwhile may be
  /// counted twice.
  void learn_popularity();

 private:
  struct Group;
  std::vector<std::string> model_names() const;
  std::vector<store::Document> patch(
      store::Kind kind, std::span<const store::Document> documents);
  void put_in_place(std::shared_ptr<const LiveModel> model, double share);
  std::vector<store::Document> tell_items(const LiveModel& model);
  TaskModels::Prepare telling_items();
  std::shared_ptr<const LiveModel> with_items(
      const std::shared_ptr<const LiveModel>& model,
      std::span<const store::Document> fresh);
  void answer_group(Group& group, std::span<const Question> questions,
                    std::vector<Answered>& out);
  void keep(const Question& question, Answered& answered, std::uint64_t random);
  std::uint64_t random();

  ServiceOptions options_;
  Now now_;
  Metrics metrics_;
  std::unique_ptr<store::EventStore> store_;
  Models models_;
  TaskModels task_models_;
  States states_;
  Popular popular_;
  Slates slates_;
  LiveJudge judge_;
  prometheus::Counter &events_total_, &repeated_total_;
  std::mutex items_mutex_;  // one change of documents at a time
  std::mutex random_mutex_;
  Rng random_;
};

}  // namespace ensue::serve
