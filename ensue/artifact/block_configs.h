// SPDX-License-Identifier: Apache-2.0
// The configuration of every block, shared by training and answering, with
// the parameters it stores. Parameters are fp32, row-major, named
// "<inputs|blocks|heads>.<place in the list>.<parameter>" in an artifact.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/events/context.h"
#include "ensue/events/ids.h"

namespace ensue::artifact {

// ---- inputs: one event -> [width]

/// weight [items, width]. An item the model does not know is skipped: the
/// event does not exist for the model.
/// With `unit` rows have length 1, but for rows of zeros.
/// With `mask` a model is asked by one more event behind the history, whose
/// item and action are not shown: mask [width] stands for its item, nothing
/// for its action. Its output answers. Such a model encodes the last
/// window - 1 events and the mask anew for every answer.
struct ItemEmbeddingConfig {
  int width = 64;
  bool scale = false;  // multiply by sqrt(width), as Vaswani et al. do
  bool mask = false;
  bool unit = false;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("scale", scale, "multiply by the square root of the width");
    field("mask", mask, "a learnt vector for an item that is not shown");
    field("unit", unit, "vectors of length 1");
  }
};

/// A vector per item, made of an id's own and of what the item table says of
/// the item, so that an item nobody has touched has one too:
///   vector[i] = id[i] + out(relu(f[i] content.weight + content.bias))
/// with `unknown` in place of id[i] for an item that has none,
/// f[i] the features of item i (runtime/item_encoder.h, made of `columns`).
/// weight [items, width]: the vectors themselves, which is all that scoring
/// reads; id [items, width]; unknown [width]; content.weight [features,
/// hidden], content.bias [hidden], content.out.weight [width, hidden],
/// content.out.bias [width]; columns.<k>.… of each column: its encoder.
/// Training takes `unknown` for a random share `id_dropout` of the items, new
/// at every step, as in DropoutNet (Volkovs et al. 2017, NeurIPS): so the
/// vector of an item without id is worth something, and `unknown` says how
/// much less is to be expected of it.
struct ItemContentConfig {
  int width = 64;
  bool scale = false;
  std::vector<std::string> columns;
  int pieces = 4000, hidden = 128;
  double id_dropout = 0.25;  // training only
  bool mask = false;         // as of item_embedding
  void visit(auto&& field) {
    field("width", width, "model width");
    field("scale", scale, "multiply by the square root of the width");
    field("columns", columns,
          "columns of the item table, each as NAME or NAME:KIND");
    field("pieces", pieces, "pieces of words kept per text column, at most");
    field("hidden", hidden, "units between the columns and the vector");
    field("id_dropout", id_dropout, "share of items without id in a step");
    field("mask", mask, "a vector for an event that is not shown");
  }
};

/// weight [actions, width].
struct ActionEmbeddingConfig {
  int width = 64;
  void visit(auto&& field) { field("width", width, "model width"); }
};

/// weight [window, width]; position counted from the start of the segment
/// (segment_start() below). Makes the model re-encoded.
struct PositionEmbeddingConfig {
  int width = 64, window = 200;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("window", window, "events seen at once, at most");
  }
};

/// weight [buckets + 1, width]: the row of time_bucket() of the time since the
/// event before, in the same segment (training: sequence); the last row for a
/// segment's first event.
struct GapEmbeddingConfig {
  int width = 64, buckets = 64;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("buckets", buckets, "buckets of time since the event before");
  }
};

/// hour [24, width], weekday [7, width]: the rows of hour_of() and
/// weekday_of(), added.
struct CalendarEmbeddingConfig {
  int width = 64;
  void visit(auto&& field) { field("width", width, "model width"); }
};

/// weight [buckets, width]: the row of value_bucket().
struct ValueEmbeddingConfig {
  int width = 64, buckets = 64;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("buckets", buckets, "buckets of an event's value");
  }
};

/// The sum over named columns of an event, the artifact's `context` in order.
/// A category: columns.<k>.weight [values + 1, width], the row context_row();
/// a number: columns.<k>.weight [width, 2] (x, 1 if there is none), x of
/// NumberScale with columns.<k>.scale [2] (mean, deviation), which is not
/// learnt but counted in training.
struct ContextEmbeddingConfig {
  int width = 64;
  std::vector<std::string> columns;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("columns", columns,
          "named columns of an event, each as NAME or NAME:KIND");
  }
};

// ---- layers: [width] -> [width], causal but for bidirectional_transformer

/// rnn (tanh): weight_ih [h, in], weight_hh [h, h], bias_ih [h], bias_hh [h].
/// gru: the same with 3h rows, gates r z n (torch's equations).
/// lstm: 4h rows, gates i f g o.
struct RecurrentConfig {
  int inputs = 64, hidden = 64;
  void visit(auto&& field) {
    field("inputs", inputs, "width of the input");
    field("hidden", hidden, "units");
  }
};

/// Transformer layer over at most `window` events:
///   x += out(attention(norm1(x)));  x += ffn.out(act(ffn.in(norm2(x))))
/// or, with norm = post,
///   x = norm1(x + out(attention(x)));  x = norm2(x + ffn.out(act(ffn.in(x))))
/// norm1.weight/bias [w], attention.in.weight [3w, w] (q, k, v),
/// attention.in.bias [3w], attention.out.weight [w, w], attention.out.bias,
/// norm2.*, ffn.in.weight [hidden, w], ffn.in.bias, ffn.out.weight
/// [w, hidden], ffn.out.bias. Norm epsilon 1e-5.
/// bidirectional_transformer: the same where every event sees the whole
/// segment; for models that are asked by a mask.
struct TransformerConfig {
  int width = 64, heads = 2, hidden = 256, window = 200;
  std::string activation = "gelu";  // relu or gelu (erf form)
  std::string norm = "pre";         // pre or post
  double dropout = 0.2;             // training only: after attention and ffn
  void visit(auto&& field) {
    field("width", width, "model width, a multiple of heads");
    field("heads", heads, "attention heads");
    field("hidden", hidden, "units of the feed-forward part");
    field("window", window, "events seen at once, at most");
    field("activation", activation, "relu or gelu");
    field("norm", norm, "pre or post");
    field("dropout", dropout, "share dropped after attention and feed-forward");
  }
};

/// Pre-norm attention and SwiGLU feed-forward, each let in by a gate
/// (LiGR, Borisyuk et al. 2025, arXiv:2502.03417), over at most `window`
/// events:
///   y = x + s(gate1(x)) out(attention(norm1(x)))
///   z = y + s(gate2(y)) ffn.out(swiglu(ffn.in(norm2(y))))
/// s the sigmoid; swiglu(g, u) = g s(g) u of the left and right half.
/// Parameters of transformer with ffn.in of 2 hidden rows, and gate1, gate2:
/// weight [w, w], bias [w].
struct LigrConfig {
  int width = 64, heads = 2, hidden = 256, window = 200;
  double dropout = 0.2;  // training only: after attention and ffn
  void visit(auto&& field) {
    field("width", width, "model width, a multiple of heads");
    field("heads", heads, "attention heads");
    field("hidden", hidden, "units of the feed-forward part");
    field("window", window, "events seen at once, at most");
    field("dropout", dropout, "share dropped after attention and feed-forward");
  }
};

/// Dilated residual block of NextItNet (Yuan et al. 2019, arXiv:1808.05163):
///   y = relu(norm1(conv1(x)));  z = x + relu(norm2(conv2(y)))
/// conv reads `kernel` events `dilation` (conv2: 2 dilation) apart, the last of
/// them the event itself; zeros before the start. conv1.weight [w, kernel w],
/// oldest event first, conv1.bias [w], norm1.weight/bias [w], conv2.*, norm2.*.
struct CausalConvConfig {
  int width = 64, kernel = 3, dilation = 1;
  double dropout = 0;  // training only: before the residual
  void visit(auto&& field) {
    field("width", width, "model width");
    field("kernel", kernel, "events that a convolution reads");
    field("dilation", dilation, "events between them; twice that for the 2nd");
    field("dropout", dropout, "share dropped before the residual");
  }
};

/// Hierarchical sequential transduction unit (Zhai et al. 2024,
/// arXiv:2402.17152) over the last `window` events, the present one included:
///   u, v, q, k = silu(in(norm1(x)))
///   a[i] = sum_j silu(q[i] . k[j] + position[i - j] + time[time_bucket(
///          t[i] - t[j], time_buckets)]) v[j] / window, per head
///   x += out(norm2(a) * u)
/// norm1.weight/bias [w], in.weight [4w, w] (u, v, q, k), in.bias [4w],
/// position [window], time [time_buckets] (absent with 0), norm2.*,
/// out.weight [w, w], out.bias [w]. Norm epsilon 1e-5.
struct HstuConfig {
  int width = 64, heads = 2, window = 200;
  int time_buckets = 0;
  double dropout = 0.2;  // training only: after out
  void visit(auto&& field) {
    field("width", width, "model width, a multiple of heads");
    field("heads", heads, "attention heads");
    field("window", window, "events that an event looks back at, with itself");
    field("time_buckets", time_buckets,
          "biases by the time between two events; 0: none");
    field("dropout", dropout, "share dropped after the layer");
  }
};

/// weight [w], bias [w]; epsilon 1e-5.
struct LayerNormConfig {
  int width = 64;
  void visit(auto&& field) { field("width", width, "model width"); }
};

/// weight [outputs, inputs], bias [outputs].
struct LinearConfig {
  int inputs = 64, outputs = 64;
  void visit(auto&& field) {
    field("inputs", inputs, "width of the input");
    field("outputs", outputs, "width of the output");
  }
};

/// Nothing stored; the identity when answering.
struct DropoutConfig {
  double rate = 0.2;
  void visit(auto&& field) { field("rate", rate, "share dropped"); }
};

// ---- heads: -> a score per item. Scores are logits: softmax(scores) is the
// distribution that `ensue predict next_item` shows, for every head.

/// score[i] = x . E[i] (+ bias[i]), E = inputs.0.weight when tied, else
/// weight [items, width]. bias [items].
/// With repeats > 0 an item i among the user's last `repeats` events gets
///   score[i] += sum_d (repeat.weight[d] + repeat.gate[d] . x) * number[d](i)
/// with the numbers of events::count_repeats: a personal popularity whose
/// share the model learns. repeat.weight [3], repeat.gate [3, width].
/// With `similar` every item gets
///   score[i] += sum_d (similar.weight[d] + similar.gate[d] . x) *
///   likeness[d](i)
/// with what likeness.h says of the same events and of the item table's values
/// and words: an item that nobody has touched is scored by what it is like.
/// It wants repeats and item_content. similar.weight [3], similar.gate
/// [3, width].
struct NextItemConfig {
  int width = 64;
  bool tied = true, bias = true;
  int repeats = 0;
  bool similar = false;
  void visit(auto&& field) {
    field("width", width, "width of what reaches the head");
    field("tied", tied, "score with the item embedding itself");
    field("bias", bias, "add a learnt bias per item");
    field("repeats", repeats, "events looked back for repeats; 0: none");
    field("similar", similar, "score items like those among these events");
  }
};

/// The whole next event, part after part: its action a, the bucket g of the
/// time until then (time_bucket() of kGapBuckets), its item, its value v.
///   P(a)       softmax(action.out(relu(action.in(x))))
///   P(g | a)   softmax(gap.out(relu(gap.in(x) + gap.action[a])))
///   P(item | a, g)  next_item's, with x + query.out(relu(query.in(x) +
///              query.action[a] + query.gap[g])) in place of x
///   asinh(v) given a and the item  normal, (mean, log deviation) = value.out(
///              relu(value.in(x) + value.action[a] + value.item(E[item])))
/// E is next_item's weight. <part>.in.weight [hidden, width], .in.bias,
/// .action [actions, hidden]; action.out.weight [actions, hidden],
/// gap.out.weight [kGapBuckets, hidden], query.gap [kGapBuckets, hidden],
/// query.out.weight [width, hidden], value.item.weight [hidden, width],
/// value.out.weight [2, hidden], each product with its .bias. Histogram over
/// time: Kvamme & Borgan 2021, arXiv:1910.06724 (discretised durations).
struct NextEventConfig {
  int width = 64, hidden = 64;
  void visit(auto&& field) {
    field("width", width, "width of what reaches the head");
    field("hidden", hidden, "units of each part");
  }
};
inline constexpr std::size_t kGapBuckets = 64;
/// Bounds of the log deviation: a value that is always the same would drive it
/// down without end, and its gradient up.
inline constexpr float kLeastLogDeviation = -2, kMostLogDeviation = 4;

/// A second network that writes the coming items one after the other (sequence
/// to sequence, Sutskever et al. 2014, arXiv:1409.3215): a gated recurrent unit
/// that begins with what reaches the head,
///   h[0] = x;  h[j] = gru(input[j], h[j - 1]);  item j scored with h[j] in
///   place of x by next_item, j = 1, 2, …
/// input[1] = start, later input[j] = E[item j - 1], E next_item's weight,
/// which is tied. start [width], weight_ih [3 width, width], weight_hh [3
/// width, width], bias_ih, bias_hh [3 width]. Training writes `steps` items.
struct DecoderConfig {
  int width = 64, steps = 5;
  void visit(auto&& field) {
    field("width", width, "width of what reaches the head");
    field("steps", steps, "items ahead that training writes");
  }
};

/// The answer to a question about a user at an instant, from what reaches the
/// head after the last event before it:
///   margins = base + scale out(relu(in([x, label_since(time since that
///             event)])))
/// The link depends on `kind`: binary, the logistic function; class, softmax;
/// number, none; count, exp. in.weight [hidden, width + 1], in.bias [hidden],
/// out.weight [outputs, hidden], out.bias [outputs]; base [outputs] and scale
/// [1] are counted in training: margins of the mean label and, of a number, its
/// deviation (else 1). Several may stand behind one another, each with a task
/// of its own.
struct LabelConfig {
  std::string task, kind = "binary";
  int width = 64, hidden = 32, outputs = 1;
  void visit(auto&& field) {
    field("task", task, "the question, by its name");
    field("kind", kind, "binary, class, number or count");
    field("width", width, "width of what reaches the head");
    field("hidden", hidden, "units between that and the answer");
    field("outputs", outputs, "classes; 1 for the other kinds");
  }
};

/// How a label head reads the time since an event: log(1 + days).
inline float label_since(std::int64_t gap_ms) {
  constexpr double kDay = 86'400'000;
  return static_cast<float>(std::log1p(
      static_cast<double>(std::max<std::int64_t>(gap_ms, 0)) / kDay));
}

/// log_probability [items]: log of smoothed counts.
struct PopularityConfig {
  double smoothing = 1;
  void visit(auto&& field) {
    field("smoothing", smoothing, "added to every item's count");
  }
};

/// First order with back-off to popularity. Basket logs: from every item of
/// the last instant. Tensors: fitted by classic/, see runtime/markov.h.
struct MarkovConfig {
  double backoff = 10, smoothing = 1;
  void visit(auto&& field) {
    field("backoff", backoff, "counts given to the popularity prior");
    field("smoothing", smoothing, "added to every item's count in the prior");
  }
};

/// VMIS-kNN (Kersbergen et al. 2022, SIGMOD, "Serenade"). Tensors: fitted by
/// classic/, see runtime/session_knn.h. The defaults are the best common
/// choice for ML-1M, Beauty, Diginetica and Online Retail II on validation.
struct SessionKnnConfig {
  int neighbours = 200, recent = 2000, last_items = 5;
  int session_events = 20;
  double gap_minutes = 0, popularity = 0.1, smoothing = 1;
  void visit(auto&& field) {
    field("neighbours", neighbours, "most similar sessions used (k)");
    field("recent", recent, "most recent sessions looked at (m)");
    field("last_items", last_items,
          "last items of the session that count; basket logs: last baskets");
    field("session_events", session_events,
          "longer training sessions are cut into pieces; 0: they are not");
    field("gap_minutes", gap_minutes,
          "a longer gap ends a training session; 0: none does");
    field("popularity", popularity,
          "share of the popularity prior in the answer, in (0, 1)");
    field("smoothing", smoothing, "added to every item's count in the prior");
  }
};

/// score[i] = sum over members of weights[m] * member m's logit of i: with
/// logits that are log-probabilities up to a constant, a weighted geometric
/// mean of distributions (Genest & Zidek 1986, "logarithmic opinion pool").
/// weights [members]; members.<m> [bytes] u8, a whole artifact each, over the
/// same items and actions in the same order.
struct BlendConfig {
  std::vector<std::string> members;
  void visit(auto&& field) {
    field("members", members, "names of what is blended");
  }
};

/// How often and for how much a customer buys; it scores no items and stands
/// alone. counts F64 [4], and with `spend` spend F64 [3]: artifact/purchases.h.
struct PurchasesConfig {
  std::string action;  // "": every event is a purchase
  double unit_days = 7;
  bool merge_days = true, spend = false;
  void visit(auto&& field) {
    field("action", action, "the action that is a purchase; empty: every one");
    field("unit_days", unit_days, "days of the unit that times are told in");
    field("merge_days", merge_days, "purchases of one day are one purchase");
    field("spend", spend, "what is paid is modelled too");
  }
};

/// Where the segment of a re-encoded block starts after `events` events with a
/// window of `window`: 0 until the window is full, then it jumps by half
/// windows, so that the segment holds between half a window and a window.
constexpr std::size_t segment_start(std::size_t events, std::size_t window) {
  if (events <= window) return 0;
  const std::size_t half = (window + 1) / 2;
  return (events - window + half - 1) / half * half;
}

/// Which of `buckets` (at least 1) a time between two events falls into: two
/// buckets for each doubling of the whole seconds (0, 1, 2, 3, 4-5, 6-7, 8-11,
/// 12-15, …), the last bucket open; 64 reach 136 years.
constexpr std::size_t time_bucket(std::int64_t gap_ms, std::size_t buckets) {
  const auto seconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(gap_ms, 0)) / 1000;
  std::size_t bucket = seconds;
  if (seconds > 1) {
    const auto bits = static_cast<std::size_t>(std::bit_width(seconds));
    bucket = 2 * (bits - 1) + ((seconds >> (bits - 2)) & 1);
  }
  return std::min(bucket, buckets - 1);
}

/// The whole seconds [first, second) of a bucket, the last one being as open as
/// any other.
struct BucketSeconds {
  std::uint64_t first, end;
};
constexpr BucketSeconds bucket_seconds(std::size_t bucket) {
  const auto start = [](std::size_t b) -> std::uint64_t {
    if (b < 2) return b;
    return (2 + (b & 1)) << (b / 2 - 1);
  };
  return {start(bucket), start(bucket + 1)};
}

inline constexpr std::size_t kHours = 24, kWeekdays = 7;

/// Hour of the day, UTC.
constexpr std::size_t hour_of(events::Millis time) {
  constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;
  const std::int64_t into = (events::count(time) % kDay + kDay) % kDay;
  return static_cast<std::size_t>(into / kHour);
}

/// Day of the week, UTC; 0 is Monday.
constexpr std::size_t weekday_of(events::Millis time) {
  constexpr std::int64_t kDay = 86'400'000, kWeek = 7 * kDay;
  // 1 January 1970 was a Thursday.
  const std::int64_t into =
      ((events::count(time) + 3 * kDay) % kWeek + kWeek) % kWeek;
  return static_cast<std::size_t>(into / kDay);
}

inline constexpr int kFewestValueBuckets = 4;

/// Which of `buckets` (at least kFewestValueBuckets) a value falls into: 0 has
/// none, 1 is below 0, 2 is 0, then two buckets for each doubling around 1 in
/// the middle of the rest, the outer ones open.
constexpr std::size_t value_bucket(float value, std::size_t buckets) {
  if (!(value == value)) return 0;
  if (value <= 0) return value < 0 ? 1 : 2;
  const auto rest = static_cast<std::int64_t>(buckets) - 3;
  std::int64_t place = rest / 2;
  // Comparisons alone: the same bucket on every machine.
  constexpr float kHalf = 1.41421356F;  // a half doubling
  float low = 1;
  while (value < low && place > 0) {
    --place;
    low /= kHalf;
  }
  while (value >= low * kHalf && place + 1 < rest) {
    ++place;
    low *= kHalf;
  }
  return static_cast<std::size_t>(3 + place);
}

/// Row 0 is of events without a value and of values that training has not
/// seen.
constexpr std::size_t context_row(events::Cell value) {
  return value.empty() ? 0 : std::size_t{value.code()} + 1;
}

/// How a number of a named column enters a model.
struct NumberScale {
  float mean = 0, deviation = 1;
  /// Within +-10, so that an absurd number drowns nothing.
  constexpr float operator()(float number) const {
    return std::clamp((number - mean) / deviation, -10.0F, 10.0F);
  }
};

}  // namespace ensue::artifact
