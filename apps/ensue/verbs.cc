// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/verb.h"

namespace ensue::apps {

Verb blend_verb();
Verb describe_verb();
Verb evaluate_verb();
Verb explain_verb();
Verb export_verb();
Verb extend_verb();
Verb features_verb();
Verb import_verb();
Verb init_verb();
Verb keys_verb();
Verb models_verb();
Verb predict_verb();
Verb recommend_verb();
Verb replay_verb();
Verb serve_verb();
Verb simulate_verb();
Verb tasks_verb();
Verb train_verb();
Verb tune_verb();
Verb update_verb();

const Catalog<Verb>& verbs() {
  static const Catalog<Verb> list(
      "verb",
      {
          init_verb(),    import_verb(),   describe_verb(),  features_verb(),
          train_verb(),   tune_verb(),     blend_verb(),     extend_verb(),
          export_verb(),  evaluate_verb(), recommend_verb(), predict_verb(),
          explain_verb(), serve_verb(),    replay_verb(),    update_verb(),
          keys_verb(),    simulate_verb(), models_verb(),    tasks_verb(),
      });
  return list;
}

}  // namespace ensue::apps
