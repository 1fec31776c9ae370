// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>

#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::size_t terminal_width(std::FILE* out) {
  winsize size{};
  const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 20 ? size.ws_col : 80;
}

// Eighths of a block, so that a slow bar still moves.
std::string bar(double share, std::size_t width) {
  static constexpr const char* kEighths[] = {"",  "▏", "▎", "▍",
                                             "▌", "▋", "▊", "▉"};
  const auto eighths =
      static_cast<std::size_t>(share * static_cast<double>(width) * 8.0 + 0.5);
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  const std::size_t used = eighths / 8 + (eighths % 8 > 0);
  return out + std::string(width - std::min(width, used), ' ');
}

StopFlag& flag() {
  static StopFlag stop{false};
  return stop;
}

void on_interrupt(int) {
  flag() = true;
  constexpr char kWord[] =
      "\nstopping in good order; once more ends it at once\n";
  [[maybe_unused]] const auto n = ::write(2, kWord, sizeof kWord - 1);
}

}  // namespace

std::string progress_line(const Progress& progress, double seconds,
                          std::size_t width) {
  std::string line = progress.stage;
  if (progress.total > 0) {
    const double share = std::clamp(progress.done / progress.total, 0.0, 1.0);
    line += " ▕" + bar(share, 20) + "▏" + fixed(100 * share, 0) + " %";
    if (!progress.detail.empty()) line += "  " + progress.detail;
    const bool told = progress.detail.find(" left") != std::string::npos;
    if (!told && share > 0.02 && share < 1) {
      line += "  " + duration(seconds * (1 - share) / share) + " left";
    }
  } else if (!progress.detail.empty()) {
    line += "  " + progress.detail;
  }
  return clip(line, width);
}

struct ProgressPrinter::State {
  std::FILE* out;
  double plain_seconds;
  bool terminal;
  std::string stage;
  Progress last;
  Clock::time_point stage_start = Clock::now(), drawn;
  bool open = false;     // terminal: a line waits for its end
  bool pending = false;  // plain: the last report was not printed

  void draw(const Progress& progress) {
    const double seconds = seconds_since(stage_start);
    if (terminal) {
      std::fprintf(
          out, "\r%s\x1b[K",
          progress_line(progress, seconds, terminal_width(out) - 1).c_str());
      open = true;
    } else {
      std::string line = progress.stage;
      if (progress.total > 0) {
        line += "  " + fixed(100 * progress.done / progress.total, 0) + " %";
      }
      if (!progress.detail.empty()) line += "  " + progress.detail;
      std::fprintf(out, "%s  %s\n", line.c_str(), duration(seconds).c_str());
    }
    std::fflush(out);
    drawn = Clock::now();
    pending = false;
  }

  void finish() {
    if (pending) draw(last);
    if (open) std::fputs("\n", out);
    std::fflush(out);
    open = false;
  }

  void report(const Progress& progress) {
    if (progress.stage != stage) {
      finish();
      stage = progress.stage;
      stage_start = drawn = Clock::now();
      if (terminal) draw(progress);
    }
    last = progress;
    pending = true;
    const double waited = seconds_since(drawn);
    if (waited >= (terminal ? 0.1 : plain_seconds)) draw(progress);
  }
};

ProgressPrinter::ProgressPrinter(std::FILE* out, double plain_seconds)
    : state_(std::make_unique<State>()) {
  state_->out = out;
  state_->plain_seconds = plain_seconds;
  state_->terminal = ::isatty(::fileno(out)) == 1;
}

ProgressPrinter::~ProgressPrinter() { finish(); }

ProgressFn ProgressPrinter::function() {
  return [state = state_.get()](const Progress& progress) {
    state->report(progress);
  };
}

void ProgressPrinter::finish() { state_->finish(); }

const StopFlag& stop_on_interrupt() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESETHAND | SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  (void)installed;
  return flag();
}

}  // namespace ensue::apps
