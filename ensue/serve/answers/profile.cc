// SPDX-License-Identifier: Apache-2.0
// One customer: interests, rhythm, price, offer, risk.
#include "ensue/tasks/profile.h"

#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/serve/answers/customer.h"
#include "ensue/serve/service.h"
#include "ensue/serve/task_model.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user;
  void visit(auto&& field) { field("user", user, "who is asked about"); }
};

// The likeliest next items, where a model of them is served.
void add_offers(Service& service, const std::string& user,
                tasks::Profile& profile) {
  if (service.models().all().empty()) return;
  const auto answered = service.recommend(
      Question{.user = user, .k = tasks::ProfileModel::kOffers});
  profile.offers.clear();
  for (const Shown& shown : answered.reply.items) {
    profile.offers.push_back({shown.item, shown.title, shown.score});
  }
  profile.offered_by = "next_item";
}

// The chance not to come back, where a model of it is served.
void add_risk(Service& service, const std::string& user,
              tasks::Profile& profile) {
  const auto retention = service.task_models().get("retention");
  if (retention == nullptr) return;
  const JsonObject said = retention->answer(service, {{"user", user}});
  profile.risk = tasks::risk_from(said.at("answer").to_number<double>(),
                                  said.at("horizon_days").to_number<int>());
}

class Profile final : public TaskModel {
 public:
  explicit Profile(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return "profile"; }

  JsonObject answer(Service& service, const JsonObject& body) const override {
    Fields fields;
    read_fields(fields, body, "body");
    const AskedUser user = asked_user(service, fields.user);
    const auto past = customer_events(model_.about(), user.events);
    tasks::Profile profile = model_.describe(past.view(), user.now);
    add_offers(service, user.name, profile);
    add_risk(service, user.name, profile);
    JsonObject out{{"task", task()},
                   {"user", user.name},
                   {"time", events::count(user.now)},
                   {"interests", model_.topics()}};
    for (auto& member : tasks::to_json(profile)) {
      out[member.key()] = member.value();
    }
    return out;
  }

 private:
  tasks::ProfileModel model_;
};

}  // namespace

TaskModelKind profile_kind() {
  return {"profiles of customers", tasks::ProfileModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Profile>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
