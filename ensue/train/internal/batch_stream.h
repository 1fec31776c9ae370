// SPDX-License-Identifier: Apache-2.0
// The batches of an epoch, each made on the side while the one before trains.
#pragma once

#include <cstddef>
#include <future>
#include <optional>

#include "ensue/train/batcher.h"

namespace ensue::train {

/// Not thread-safe. The batcher and the epoch must outlive it.
class BatchStream {
 public:
  BatchStream(const Batcher& batcher, const Batcher::Epoch& epoch,
              std::size_t first)
      : batcher_(batcher), epoch_(epoch), number_(first) {
    prepare();
  }

  /// The next batch; nullopt behind the last. What making it threw, is thrown.
  std::optional<Batcher::Batch> next() {
    if (!coming_.valid()) return std::nullopt;
    Batcher::Batch out = coming_.get();
    prepare();
    return out;
  }

 private:
  void prepare() {
    if (number_ >= epoch_.batches()) return;
    coming_ = std::async(std::launch::async, [this, number = number_++] {
      return batcher_.batch(epoch_, number);
    });
  }

  const Batcher& batcher_;
  const Batcher::Epoch& epoch_;
  std::size_t number_;
  std::future<Batcher::Batch> coming_;
};

}  // namespace ensue::train
