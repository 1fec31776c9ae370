// SPDX-License-Identifier: Apache-2.0
// The small neural network: small enough to be trained without libtorch.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/member_fit.h"
#include "ensue/kernels/adam.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/runtime/calibration.h"
#include "ensue/runtime/dense_scorer.h"

namespace ensue::classic {
namespace {

using runtime::DenseScorer;
using runtime::DenseTables;

constexpr std::size_t kWidest = 8192;  // features
constexpr std::uint64_t kStream = 21;  // of the random numbers of network 0

// A tensor with its gradient and the moments of Adam.
struct Parameter {
  std::vector<float> value, gradient, first, second;

  explicit Parameter(std::size_t size)
      : value(size), gradient(size), first(size), second(size) {}
  void draw(double deviation, Rng& rng) {
    for (float& x : value) x = static_cast<float>(deviation * rng.normal());
  }
};

// d loss / d margin of margin_loss(), in place of the margins.
void loss_gradient(Label kind, double y, std::span<double> margins) {
  if (kind == Label::kBinary) {
    margins[0] = runtime::logistic(margins[0]) - y;
  } else if (kind == Label::kNumber) {
    margins[0] -= y;
  } else if (kind == Label::kCount) {
    margins[0] = std::exp(std::min(margins[0], 30.0)) - y;
  } else {
    const double most = *std::ranges::max_element(margins);
    double sum = 0;
    for (double& m : margins) sum += m = std::exp(m - most);
    for (double& m : margins) m /= sum;
    margins[static_cast<std::size_t>(y)] -= 1;
  }
}

class Network {
 public:
  Network(const MemberTask& task, int place)
      : task_(task),
        hidden_(static_cast<std::size_t>(task.options.hidden)),
        rng_(task.options.seed, kStream + static_cast<std::uint64_t>(place)),
        in_(task.train.x.width * hidden_),
        in_bias_(hidden_),
        out_(task.outputs * hidden_),
        out_bias_(task.outputs) {
    // He et al. 2015, arXiv:1502.01852, for the features a row has.
    const double entries =
        static_cast<double>(task.train.x.places.size()) /
        static_cast<double>(std::max<std::size_t>(1, task.train.x.size()));
    in_.draw(std::sqrt(2 / std::max(1.0, entries)), rng_);
    out_.draw(std::sqrt(1 / static_cast<double>(hidden_)), rng_);
    set_bias();
  }

  // Epochs that served the held-back rows best; their weights stay.
  int train() {
    const bool decides =
        !task_.held.y.empty() && task_.options.dense_patience > 0;
    const int most =
        !decides && task_.length > 0 ? task_.length : task_.options.epochs;
    double best = std::numeric_limits<double>::infinity();
    int best_epochs = most;
    std::vector<std::vector<float>> kept;
    for (int epoch = 1; epoch <= most; ++epoch) {
      pass();
      if (!decides) continue;
      const double loss = held_loss();
      if (loss < best) {
        best = loss;
        best_epochs = epoch;
        kept = {in_.value, in_bias_.value, out_.value, out_bias_.value};
      } else if (epoch - best_epochs >= task_.options.dense_patience) {
        break;
      }
    }
    if (decides) {
      in_.value = kept[0], in_bias_.value = kept[1];
      out_.value = kept[2], out_bias_.value = kept[3];
    }
    return best_epochs;
  }

  // Puts its weights in place among those of all networks.
  void put(std::size_t place, DenseTables& all) const {
    const std::size_t units = all.networks * hidden_, at = place * hidden_;
    for (std::size_t f = 0; f < task_.train.x.width; ++f) {
      copy(in_.value, f * hidden_, all.in, f * units + at, hidden_);
    }
    copy(in_bias_.value, 0, all.in_bias, at, hidden_);
    for (std::size_t o = 0; o < all.outputs; ++o) {
      copy(out_.value, o * hidden_, all.out, o * units + at, hidden_);
    }
    copy(out_bias_.value, 0, all.out_bias, place * all.outputs, all.outputs);
    if (task_.kind != Label::kNumber) return;
    for (std::size_t u = at; u < at + hidden_; ++u) {
      all.out[u] *= static_cast<float>(scale_);
    }
    float& bias = all.out_bias[place];
    bias = static_cast<float>(scale_ * static_cast<double>(bias) + centre_);
  }

 private:
  static void copy(const std::vector<float>& from, std::size_t begin,
                   std::vector<float>& to, std::size_t at, std::size_t size) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(begin), size,
                to.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // Starts from the mean label, so that no step is spent on it.
  void set_bias() {
    const auto& y = task_.train.y;
    if (task_.kind == Label::kClass) return;
    const auto count = static_cast<double>(y.size());
    const double mean = std::accumulate(y.begin(), y.end(), 0.0) / count;
    if (task_.kind == Label::kNumber) {
      double squares = 0;
      for (const double label : y) squares += (label - mean) * (label - mean);
      centre_ = mean;
      scale_ = std::sqrt(squares / count);
    } else {
      out_bias_.value[0] = static_cast<float>(task_.kind == Label::kBinary
                                                  ? runtime::log_odds(mean)
                                                  : std::log(mean));
    }
  }

  void pass() {
    std::vector<std::size_t> order(task_.train.y.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, rng_);
    const auto batch = static_cast<std::size_t>(task_.options.batch);
    for (std::size_t begin = 0; begin < order.size(); begin += batch) {
      const std::size_t end = std::min(order.size(), begin + batch);
      for (std::size_t i = begin; i < end; ++i) {
        learn(order[i], 1 / static_cast<float>(end - begin));
      }
      update();
    }
  }

  // Adds the gradient of one row's loss.
  void learn(std::size_t row, float share) {
    const auto places = task_.train.x.places_of(row);
    const auto values = task_.train.x.values_of(row);
    std::vector<float> units = in_bias_.value;
    for (std::size_t i = 0; i < places.size(); ++i) {
      kernels::add_scaled(in_.value.data() + places[i] * hidden_, values[i],
                          units.data(), hidden_);
    }
    for (float& u : units) u = std::max(0.0F, u);
    std::vector<double> margins(out_bias_.value.begin(), out_bias_.value.end());
    for (std::size_t o = 0; o < margins.size(); ++o) {
      margins[o] += static_cast<double>(std::inner_product(
          units.begin(), units.end(), out_.value.data() + o * hidden_, 0.0F));
    }
    loss_gradient(task_.kind, (task_.train.y[row] - centre_) / scale_, margins);
    std::vector<float> slopes(hidden_);
    for (std::size_t o = 0; o < margins.size(); ++o) {
      const float slope = share * static_cast<float>(margins[o]);
      out_bias_.gradient[o] += slope;
      kernels::add_scaled(out_.value.data() + o * hidden_, slope, slopes.data(),
                          hidden_);
      kernels::add_scaled(units.data(), slope,
                          out_.gradient.data() + o * hidden_, hidden_);
    }
    kernels::relu_back(units.data(), slopes.data(), hidden_);
    kernels::add_scaled(slopes.data(), 1, in_bias_.gradient.data(), hidden_);
    for (std::size_t i = 0; i < places.size(); ++i) {
      kernels::add_scaled(slopes.data(), values[i],
                          in_.gradient.data() + places[i] * hidden_, hidden_);
    }
  }

  void update() {
    ++steps_;
    const auto rate = static_cast<float>(task_.options.rate);
    const auto decay = static_cast<float>(task_.options.decay);
    kernels::AdamStep step{.rate = rate};
    const auto steps = static_cast<float>(steps_);
    step.correct1 = 1 / (1 - std::pow(step.beta1, steps));
    step.correct2 = 1 / (1 - std::pow(step.beta2, steps));
    for (Parameter* p : {&in_, &in_bias_, &out_, &out_bias_}) {
      step.decay = p == &in_ || p == &out_ ? rate * decay : 0;
      kernels::adam(step, p->value.data(), p->gradient.data(), p->first.data(),
                    p->second.data(), p->value.size());
    }
  }

  double held_loss() const {
    DenseTables tables;
    tables.hidden = hidden_;
    tables.outputs = task_.outputs;
    tables.in.resize(in_.value.size());
    tables.in_bias.resize(hidden_);
    tables.out.resize(out_.value.size());
    tables.out_bias.resize(task_.outputs);
    put(0, tables);
    std::vector<double> margins(task_.held.y.size() * task_.outputs);
    DenseScorer(std::move(tables)).margins(task_.held.x, margins);
    return margin_loss(task_.kind, task_.outputs, margins, task_.held.y);
  }

  const MemberTask& task_;
  std::size_t hidden_;
  Rng rng_;
  Parameter in_, in_bias_, out_, out_bias_;
  double centre_ = 0, scale_ = 1;  // of numbers, which are learnt standardised
  std::uint64_t steps_ = 0;
};

void check(const MemberTask& task) {
  const TableFitOptions& options = task.options;
  if (options.hidden < 1 || options.networks < 1 || options.epochs < 1 ||
      options.batch < 1 || !(options.rate > 0) || !(options.decay >= 0)) {
    invalid(
        "dense: hidden, networks, epochs, batch must be 1 or more, rate above "
        "0, decay 0 or more");
  }
  if (task.train.x.width > kWidest) {
    invalid("dense: " + std::to_string(task.train.x.width) +
            " features, at most " + std::to_string(kWidest) +
            "; take principal components");
  }
}

}  // namespace

Fitted fit_dense(const MemberTask& task) {
  check(task);
  DenseTables tables;
  tables.networks = static_cast<std::size_t>(task.options.networks);
  tables.hidden = static_cast<std::size_t>(task.options.hidden);
  tables.outputs = task.outputs;
  const std::size_t units = tables.networks * tables.hidden;
  tables.in.resize(task.train.x.width * units);
  tables.in_bias.resize(units);
  tables.out.resize(task.outputs * units);
  tables.out_bias.resize(tables.networks * task.outputs);
  int epochs = 0;
  for (int n = 0; n < task.options.networks; ++n) {
    Network network(task, n);
    epochs += network.train();
    network.put(static_cast<std::size_t>(n), tables);
  }
  return {std::make_unique<DenseScorer>(std::move(tables)),
          std::max(1, epochs / task.options.networks)};
}

}  // namespace ensue::classic
