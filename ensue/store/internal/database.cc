// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/events/ids.h"
#include "ensue/store/internal/log_order.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/internal/wal.h"

namespace ensue::store {
namespace {

constexpr std::array<const char*, kFamilies> kFamilyNames = {
    "default", "users", "names", "ids", "answers", "documents"};
constexpr std::size_t kMiB = std::size_t{1} << 20;

rocksdb::DBOptions database_options(
    const RocksOptions& options, rocksdb::Env* env,
    const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions out;
  out.env = env;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  // What a log can say about a first record that is not whole, check_wals()
  // has said before.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out.track_and_verify_wals_in_manifest = true;
  out.max_total_wal_size = 128 * kMiB;
  out.max_open_files = 256;
  out.max_file_opening_threads = 2;
  out.max_background_jobs = 2;
  out.bytes_per_sync = kMiB;
  out.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(
      options.cache_bytes / 4, cache);
  out.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  out.keep_log_file_num = 2;
  out.max_log_file_size = kMiB;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  return out;
}

rocksdb::BlockBasedTableOptions table_options(
    const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions out;
  out.block_cache = cache;
  out.block_size = 16 << 10;
  out.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  out.optimize_filters_for_memory = true;
  out.cache_index_and_filter_blocks = true;
  out.cache_index_and_filter_blocks_with_high_priority = true;
  out.pin_l0_filter_and_index_blocks_in_cache = true;
  out.checksum = rocksdb::kXXH3;
  out.format_version = 5;
  return out;
}

rocksdb::ColumnFamilyOptions family_options(
    Family family, const RocksOptions& options,
    const rocksdb::BlockBasedTableOptions& table,
    const std::shared_ptr<const Horizon>& horizon) {
  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.level_compaction_dynamic_level_bytes = true;
  out.target_file_size_base = 32 * kMiB;
  out.write_buffer_size = (family == kUsers ? 32 : 8) * kMiB;
  out.arena_block_size = 64 << 10;  // six families take less than a small cache
  if (options.seams && options.seams->write_buffer_bytes > 0) {
    out.write_buffer_size = options.seams->write_buffer_bytes;
  }
  out.compression =
      options.compress ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  out.bottommost_compression =
      options.compress ? rocksdb::kZSTD : rocksdb::kNoCompression;
  if (family == kUsers) {
    out.merge_operator = record_merge(options.retention.events_per_user);
    out.max_successive_merges = 100;  // bounds what a read must bring together
  }
  if (family == kIds) {
    out.compaction_filter_factory = forget_ids(horizon);
    out.memtable_whole_key_filtering = true;
    out.memtable_prefix_bloom_size_ratio = 0.1;
  }
  if (family == kAnswers) {
    out.compaction_filter_factory = forget_answers(horizon);
  }
  if (family == kIds || family == kAnswers) {
    out.periodic_compaction_seconds = events::kDayMs / events::kSecondMs;
  }
  return out;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw Error(Code::kUnavailable,
                folder.string() + ": cannot be made: " + failed.message());
  }
}

using Descriptors = std::vector<rocksdb::ColumnFamilyDescriptor>;

void opened(const std::filesystem::path& folder,
            const rocksdb::Status& status) {
  if (status.ok()) return;
  std::string words = status.ToString();
  std::ranges::replace(words, '\n', ' ');
  throw Error(status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable,
              folder.string() + ": cannot be opened: " + words);
}

// Replays the logs without changing anything: what does not come through would
// be dropped without a word.
void check_replay(const std::filesystem::path& folder,
                  const rocksdb::DBOptions& options,
                  const Descriptors& descriptors, const WalSummary& logs) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  opened(folder, rocksdb::DB::OpenForReadOnly(options, folder.string(),
                                              descriptors, &families, &db));
  const std::uint64_t replayed = db->GetLatestSequenceNumber();
  for (rocksdb::ColumnFamilyHandle* family : families) {
    db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  delete db;
  if (replayed < logs.last_sequence) throw Error(Code::kCorrupt, logs.broken);
}

}  // namespace

void ok(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::string message = status.ToString();
  std::ranges::replace(message, '\n', ' ');
  throw Error(status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable,
              "store: " + message);
}

Database::Database(const std::filesystem::path& folder,
                   const RocksOptions& options,
                   std::shared_ptr<const Horizon> horizon)
    : env_(in_log_order(options.seams && options.seams->env
                            ? options.seams->env
                            : rocksdb::Env::Default())) {
  make_folder(folder);
  const WalSummary logs = check_wals(folder);
  rocksdb::LRUCacheOptions cache_options;
  cache_options.capacity = options.cache_bytes / 4 * 3;
  const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(cache_options);
  const rocksdb::BlockBasedTableOptions table = table_options(cache);
  Descriptors descriptors;
  for (std::size_t i = 0; i < kFamilies; ++i) {
    descriptors.emplace_back(
        kFamilyNames[i],
        family_options(static_cast<Family>(i), options, table, horizon));
  }
  const rocksdb::DBOptions settings =
      database_options(options, env_.get(), cache);
  if (!logs.broken.empty()) check_replay(folder, settings, descriptors, logs);
  rocksdb::DB* db = nullptr;
  opened(folder, rocksdb::DB::Open(settings, folder.string(), descriptors,
                                   &families_, &db));
  db_.reset(db);
}

rocksdb::Status Database::try_disk() const {
  std::uint64_t logs = 0;
  rocksdb::VectorLogPtr files;
  if (db_->GetSortedWalFiles(files).ok()) {
    for (const auto& file : files) logs += file->SizeFileBytes();
  }
  const std::string probe = db_->GetName() + "/probe";
  const rocksdb::Status status = rocksdb::WriteStringToFile(
      env_.get(), std::string(logs + kMiB, 'x'), probe, /*should_sync=*/true);
  env_->DeleteFile(probe).PermitUncheckedError();
  return status;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    if (db_) db_->DestroyColumnFamilyHandle(family);
  }
}

}  // namespace ensue::store
