// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/import.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/threads.h"
#include "ensue/data/internal/arrange.h"
#include "ensue/data/internal/fill.h"
#include "ensue/data/internal/locate.h"
#include "ensue/data/internal/manifest.h"
#include "ensue/data/internal/mend.h"
#include "ensue/data/internal/reader.h"
#include "ensue/data/internal/writer.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

// Lines that no reader could split have no place among the rows.
constexpr std::uint64_t kPlaceless = (1ULL << 48) + (1ULL << 47);

std::uint64_t machine_memory() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// "1GB", "512 MB", "2GiB" in bytes; empty: two thirds of the machine.
std::uint64_t memory_bytes(const std::string& text) {
  if (text.empty()) return machine_memory() / 3 * 2;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  std::string unit;
  for (const char* c = stop; c != end; ++c) {
    if (*c != ' ') unit += static_cast<char>(std::toupper(*c));
  }
  const double scale = unit.starts_with("K")   ? 1e3
                       : unit.starts_with("M") ? 1e6
                       : unit.starts_with("G") ? 1e9
                       : unit.starts_with("T") ? 1e12
                                               : 0;
  if (error != std::errc() || scale == 0 || number * scale < 256e6) {
    invalid("data.memory: '" + text +
            "', expected a size of at least 256MB, such as 1GB");
  }
  return static_cast<std::uint64_t>(number * scale);
}

// The folder that becomes the dataset; gone unless published.
class Part {
 public:
  explicit Part(const std::string& dataset) : target_(dataset) {
    if (dataset.empty()) invalid("data.dataset: is empty, expected a folder");
    if (target_.filename().empty()) target_ = target_.parent_path();
    if (fs::exists(target_) && !fs::exists(target_ / "manifest.json") &&
        !(fs::is_directory(target_) && fs::is_empty(target_))) {
      invalid(dataset + ": is there and is no dataset; name another folder");
    }
    folder_ = target_;
    folder_ += ".part";
    std::error_code error;
    fs::remove_all(folder_, error);
    fs::create_directories(temp(), error);
    if (error) {
      throw Error(Code::kUnavailable,
                  folder_.string() + ": cannot create: " + error.message());
    }
  }
  ~Part() {
    std::error_code ignored;
    if (!published_) fs::remove_all(folder_, ignored);
  }
  Part(const Part&) = delete;

  const fs::path& folder() const { return folder_; }
  fs::path temp() const { return folder_ / "tmp"; }
  fs::path publish() {
    fs::remove_all(temp());
    publish_folder(folder_, target_);
    published_ = true;
    return target_;
  }

 private:
  fs::path target_, folder_;
  bool published_ = false;
};

CleaningReport make_report(const Source& source, const Reading& reading,
                           const Arranged& arranged) {
  CleaningReport out;
  out.rows = reading.source_rows;
  out.kept = arranged.kept;
  out.aside = arranged.aside;
  std::vector<std::uint64_t> wanted;
  for (std::size_t r = 0; r < kRules; ++r) {
    const auto& first = reading.tally.first(static_cast<Rule>(r));
    wanted.insert(wanted.end(), first.begin(), first.end());
  }
  const auto located = locate_rows(source, wanted);
  for (std::size_t r = 0; r < kRules; ++r) {
    const auto rule = static_cast<Rule>(r);
    RuleCount count{std::string(cleaning_rules().all()[r].name),
                    reading.tally.rows(rule),
                    {}};
    if (rule == Rule::kUnreadable) count.samples = reading.unreadable;
    for (const std::uint64_t seq : reading.tally.first(rule)) {
      const auto found = located.find(seq);
      if (found != located.end() && count.samples.size() < 3) {
        count.samples.push_back(found->second);
      }
    }
    out.rules.push_back(std::move(count));
  }
  return out;
}

void refuse_empty(const Reading& reading, const Arranged& arranged,
                  const Source& source) {
  if (arranged.kept > 0) return;
  std::size_t worst = 0;
  for (std::size_t r = 0; r < kRules; ++r) {
    if (reading.tally.rows(static_cast<Rule>(r)) >
        reading.tally.rows(static_cast<Rule>(worst))) {
      worst = r;
    }
  }
  const CleaningRule& rule = cleaning_rules().all()[worst];
  invalid((source.files.empty() ? "data.sql" : source.files[0]) +
          ": none of its " + std::to_string(reading.source_rows) +
          " rows is an event; most fell to the rule '" +
          std::string(rule.name) + "': " + std::string(rule.summary));
}

// Lines that were given up, as the rule that counts them sees them.
void count_mended(const Mended& mended, Reading& reading) {
  for (std::size_t i = 0; i < mended.lines.size(); ++i) {
    reading.tally.add(Rule::kUnreadable, kPlaceless + i);
  }
  reading.source_rows += mended.lines.size();
  auto& samples = reading.unreadable;
  samples.insert(samples.end(), mended.lines.begin(), mended.lines.end());
  std::ranges::stable_sort(samples, {}, &SampleRow::line);
  if (samples.size() > 3) samples.resize(3);
}

// Samples name the user's files, not their mended copies.
void name_originals(const Mended& mended, CleaningReport& report) {
  for (RuleCount& rule : report.rules) {
    for (SampleRow& row : rule.samples) {
      const auto found = mended.original.find(row.file);
      if (found != mended.original.end()) row.file = found->second;
    }
  }
}

// One import of one source into a folder.
class Importer {
 public:
  Importer(const ImportRequest& request, Source source, const fs::path& folder,
           const fs::path& temp)
      : request_(request),
        missing_(missing_rules(request.missing)),
        source_(std::move(source)),
        folder_(folder),
        temp_(temp) {}

  CleaningReport run() {
    if (const auto open = attempt(); !open.empty()) {
      mended_ = mend_quotes(source_, open, temp_ / "mended");
      attempt();
    }
    return std::move(report_);
  }

 private:
  // The files whose quotes must be mended first; none: it is done.
  std::vector<std::string> attempt() {
    const bool again = !mended_.original.empty();
    const fs::path work = temp_ / (again ? "again" : "once");
    fs::create_directories(work);
    Connection database(options(work));
    if (source_.wide) {
      database.run("CREATE TABLE raw AS " + source_.sql);
      if (source_.preset == nullptr) type_context(database, source_);
    }
    const std::uint64_t memory = memory_bytes(request_.source.memory);
    RowStore store(work, request_.rows_in_memory > 0
                             ? request_.rows_in_memory
                             : memory / 3 / sizeof(Row));
    Reading reading(store);
    read_rows(database, source_,
              {request_.columns, request_.clean, missing_, request_.progress},
              reading);
    if (!again && !reading.open_quotes.empty()) return reading.open_quotes;
    count_mended(mended_, reading);
    write(database, reading);
    return {};
  }

  Connection::Options options(const fs::path& work) const {
    const auto& source = request_.source;
    const int cores = source.threads > 0 ? source.threads : threads();
    const std::uint64_t memory = memory_bytes(source.memory);
    return {.path = source_.wide ? (work / "raw.duckdb").string() : ":memory:",
            .memory = std::to_string(memory / 2 / 1'000'000) + "MB",
            .temp_folder = (work / "spill").string(),
            .threads = cores};
  }

  void write(Connection& database, Reading& reading) {
    const Arranged arranged =
        arrange(reading, request_.clean, request_.progress);
    refuse_empty(reading, arranged, source_);
    const FinalIds ids = final_ids(arranged);
    if (request_.progress) request_.progress({"writing", 0, 0, ""});
    const EventTable events(reading, arranged, ids);
    database.add_table("kept_events", events.source());
    const FilledColumns filled =
        fill_missing(database, source_, missing_, reading, arranged, ids);
    const auto remarks = write_tables(database, source_, reading, arranged, ids,
                                      filled, folder_);
    report_ = make_report(source_, reading, arranged);
    report_.notes = filled.notes;
    report_.notes.insert(report_.notes.end(), remarks.begin(), remarks.end());
    name_originals(mended_, report_);
    write_manifest(folder_, request_, source_, reading, arranged, ids, report_);
  }

  const ImportRequest& request_;
  const std::vector<MissingRule> missing_;
  Source source_;
  const fs::path folder_, temp_;
  Mended mended_;
  CleaningReport report_;
};

}  // namespace

ImportResult import_log(const ImportRequest& request) {
  memory_bytes(request.source.memory);  // refuse before any work
  missing_rules(request.missing);
  Source source = make_source(request.source, request.columns, request.clean);
  Part part(request.source.dataset);
  ImportResult result;
  result.report =
      Importer(request, std::move(source), part.folder(), part.temp()).run();
  result.dataset = part.publish();
  return result;
}

}  // namespace ensue::data
