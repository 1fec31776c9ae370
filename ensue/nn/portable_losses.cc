// SPDX-License-Identifier: Apache-2.0
// Losses out of ATen's ops; torch's graph gives the gradients.
#include "ensue/nn/internal/portable_losses.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kStripFloats = std::int64_t{1} << 24;
constexpr float kLeftOut = -1e30F;  // its softmax is 0

// The targets of rows [from, to), one by one; rows are counted from `from`.
struct Flat {
  std::vector<std::int64_t> rows, items;
  std::vector<float> weights;
};

Flat flat(const Targets& targets, std::size_t from, std::size_t to) {
  Flat out;
  for (std::size_t r = from; r < to; ++r) {
    for (auto t = static_cast<std::size_t>(targets.begin[r]);
         t < static_cast<std::size_t>(targets.begin[r + 1]); ++t) {
      out.rows.push_back(static_cast<std::int64_t>(r - from));
      out.items.push_back(targets.items[t]);
      out.weights.push_back(targets.weights[t]);
    }
  }
  return out;
}

LossValue start(const at::Tensor& hidden, const Targets& targets) {
  LossValue out;
  out.slope = at::zeros_like(hidden);
  out.weight =
      std::accumulate(targets.weights.begin(), targets.weights.end(), 0.0);
  return out;
}

// `hidden` as a leaf whose gradient is added to `slope`.
at::Tensor traced(const at::Tensor& hidden, const at::Tensor& slope) {
  at::Tensor out = hidden.detach().requires_grad_();
  out.mutable_grad() = slope;
  return out;
}

// Gradients of losses (any shape) over `weight`; their sum, not waited for.
at::Tensor carry_back(const at::Tensor& losses, double weight) {
  (losses.sum() / weight).backward();
  return losses.detach().sum(at::kDouble);
}

// Places of (row, column) in a matrix whose rows are `width` long.
std::vector<std::int64_t> places(const std::vector<std::int64_t>& rows,
                                 const std::vector<std::int64_t>& columns,
                                 std::int64_t width) {
  std::vector<std::int64_t> out(rows.size());
  std::transform(
      rows.begin(), rows.end(), columns.begin(), out.begin(),
      [width](std::int64_t r, std::int64_t c) { return r * width + c; });
  return out;
}

// RepeatHead's part of the logit of each item that a row looks back at, from
// the row's head input and the item's numbers, flat.
at::Tensor repeat_parts(const RepeatHead& head, const at::Tensor& x,
                        const std::vector<std::int64_t>& rows,
                        const std::vector<float>& numbers) {
  const at::Tensor coefficients =
      x.matmul(head.gate->traced().t()) + head.weight->traced();
  return (coefficients.index_select(0, ids_on(x.device(), rows)) *
          numbers_on(x.device(), numbers).view({-1, coefficients.size(1)}))
      .sum(1);
}

// Adds RepeatHead's part to the logits of rows [from, from + x rows).
at::Tensor add_repeats(const RepeatHead& head, const RowRepeats& past,
                       std::size_t from, const at::Tensor& x,
                       const at::Tensor& logits) {
  std::vector<std::int64_t> rows, items;
  std::vector<float> numbers;
  for (std::size_t r = 0; r < static_cast<std::size_t>(x.size(0)); ++r) {
    for (auto i = static_cast<std::size_t>(past.begin[from + r]);
         i < static_cast<std::size_t>(past.begin[from + r + 1]); ++i) {
      rows.push_back(static_cast<std::int64_t>(r));
      items.push_back(past.items[i]);
      numbers.insert(numbers.end(), past.numbers[i].begin(),
                     past.numbers[i].end());
    }
  }
  const at::Tensor cells =
      ids_on(x.device(), places(rows, items, logits.size(1)));
  return logits.reshape({-1})
      .index_add(0, cells, repeat_parts(head, x, rows, numbers))
      .view_as(logits);
}

// Adds SimilarHead's part, likewise; likeness is made on the host.
at::Tensor add_similar(const SimilarHead& head, const RowRepeats& past,
                       std::size_t from, const at::Tensor& x,
                       const at::Tensor& logits) {
  constexpr auto kDecays =
      static_cast<std::int64_t>(events::kRepeatDecays.size());
  const auto items = static_cast<std::size_t>(logits.size(1));
  const auto rows = static_cast<std::size_t>(x.size(0));
  std::vector<float> all(rows * kDecays * items);
  artifact::Likeness likeness;
  for (std::size_t r = 0; r < rows; ++r) {
    head.recall(past, from + r, likeness);
    for (std::size_t d = 0; d < kDecays; ++d) {
      artifact::Likeness::Numbers one{};
      one[d] = 1;
      likeness.score(one,
                     std::span(all).subspan((r * kDecays + d) * items, items));
    }
  }
  const at::Tensor coefficients =
      x.matmul(head.share.gate->traced().t()) + head.share.weight->traced();
  const at::Tensor alike =
      numbers_on(x.device(), all).view({x.size(0), kDecays, logits.size(1)});
  return logits + (coefficients.unsqueeze(2) * alike).sum(1);
}

// Rows against draws that they share.
struct Scored {
  at::Tensor draws;    // [rows, draws] logits
  at::Tensor targets;  // [targets] logits
  at::Tensor rows;     // [targets] the row of each
  at::Tensor items, weights;
};

at::Tensor biases(const ItemHead& head, const std::vector<std::int64_t>& ids) {
  return head.bias == nullptr ? at::zeros({}, head.weight->value.options())
                              : portable_rows(*head.bias, ids);
}

Scored score(const at::Tensor& x, const Targets& targets, const ItemHead& head,
             const std::vector<std::int64_t>& drawn) {
  const at::Device device = x.device();
  const Flat all = flat(targets, 0, targets.size());
  const at::Tensor picked = x.index_select(0, ids_on(device, targets.rows));
  Scored out;
  out.draws = portable_product(picked, portable_rows(*head.weight, drawn).t(),
                               head.weight->precision) +
              biases(head, drawn);
  out.rows = ids_on(device, all.rows);
  out.items = ids_on(device, all.items);
  out.weights = numbers_on(device, all.weights);
  out.targets = (picked.index_select(0, out.rows) *
                 portable_rows(*head.weight, all.items))
                    .sum(1) +
                biases(head, all.items);
  return out;
}

// Which draws are targets of a row, [rows, draws].
at::Tensor draws_wanted(const Targets& targets,
                        const std::vector<std::int64_t>& drawn,
                        const at::Device& device) {
  std::vector<std::int64_t> hits;
  const auto draws = static_cast<std::int64_t>(drawn.size());
  const Flat all = flat(targets, 0, targets.size());
  for (std::size_t t = 0; t < all.items.size(); ++t) {
    const auto found =
        std::equal_range(drawn.begin(), drawn.end(), all.items[t]);
    for (auto hit = found.first; hit != found.second; ++hit) {
      hits.push_back(all.rows[t] * draws + (hit - drawn.begin()));
    }
  }
  const auto rows = static_cast<std::int64_t>(targets.size());
  return at::zeros({rows * draws}, at::TensorOptions(at::kBool).device(device))
      .index_fill_(0, ids_on(device, hits), 1)
      .view({rows, draws});
}

}  // namespace

LossValue portable_softmax_loss(const at::Tensor& hidden,
                                const Targets& targets, const ItemHead& head) {
  const at::AutoGradMode on(true);
  LossValue out = start(hidden, targets);
  if (out.weight <= 0) return out;
  head.weight->mark_all();
  if (head.bias != nullptr) head.bias->mark_all();
  const at::Device device = hidden.device();
  const at::Tensor x = traced(hidden, out.slope);
  const std::int64_t items = head.weight->value.size(0);
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kStripFloats / items));
  at::Tensor sum = at::zeros({}, x.options().dtype(at::kDouble));
  for (std::size_t from = 0; from < targets.size(); from += most) {
    const std::size_t to = std::min(from + most, targets.size());
    const Flat strip = flat(targets, from, to);
    const std::vector<std::int64_t> rows(
        targets.rows.begin() + static_cast<std::ptrdiff_t>(from),
        targets.rows.begin() + static_cast<std::ptrdiff_t>(to));
    const at::Tensor picked = x.index_select(0, ids_on(device, rows));
    at::Tensor logits = portable_product(picked, head.weight->traced().t(),
                                         head.weight->precision);
    if (head.bias != nullptr) logits = logits + head.bias->traced();
    if (head.repeat) {
      logits = add_repeats(head.repeat, targets.repeats, from, picked, logits);
    }
    if (head.similar) {
      logits = add_similar(head.similar, targets.repeats, from, picked, logits);
    }
    const at::Tensor chosen =
        at::log_softmax(logits, 1).view({-1}).index_select(
            0, ids_on(device, places(strip.rows, strip.items, items)));
    sum += carry_back(-chosen * numbers_on(device, strip.weights), out.weight);
  }
  out.sum = sum.item<double>();
  return out;
}

// The items of every row's past, in as many columns as the longest has.
struct Past {
  at::Tensor logits;  // [rows, longest], kLeftOut behind a row's last
  at::Tensor items;   // [rows, longest], -1 there
};

Past score_past(const at::Tensor& x, const Targets& targets,
                const ItemHead& head) {
  const RowRepeats& past = targets.repeats;
  const auto rows = static_cast<std::int64_t>(targets.size());
  std::vector<std::int64_t> of, cells;
  std::int64_t longest = 0;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    longest = std::max(longest, past.begin[r + 1] - past.begin[r]);
  }
  std::vector<float> numbers;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    for (std::int64_t i = past.begin[r]; i < past.begin[r + 1]; ++i) {
      const auto& each = past.numbers[static_cast<std::size_t>(i)];
      of.push_back(static_cast<std::int64_t>(r));
      cells.push_back(of.back() * longest + i - past.begin[r]);
      numbers.insert(numbers.end(), each.begin(), each.end());
    }
  }
  const at::Device device = x.device();
  const at::Tensor picked = x.index_select(0, ids_on(device, targets.rows));
  const at::Tensor logits = (picked.index_select(0, ids_on(device, of)) *
                             portable_rows(*head.weight, past.items))
                                .sum(1) +
                            biases(head, past.items) +
                            repeat_parts(head.repeat, picked, of, numbers);
  const at::Tensor places = ids_on(device, cells);
  return {at::full({rows * longest}, kLeftOut, x.options().requires_grad(false))
              .index_put({places}, logits)
              .view({rows, longest}),
          at::full({rows * longest}, -1, places.options())
              .index_put({places}, ids_on(device, past.items))
              .view({rows, longest})};
}

// Adds what is exact of a row's past to the sampled softmax's terms.
void look_back(const at::Tensor& x, const Targets& targets,
               const ItemHead& head, const std::vector<std::int64_t>& drawn,
               Scored& scored, at::Tensor& others) {
  const Past past = score_past(x, targets, head);
  const at::Tensor draws = ids_on(x.device(), drawn);
  const at::Tensor seen = (past.items.unsqueeze(2) == draws.view({1, 1, -1}))
                              .any(1)
                              .index_select(0, scored.rows);
  const at::Tensor logits = past.logits.index_select(0, scored.rows);
  const at::Tensor own = past.items.index_select(0, scored.rows) ==
                         scored.items.unsqueeze(1);  // at most one a row
  scored.targets = at::where(own.any(1), (logits * own).sum(1), scored.targets);
  others = at::cat(
      {others.masked_fill(seen, kLeftOut), logits.masked_fill(own, kLeftOut)},
      1);
}

LossValue portable_sampled_softmax_loss(const at::Tensor& hidden,
                                        const Targets& targets,
                                        const ItemHead& head,
                                        const std::vector<std::int64_t>& drawn,
                                        const std::vector<float>& lowered) {
  const at::AutoGradMode on(true);
  LossValue out = start(hidden, targets);
  if (out.weight <= 0) return out;
  const at::Device device = hidden.device();
  const at::Tensor x = traced(hidden, out.slope);
  Scored scored = score(x, targets, head, drawn);
  const at::Tensor own =
      ids_on(device, drawn).unsqueeze(0) == scored.items.unsqueeze(1);
  at::Tensor others = (scored.draws - numbers_on(device, lowered))
                          .index_select(0, scored.rows)
                          .masked_fill(own, kLeftOut);
  if (head.repeat && !targets.repeats.items.empty()) {
    look_back(x, targets, head, drawn, scored, others);
  }
  const at::Tensor target = scored.targets.unsqueeze(1);
  const at::Tensor losses =
      at::logsumexp(at::cat({target, others}, 1), 1) - scored.targets;
  out.sum = carry_back(losses * scored.weights, out.weight).item<double>();
  return out;
}

// With s = softmax over a row's draws, -log sum_j s_j sigmoid(target - r_j) is
// taken from logarithms.
LossValue portable_bpr_max_loss(const at::Tensor& hidden,
                                const Targets& targets, const ItemHead& head,
                                const std::vector<std::int64_t>& drawn,
                                double score_penalty) {
  const at::AutoGradMode on(true);
  LossValue out = start(hidden, targets);
  if (out.weight <= 0) return out;
  const Scored scored = score(traced(hidden, out.slope), targets, head, drawn);
  const at::Tensor wanted = draws_wanted(targets, drawn, hidden.device());
  const at::Tensor r = scored.draws.masked_fill(wanted, kLeftOut);
  const at::Tensor logs = at::log_softmax(r, 1);
  const at::Tensor better = at::log_sigmoid(scored.targets.unsqueeze(1) -
                                            r.index_select(0, scored.rows));
  at::Tensor losses =
      -at::logsumexp(logs.index_select(0, scored.rows) + better, 1);
  if (score_penalty > 0) {
    const at::Tensor squares = scored.draws.masked_fill(wanted, 0).square();
    losses =
        losses + score_penalty *
                     (logs.exp() * squares).sum(1).index_select(0, scored.rows);
  }
  const at::Tensor empty = wanted.all(1).index_select(0, scored.rows);
  out.sum =
      carry_back(losses.masked_fill(empty, 0) * scored.weights, out.weight)
          .item<double>();
  return out;
}

void add_portable_pairs(const at::Tensor& hidden, const ItemHead& head,
                        std::span<const ItemPair> pairs, LossValue& out) {
  const at::AutoGradMode on(true);
  std::vector<std::int64_t> rows, items;
  std::vector<float> signs, weights;
  for (const ItemPair& pair : pairs) {
    if (pair.weight == 0) continue;
    rows.push_back(static_cast<std::int64_t>(pair.row));
    items.push_back(pair.item);
    signs.push_back(pair.wanted ? -1.0F : 1.0F);
    weights.push_back(pair.weight);
  }
  if (rows.empty()) return;
  const at::Device device = hidden.device();
  const at::Tensor x = traced(hidden, out.slope);
  const at::Tensor scores = (x.index_select(0, ids_on(device, rows)) *
                             portable_rows(*head.weight, items))
                                .sum(1) +
                            biases(head, items);
  const at::Tensor losses = at::softplus(scores * numbers_on(device, signs)) *
                            numbers_on(device, weights);
  out.sum += carry_back(losses, out.weight).item<double>();
}

}  // namespace ensue::nn
