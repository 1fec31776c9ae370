// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/item_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "ensue/runtime/internal/best_items.h"

namespace ensue::runtime {
namespace {

// Rows fetched from memory side by side; the scan goes on meanwhile.
constexpr std::size_t kPending = 16;
// Blocks that stay in the second cache while queries take turns.
constexpr std::size_t kTile = 64;
// A filter that leaves less than this share is a list to be scored.
constexpr std::size_t kSparse = 32;
constexpr std::size_t kLine = 64;  // bytes

bool holds(std::span<const std::uint64_t> set, std::uint32_t item) {
  return (set[item / 64] >> item % 64 & 1) != 0;
}

}  // namespace

/// A search under way.
struct ItemSearch::Scan {
  enum class Stage { kScanning, kDone, kGivenUp };
  Stage stage = Stage::kDone;
  BestItems best;
  kernels::CodeQuery query;
  bool filtered = false;
  std::vector<std::uint64_t> open;  // items to find, if filtered
  std::array<std::uint32_t, kPending + kernels::CodeTable::kBlock> pending;
  std::size_t waiting = 0;
  std::size_t candidates = 0, most = 0;  // rows scored, and when to give up
};

ItemSearch::ItemSearch(kernels::LinearRows rows) : rows_(rows), codes_(rows) {}

std::vector<ItemSearch::Scan>& ItemSearch::scans(std::size_t count) {
  thread_local std::vector<Scan> memory;
  if (memory.size() < count) memory.resize(count);
  return memory;
}

std::vector<ItemSearch::Answer> ItemSearch::top(
    std::span<const ItemQuery> queries) const {
  std::vector<Scan>& all = scans(queries.size());
  bool scanning = false;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    scanning = start(queries[i], all[i]) || scanning;
  }
  const std::size_t blocks = codes_.blocks();
  const std::size_t tile = queries.size() == 1 ? blocks : kTile;
  for (std::size_t from = 0; scanning && from < blocks; from += tile) {
    for (std::size_t i = 0; i < queries.size(); ++i) {
      advance(queries[i], all[i], from, std::min(from + tile, blocks));
    }
  }
  std::vector<Answer> out(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    Scan& scan = all[i];
    if (scan.stage == Scan::Stage::kScanning) flush(queries[i], scan);
    if (scan.stage != Scan::Stage::kGivenUp) out[i] = scan.best.take();
  }
  return out;
}

bool ItemSearch::start(const ItemQuery& query, Scan& scan) const {
  const std::size_t items = codes_.rows(), k = std::min(query.k, items);
  scan.best = BestItems(k);
  scan.waiting = scan.candidates = 0;
  scan.most = items / 16 + 1024 + 2 * k;
  scan.stage = Scan::Stage::kDone;
  if (k == 0) return false;
  codes_.prepare(query.x, scan.query);
  const bool finite =
      std::ranges::all_of(query.additions, [](const ItemAddition& addition) {
        return std::isfinite(addition.logit);
      });
  if (!scan.query.usable() || !finite) {
    scan.stage = Scan::Stage::kGivenUp;
    return false;
  }
  std::size_t left = items;
  scan.filtered = !query.filter.empty() || !query.additions.empty();
  if (scan.filtered) left = admitted(query.filter, items, scan.open);
  const bool listed = left <= items / kSparse;
  if (!listed && k > left / 8) {
    scan.stage = Scan::Stage::kGivenUp;
    return false;
  }
  score_additions(query, scan);
  if (listed) {
    score_listed(query, scan);
    return false;
  }
  scan.stage = Scan::Stage::kScanning;
  return true;
}

// Also takes these items out of those to find.
void ItemSearch::score_additions(const ItemQuery& query, Scan& scan) const {
  for (const ItemAddition& addition : query.additions) {
    if (!holds(scan.open, addition.item)) continue;
    float logit = 0;
    kernels::chosen_rows(rows_, {&addition.item, 1}, query.x, {&logit, 1});
    scan.best.add({addition.item, logit + addition.logit});
    scan.open[addition.item / 64] ^= std::uint64_t{1} << addition.item % 64;
  }
}

void ItemSearch::score_listed(const ItemQuery& query, Scan& scan) const {
  each_item(scan.open, [&](std::uint32_t item) {
    scan.pending[scan.waiting++] = item;
    if (scan.waiting == scan.pending.size()) flush(query, scan);
  });
  flush(query, scan);
}

void ItemSearch::advance(const ItemQuery& query, Scan& scan, std::size_t from,
                         std::size_t end) const {
  const std::uint32_t* order = codes_.order().data();
  const std::size_t bytes = rows_.inputs * sizeof(float);
  while (scan.stage == Scan::Stage::kScanning) {
    const kernels::CodeHit hit =
        codes_.next(scan.query, scan.best.threshold(), from, end);
    if (hit.block == end) return;
    from = hit.block + 1;
    for (std::uint64_t left = hit.items; left != 0; left &= left - 1) {
      const auto place = static_cast<std::size_t>(std::countr_zero(left));
      const std::uint32_t item =
          order[hit.block * kernels::CodeTable::kBlock + place];
      if (scan.filtered && !holds(scan.open, item)) continue;
      const char* row = reinterpret_cast<const char*>(rows_.row(item));
      for (std::size_t at = 0; at < bytes; at += kLine) {
        __builtin_prefetch(row + at);
      }
      scan.pending[scan.waiting++] = item;
    }
    if (scan.waiting >= kPending || !scan.best.full()) flush(query, scan);
    if (scan.candidates > scan.most) scan.stage = Scan::Stage::kGivenUp;
  }
}

void ItemSearch::flush(const ItemQuery& query, Scan& scan) const {
  std::array<float, std::tuple_size_v<decltype(scan.pending)>> logits;
  const auto pending = std::span(scan.pending).first(scan.waiting);
  kernels::chosen_rows(rows_, pending, query.x, logits);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    scan.best.add({pending[i], logits[i]});
  }
  scan.candidates += scan.waiting;
  scan.waiting = 0;
}

}  // namespace ensue::runtime
