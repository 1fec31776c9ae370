// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/merge.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/store/internal/record.h"
#include "ensue/store/internal/wire.h"
#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

template <class Slices>
std::vector<std::string_view> views(const Slices& slices) {
  std::vector<std::string_view> out;
  out.reserve(slices.size());
  for (const rocksdb::Slice& slice : slices) {
    out.emplace_back(slice.data(), slice.size());
  }
  return out;
}

class RecordMerge final : public rocksdb::MergeOperator {
 public:
  explicit RecordMerge(std::size_t limit) : limit_(limit) {}
  const char* Name() const override { return "ensue.record.1"; }

  // A value that cannot be read fails the merge: RocksDB says "corruption".
  bool FullMergeV2(const MergeOperationInput& in,
                   MergeOperationOutput* out) const override try {
    const std::string_view record =
        in.existing_value != nullptr ? in.existing_value->ToStringView() : "";
    out->new_value = merged(in.existing_value != nullptr ? &record : nullptr,
                            views(in.operand_list), limit_);
    return true;
  } catch (const Error&) {
    return false;
  }

  bool PartialMergeMulti(const rocksdb::Slice&,
                         const std::deque<rocksdb::Slice>& operands,
                         std::string* out, rocksdb::Logger*) const override
      try {
    *out = joined(views(operands));
    return true;
  } catch (const Error&) {
    return false;
  }

 private:
  std::size_t limit_;
};

bool forgotten(const Horizon& horizon, std::string_view seen) {
  return seen.size() == 8 &&
         !horizon.knows_id(Reader(seen).number<std::int64_t>(),
                           std::numeric_limits<std::int64_t>::min());
}

bool outlived(const Horizon& horizon, std::string_view answer) try {
  return !horizon.keeps_answer(unzigzag(Reader(answer).varint()));
} catch (const Error&) {
  return false;  // whoever reads it will say what is wrong
}

using Gone = bool (*)(const Horizon&, std::string_view);

class Forget final : public rocksdb::CompactionFilter {
 public:
  Forget(std::shared_ptr<const Horizon> horizon, Gone gone)
      : horizon_(std::move(horizon)), gone_(gone) {}
  const char* Name() const override { return "ensue.forget.1"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/,
              const rocksdb::Slice& value, std::string* /*changed*/,
              bool* /*is_changed*/) const override {
    return gone_(*horizon_, value.ToStringView());
  }

 private:
  std::shared_ptr<const Horizon> horizon_;
  Gone gone_;
};

class ForgetFactory final : public rocksdb::CompactionFilterFactory {
 public:
  ForgetFactory(std::shared_ptr<const Horizon> horizon, Gone gone)
      : horizon_(std::move(horizon)), gone_(gone) {}
  const char* Name() const override { return "ensue.forget.1"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<Forget>(horizon_, gone_);
  }

 private:
  std::shared_ptr<const Horizon> horizon_;
  Gone gone_;
};

}  // namespace

bool Horizon::knows_id(std::int64_t seen, std::int64_t at) const noexcept {
  return seen > days_before(std::max(at, now.load()), retention.event_id_days);
}

bool Horizon::keeps_answer(std::int64_t time) const noexcept {
  return time >= days_before(now.load(), retention.answer_days);
}

std::shared_ptr<rocksdb::MergeOperator> record_merge(std::size_t limit) {
  return std::make_shared<RecordMerge>(limit);
}

std::shared_ptr<rocksdb::CompactionFilterFactory> forget_ids(
    std::shared_ptr<const Horizon> horizon) {
  return std::make_shared<ForgetFactory>(std::move(horizon), forgotten);
}

std::shared_ptr<rocksdb::CompactionFilterFactory> forget_answers(
    std::shared_ptr<const Horizon> horizon) {
  return std::make_shared<ForgetFactory>(std::move(horizon), outlived);
}

}  // namespace ensue::store
