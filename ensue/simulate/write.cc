// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/threads.h"
#include "ensue/simulate/customer.h"
#include "ensue/simulate/internal/text.h"
#include "ensue/simulate/internal/truth.h"
#include "ensue/simulate/simulate.h"

namespace ensue::simulate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 256;  // customers written at a time

// A file that grows at its end.
class Appended {
 public:
  Appended(const fs::path& path, std::string_view header)
      : path_(path),
        fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                   0644)) {
    if (fd_ < 0) fail("cannot open");
    append(std::string(header) + "\n");
  }
  ~Appended() {
    if (fd_ >= 0) ::close(fd_);
  }
  Appended(const Appended&) = delete;

  void append(std::string_view text) {
    bytes_ += text.size();
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot write");
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw Error(Code::kUnavailable,
                path_.string() + ": " + what + ": " + std::strerror(errno));
  }
  fs::path path_;
  int fd_;
  std::uint64_t bytes_ = 0;
};

enum Sheet { kEvents, kUsers, kCampaign, kUserTruth, kSessionTruth, kSheets };

constexpr std::array<std::pair<const char*, const char*>, kSheets> kHeads = {{
    {"events.csv",
     "user_id,item_id,action,timestamp,price,query,dwell_s,session_id"},
    {"users.csv", "user_id,signup,region,campaign"},
    {"campaign.csv", "campaign_id,user_id,from,to,treated"},
    {"truth/users_truth.csv",
     "user_id,segment,taste,bot,response,in_campaign,treated,left_at,effect"},
    {"truth/sessions_truth.csv",
     "session_id,user_id,day,first_category,second_category,refill"},
}};

struct Chunk {
  std::array<Lines, kSheets> sheets;
  Written counts;
};

void add_events(const Shop& shop, std::uint32_t user, const Trace& trace,
                Chunk& out) {
  Lines& lines = out.sheets[kEvents];
  for (const SimEvent& e : trace.events) {
    lines.id('u', user).id('i', e.item).field(name_of(e.action));
    lines.time(e.second).cents(e.price_cents);
    lines.field(e.query == 0 ? std::string()
                             : query_text(shop.catalogue(), e.item, e.query));
    lines.field(e.dwell).session(user, e.session).end();
    ++(e.action == ActionKind::kView   ? out.counts.views
       : e.action == ActionKind::kCart ? out.counts.carts
                                       : out.counts.purchases);
  }
}

void add_customer(const Shop& shop, const CampaignEffects& effects,
                  std::uint32_t user, const Trace& trace, Chunk& out) {
  const Person& person = trace.person;
  const Calendar& days = shop.calendar();
  const std::string_view group = !person.in_campaign ? ""
                                 : person.treated    ? "treated"
                                                     : "control";
  out.sheets[kUsers]
      .id('u', user)
      .field(days.date(person.signup))
      .field(kRegions[person.region])
      .field(group)
      .end();
  if (person.in_campaign) {
    out.sheets[kCampaign].field("c1").id('u', user);
    out.sheets[kCampaign]
        .field(days.date(shop.campaign().first))
        .field(days.date(shop.campaign().last))
        .field(int{person.treated})
        .end();
  }
  Lines& truth = out.sheets[kUserTruth];
  truth.id('u', user).field(
      kSegments[static_cast<std::size_t>(person.segment)].name);
  truth.field(person.taste).field(int{person.bot});
  truth.field(kResponses[static_cast<std::size_t>(person.response)].name);
  truth.field(int{person.in_campaign}).field(int{person.treated});
  if (trace.left) {
    truth.time(trace.events.back().second);
  } else {
    truth.field("");
  }
  truth.real(effect_of(shop, effects, trace)).end();
}

void add_sessions(const Shop& shop, std::uint32_t user, const Trace& trace,
                  Chunk& out) {
  const auto name = [&](int category) {
    return category < 0 ? std::string()
                        : shop.catalogue().category_name(category);
  };
  std::uint32_t number = 0;
  for (const SessionTruth& s : trace.sessions) {
    Lines& lines = out.sheets[kSessionTruth];
    lines.session(user, number++).id('u', user);
    lines.field(shop.calendar().date(s.day)).field(name(s.first_category));
    lines.field(name(s.second_category)).field(int{s.refill}).end();
  }
}

void write_chunk(const Shop& shop, const CampaignEffects& effects,
                 std::size_t begin, std::size_t end, Trace& trace, Chunk& out) {
  for (std::size_t u = begin; u < end; ++u) {
    const auto user = static_cast<std::uint32_t>(u);
    simulate_customer(shop, user, trace);
    add_events(shop, user, trace, out);
    add_customer(shop, effects, user, trace, out);
    add_sessions(shop, user, trace, out);
    out.counts.events += trace.events.size();
    out.counts.sessions += trace.sessions.size();
  }
}

// Chunks come from many threads and are appended in order of their number.
class Writer {
 public:
  Writer(const fs::path& folder, std::size_t users, const ProgressFn& progress)
      : users_(users), progress_(progress) {
    for (const auto& [name, header] : kHeads) {
      files_.push_back(std::make_unique<Appended>(folder / name, header));
    }
  }

  // Chunks are handed out in order, so the one waited for is always at work.
  void append(std::size_t number, std::size_t users, Chunk& chunk) {
    std::unique_lock lock(guard_);
    turn_.wait(lock, [&] { return next_ == number || failed_; });
    if (failed_) return;
    try {
      for (std::size_t s = 0; s < kSheets; ++s) {
        files_[s]->append(chunk.sheets[s].text());
      }
    } catch (...) {
      failed_ = true;
      turn_.notify_all();
      throw;
    }
    count(chunk.counts, users);
    ++next_;
    turn_.notify_all();
  }

  void give_up() {
    const std::lock_guard lock(guard_);
    failed_ = true;
    turn_.notify_all();
  }

  Written finish() {
    for (const auto& file : files_) total_.bytes += file->bytes();
    files_.clear();
    return total_;
  }

 private:
  void count(const Written& w, std::size_t users) {
    total_.users += users;
    total_.events += w.events;
    total_.sessions += w.sessions;
    total_.views += w.views;
    total_.carts += w.carts;
    total_.purchases += w.purchases;
    if (progress_) {
      progress_({"simulating", static_cast<double>(total_.users),
                 static_cast<double>(users_),
                 std::to_string(total_.events) + " events"});
    }
  }

  std::size_t users_;
  const ProgressFn& progress_;
  std::vector<std::unique_ptr<Appended>> files_;
  std::mutex guard_;
  std::condition_variable turn_;
  std::size_t next_ = 0;
  bool failed_ = false;
  Written total_;
};

Written write_customers(const Shop& shop, const fs::path& folder,
                        const ProgressFn& progress) {
  const auto users = static_cast<std::size_t>(shop.options().users);
  const CampaignEffects effects(shop);
  Writer writer(folder, users, progress);
  parallel_for(users, kChunk, [&](std::size_t begin, std::size_t end) {
    Trace trace;
    Chunk chunk;
    try {
      write_chunk(shop, effects, begin, end, trace, chunk);
    } catch (...) {
      writer.give_up();
      throw;
    }
    writer.append(begin / kChunk, end - begin, chunk);
  });
  return writer.finish();
}

}  // namespace

Written write_shop(const Shop& shop, const fs::path& folder,
                   const ProgressFn& progress) {
  fs::path part = folder;
  if (part.filename().empty()) part = part.parent_path();
  const fs::path target = part;
  part += ".part";
  try {
    fs::remove_all(part);
    fs::create_directories(part / "truth");
    Written out = write_customers(shop, part, progress);
    out.bytes += write_items(shop, part);
    write_parameters(shop, part);
    publish_folder(part, target);
    return out;
  } catch (const fs::filesystem_error& error) {
    throw Error(Code::kUnavailable,
                target.string() + ": cannot write: " + error.code().message());
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    throw;
  }
}

}  // namespace ensue::simulate
