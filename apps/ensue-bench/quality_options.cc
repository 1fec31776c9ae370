// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/quality_options.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Numbers, booleans and lists of them as JSON, anything else as text.
Json value_of(const std::string& text) {
  const bool list = text.find(',') != std::string::npos;
  try {
    return parse_json(list ? "[" + text + "]" : text, "value");
  } catch (const Error&) {
    return Json(text);
  }
}

int count_of(const std::string& option, const std::string& text) {
  const Json value = value_of(text);
  if (!value.is_int64() || value.get_int64() < 1) {
    invalid(option + ": " + text + ", expected a number above 0");
  }
  return static_cast<int>(value.get_int64());
}

void set(QualityOptions& out, const std::string& option,
         const std::string& value) {
  constexpr std::string_view kModel = "--model.", kTrain = "--train.";
  if (option == "--models") {
    out.models = split_commas(value);
  } else if (option == "--seeds") {
    out.seeds = count_of(option, value);
  } else if (option == "--epochs") {
    out.train["epochs"] = count_of(option, value);
  } else if (option == "--configs") {
    out.configs = value;
  } else if (option == "--work") {
    out.work = value;
  } else if (option.starts_with(kModel)) {
    out.model[option.substr(kModel.size())] = value_of(value);
  } else if (option.starts_with(kTrain)) {
    out.train[option.substr(kTrain.size())] = value_of(value);
  } else {
    invalid("unknown option '" + option +
            "'; known: --models, --seeds, --epochs, --validation, --configs, "
            "--work, --model.KEY, --train.KEY");
  }
}

}  // namespace

QualityOptions parse_quality_options(const std::vector<std::string>& typed,
                                     QualityOptions out) {
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == "--validation") {
      out.validation = true;
    } else if (i + 1 == typed.size()) {
      invalid("option '" + typed[i] + "': expected a value behind it");
    } else {
      set(out, typed[i], typed[i + 1]);
      ++i;
    }
  }
  if (out.models.empty()) invalid("--models: expected at least one");
  return out;
}

}  // namespace ensue::apps
