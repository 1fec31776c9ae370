// SPDX-License-Identifier: Apache-2.0
// Attention out of ATen's ops: sequences of about the same length are padded
// to one and done together, at most twice the length of the shortest.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

// Sequences padded to `length`: their row i stands for the event
// events[sequence * length + i], behind their end for their first one.
struct Group {
  std::int64_t length = 0, sequences = 0;
  std::vector<std::int64_t> lengths, events;
};

struct Padding {
  std::vector<Group> groups;
  std::vector<std::int64_t> places;  // of every event in all groups' rows
};

std::vector<std::size_t> longest_first(const Packed& batch) {
  std::vector<std::size_t> out(batch.sequences());
  std::iota(out.begin(), out.end(), std::size_t{0});
  std::stable_sort(out.begin(), out.end(), [&](auto a, auto b) {
    return batch.length(a) > batch.length(b);
  });
  return out;
}

Padding pad(const Packed& batch) {
  Padding out;
  out.places.resize(batch.size());
  std::int64_t place = 0;
  for (const std::size_t s : longest_first(batch)) {
    const auto length = static_cast<std::int64_t>(batch.length(s));
    if (length == 0) break;
    if (out.groups.empty() || 2 * length <= out.groups.back().length) {
      out.groups.emplace_back();
      out.groups.back().length = length;
    }
    Group& group = out.groups.back();
    ++group.sequences;
    group.lengths.push_back(length);
    const std::int64_t first = batch.offsets[s];
    for (std::int64_t i = 0; i < group.length; ++i, ++place) {
      group.events.push_back(i < length ? first + i : first);
      if (i >= length) continue;
      out.places[static_cast<std::size_t>(first + i)] = place;
    }
  }
  return out;
}

// Parts of [n, parts * width] rows as [parts, sequences, heads, length, depth].
at::Tensor heads_of(const at::Tensor& rows, const Group& group, int parts,
                    int heads) {
  return rows.index_select(0, ids_on(rows.device(), group.events))
      .view({group.sequences, group.length, parts, heads, -1})
      .permute({2, 0, 3, 1, 4});
}

// [sequences, heads, length, depth] -> [sequences * length, width].
at::Tensor rows_of(const at::Tensor& heads, const Group& group) {
  return heads.transpose(1, 2).reshape({group.sequences * group.length, -1});
}

at::Tensor unpadded(const std::vector<at::Tensor>& groups,
                    const Padding& padding, const at::Device& device) {
  return at::cat(groups).index_select(0, ids_on(device, padding.places));
}

// back[i][j] = i - j, [length, length].
at::Tensor steps_back(std::int64_t length, const at::Device& device) {
  const at::Tensor places =
      at::arange(length, at::TensorOptions(at::kLong).device(device));
  return places.unsqueeze(1) - places.unsqueeze(0);
}

// Whether row i sees column j; behind a sequence's end anything, never read.
at::Tensor seen(const Group& group, const Sight& sight,
                const at::Device& device) {
  if (!sight.causal) {
    const at::Tensor lengths = ids_on(device, group.lengths);
    return at::arange(group.length, lengths.options()) <
           lengths.view({-1, 1, 1, 1});
  }
  const at::Tensor back = steps_back(group.length, device);
  return sight.window > 0 ? (back >= 0).logical_and(back < sight.window)
                          : back >= 0;
}

at::Tensor attend(const at::Tensor& qkv, const Group& group, int heads,
                  const Sight& sight) {
  const at::Tensor all = heads_of(qkv, group, /*parts=*/3, heads);
  const double scale = 1 / std::sqrt(static_cast<double>(all.size(4)));
  const at::Tensor scores = all[0].matmul(all[1].transpose(2, 3)) * scale;
  const at::Tensor weights = at::softmax(
      scores.masked_fill(seen(group, sight, qkv.device()).logical_not(),
                         -std::numeric_limits<float>::infinity()),
      -1);
  return rows_of(weights.matmul(all[2]), group);
}

// The first gap, in milliseconds, of every bucket but 0.
std::vector<std::int64_t> gap_bounds(std::int64_t buckets) {
  std::vector<std::int64_t> out;
  constexpr std::int64_t kLast = 100;  // starts after 35 million years
  for (std::int64_t b = 1; b < std::min(buckets, kLast); ++b) {
    const auto seconds =
        artifact::bucket_seconds(static_cast<std::size_t>(b)).first;
    out.push_back(static_cast<std::int64_t>(seconds) * 1000);
  }
  return out;
}

// time[bucket(t_i - t_j)], [sequences, 1, length, length].
at::Tensor time_biases(Parameter& time, const Packed& batch,
                       const Group& group) {
  const at::Device device = time.value.device();
  std::vector<std::int64_t> times;
  times.reserve(group.events.size());
  for (const std::int64_t event : group.events) {
    times.push_back(
        events::count(batch.times[static_cast<std::size_t>(event)]));
  }
  const at::Tensor when =
      ids_on(device, times).view({group.sequences, group.length});
  const at::Tensor gaps = when.unsqueeze(2) - when.unsqueeze(1);
  const at::Tensor bounds = ids_on(device, gap_bounds(time.value.size(0)));
  const at::Tensor buckets = at::bucketize(gaps.contiguous(), bounds,
                                           /*out_int32=*/false, /*right=*/true);
  return at::embedding(time.traced().unsqueeze(1), buckets)
      .squeeze(-1)
      .unsqueeze(1);
}

at::Tensor attend_pointwise(const at::Tensor& uvqk, const Packed& batch,
                            const Group& group, int heads,
                            const PairBias& bias) {
  const at::Device device = uvqk.device();
  const std::int64_t window = bias.position->value.size(0);
  const at::Tensor all = heads_of(uvqk, group, /*parts=*/4, heads);
  const at::Tensor back = steps_back(group.length, device);
  at::Tensor scores = all[2].matmul(all[3].transpose(2, 3)) +
                      at::embedding(bias.position->traced().unsqueeze(1),
                                    back.clamp(0, window - 1))
                          .squeeze(-1);
  if (bias.time != nullptr) {
    scores = scores + time_biases(*bias.time, batch, group);
  }
  const at::Tensor hidden =
      seen(group, {/*causal=*/true, window}, device).logical_not();
  const at::Tensor weights =
      at::silu(scores).masked_fill(hidden, 0) / static_cast<double>(window);
  return rows_of(weights.matmul(all[1]), group);
}

}  // namespace

at::Tensor portable_attention(const at::Tensor& qkv, const Packed& batch,
                              int heads, const Sight& sight) {
  const Padding padding = pad(batch);
  std::vector<at::Tensor> done;
  for (const Group& group : padding.groups) {
    done.push_back(attend(qkv, group, heads, sight));
  }
  return unpadded(done, padding, qkv.device());
}

at::Tensor portable_pointwise_attention(const at::Tensor& uvqk,
                                        const Packed& batch, int heads,
                                        const PairBias& bias) {
  const Padding padding = pad(batch);
  std::vector<at::Tensor> done;
  for (const Group& group : padding.groups) {
    done.push_back(attend_pointwise(uvqk, batch, group, heads, bias));
  }
  return unpadded(done, padding, uvqk.device());
}

}  // namespace ensue::nn
