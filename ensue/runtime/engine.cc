// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/engine.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/kernels/rows.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/internal/stack.h"

namespace ensue::runtime {
namespace {

std::unique_ptr<const Head> make_head(const artifact::Artifact& artifact) {
  const auto& heads = artifact.description().model.heads;
  const auto answers_more = [&](std::size_t k) {
    const std::string& type = heads[k].type;
    return type == "label" ||
           (k == 1 && (type == "next_event" || type == "decoder"));
  };
  bool known = !heads.empty();
  for (std::size_t k = 1; k < heads.size(); ++k) {
    known = known && answers_more(k);
  }
  if (!known) {
    throw Error(Code::kCorrupt,
                "heads: " + std::to_string(heads.size()) +
                    " heads, expected one that scores items, next_event or "
                    "decoder at most, then label heads");
  }
  const BlockSource source{artifact, "heads", 0, heads[0]};
  return runtime::heads().find(heads[0].type).make(source);
}

}  // namespace

struct Engine::Impl {
  Stack stack;
  std::unique_ptr<const Head> head;
  std::size_t items;
  std::size_t kept;  // latest events that a state keeps
  std::vector<events::ContextColumn> context;

  explicit Impl(const artifact::Artifact& artifact)
      : stack(artifact),
        head(make_head(artifact)),
        items(artifact.description().items.size()),
        kept(std::max({stack.window(), head->remembers(),
                       // the present one and the one before
                       std::size_t{stack.looks_back() ? 2U : 0U}})) {
    if (head->width() != 0 && head->width() != stack.width()) {
      throw Error(Code::kCorrupt,
                  "heads.0: wants " + std::to_string(head->width()) +
                      " numbers, gets " + std::to_string(stack.width()));
    }
    if (head->members().empty()) context = artifact.description().context;
    for (const Member& member : head->members()) {
      const auto& theirs = member.engine->context();
      context.insert(context.end(), theirs.begin(), theirs.end());
    }
  }

  // Calls body(member's place, its engine, where its cells begin in a row).
  template <class Body>
  void each_member(const Body& body) const {
    std::size_t begin = 0;
    for (std::size_t m = 0; m < head->members().size(); ++m) {
      const Engine& engine = *head->members()[m].engine;
      body(m, engine, begin);
      begin += engine.context().size();
    }
  }

  // The row of the latest of the events that a state keeps.
  void remember(std::span<const events::Cell> row,
                std::vector<events::Cell>& kept_rows) const {
    if (context.empty()) return;
    const auto size = static_cast<std::ptrdiff_t>(context.size());
    if (kept_rows.size() == kept * context.size()) {
      kept_rows.erase(kept_rows.begin(), kept_rows.begin() + size);
    }
    kept_rows.resize(kept_rows.size() + context.size());
    std::ranges::copy(row, kept_rows.end() - size);
  }
  bool knows(const events::Event& event) const noexcept {
    return events::index(event.item) < items;
  }
  /// Where the segment starts after `events` events. Where all is encoded anew
  /// anyway, it holds as many as it can.
  std::size_t start_of(std::size_t events) const noexcept {
    if (stack.masked()) return events - std::min(events, stack.window());
    return stack.window() == 0
               ? 0
               : artifact::segment_start(events, stack.window());
  }
  /// The weighted sum of the members' logits.
  void score_members(std::span<const State* const> states,
                     std::span<float> out) const {
    thread_local std::vector<float> logits;
    std::vector<const State*> theirs(states.size());
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t m = 0; m < head->members().size(); ++m) {
      const Member& member = head->members()[m];
      for (std::size_t i = 0; i < states.size(); ++i) {
        theirs[i] = &states[i]->members_[m];
      }
      logits.resize(out.size());
      member.engine->score(theirs, logits);
      kernels::add_scaled(logits.data(), member.weight, out.data(), out.size());
    }
  }

  std::vector<std::vector<Scored>> top_members(
      std::span<const TopRequest> requests) const {
    thread_local std::vector<float> logits;
    logits.resize(items);
    std::vector<std::vector<Scored>> out;
    for (const TopRequest& request : requests) {
      score_members({&request.state, 1}, logits);
      out.push_back(top_k(logits, request.k, request.filter));
    }
    return out;
  }

  /// The first event of a segment of `events` that still matters.
  std::size_t first_that_matters(std::size_t events) const noexcept {
    const std::size_t reach = stack.reach();
    return reach == 0 || reach >= events ? 0 : events - reach;
  }
  HeadInput view(std::span<const float> output,
                 std::span<const events::Event> recent) const noexcept {
    const std::size_t seen = std::min(recent.size(), head->remembers());
    return {output, recent.last(seen)};
  }
};

std::size_t State::bytes() const noexcept {
  std::size_t out = sizeof(State) + memory_.capacity() * sizeof(float) +
                    output_.capacity() * sizeof(float) +
                    recent_.capacity() * sizeof(events::Event) +
                    context_.capacity() * sizeof(events::Cell);
  for (const State& member : members_) out += member.bytes();
  return out;
}

std::shared_ptr<const Engine> Engine::load(const std::string& path) {
  return std::make_shared<const Engine>(artifact::Artifact::load(path));
}

Engine::Engine(std::shared_ptr<const artifact::Artifact> artifact)
    : artifact_(std::move(artifact)),
      impl_(std::make_unique<const Impl>(*artifact_)) {}

Engine::~Engine() = default;

std::size_t Engine::items() const noexcept { return impl_->items; }

std::size_t Engine::width() const noexcept { return impl_->stack.width(); }

const std::vector<events::ContextColumn>& Engine::context() const noexcept {
  return impl_->context;
}

State Engine::start() const {
  State out;
  for (const Member& member : impl_->head->members()) {
    out.members_.push_back(member.engine->start());
  }
  out.memory_.resize(impl_->stack.memory());
  out.output_.resize(impl_->stack.width());
  if (impl_->stack.masked()) impl_->stack.answer({}, out.memory_, out.output_);
  return out;
}

std::size_t Engine::first_read(std::size_t events) const noexcept {
  std::size_t first = impl_->start_of(events);
  if (impl_->stack.reach() > 0 && !impl_->stack.masked()) {
    // One more: an input may look at the event before.
    first =
        std::max(first, events - std::min(events, impl_->stack.reach() + 1));
  }
  first = std::min(first, events - std::min(events, impl_->head->remembers()));
  for (const Member& member : impl_->head->members()) {
    first = std::min(first, member.engine->first_read(events));
  }
  return first;
}

bool Engine::cheap_steps() const noexcept {
  return !impl_->stack.masked() &&
         std::ranges::all_of(impl_->head->members(), [](const Member& member) {
           return member.engine->cheap_steps();
         });
}

void Engine::step(State& state, const events::Event& event,
                  std::span<const events::Cell> context) const noexcept {
  if (!impl_->knows(event)) return;
  const std::size_t columns = impl_->context.size();
  assert(context.empty() || context.size() == columns);
  impl_->each_member(
      [&](std::size_t m, const Engine& engine, std::size_t begin) {
        engine.step(state.members_[m], event,
                    context.empty()
                        ? context
                        : context.subspan(begin, engine.context().size()));
      });
  auto& recent = state.recent_;
  if (impl_->kept > 0) {
    if (recent.size() == impl_->kept) recent.erase(recent.begin());
    recent.push_back(event);
    impl_->remember(context, state.context_);
  }
  const std::size_t before = state.events_++;
  state.last_action_ = event.action;
  const std::size_t start = impl_->start_of(state.events_);
  const Run all{recent, events::rows_of(state.context_, columns)};
  if (impl_->stack.masked()) {
    return impl_->stack.answer(all.from(all.size() - (state.events_ - start)),
                               state.memory_, state.output_);
  }
  if (start == impl_->start_of(before)) {
    Place place{before - start};
    if (place.position > 0 && recent.size() > 1) {
      place.before = &recent[recent.size() - 2];
    }
    const Run one{{&event, 1}, events::rows_of(context, columns)};
    return impl_->stack.run(one, place, state.memory_, state.output_);
  }
  std::fill(state.memory_.begin(), state.memory_.end(), 0.0F);
  impl_->stack.run(all.from(all.size() - (state.events_ - start)), Place{},
                   state.memory_, state.output_);
}

State Engine::encode(const events::History& history) const {
  const std::size_t columns = impl_->context.size();
  const bool said = history.context.columns > 0;
  if (said && history.context.columns != columns) {
    invalid("history: rows of " + std::to_string(history.context.columns) +
            " context columns, expected the model's " +
            std::to_string(columns));
  }
  std::vector<events::Event> known;
  std::vector<events::Cell> cells;
  known.reserve(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (!impl_->knows(history[i])) continue;
    known.push_back(history[i]);
    const auto row = history.context.row(i);
    cells.insert(cells.end(), row.begin(), row.end());
  }
  State out = start();
  out.events_ = known.size();
  if (!known.empty()) out.last_action_ = known.back().action;
  impl_->each_member(
      [&](std::size_t m, const Engine& engine, std::size_t begin) {
        events::History theirs = history;
        if (said) {
          theirs.context = theirs.context.part(begin, engine.context().size());
        }
        out.members_[m] = engine.encode(theirs);
      });
  const Run all{known, events::rows_of(cells, columns)};
  const Run segment = all.from(impl_->start_of(all.size()));
  const std::size_t first = impl_->first_that_matters(segment.size());
  if (impl_->stack.masked()) {
    impl_->stack.answer(segment, out.memory_, out.output_);
  } else {
    const Place place{first, first > 0 ? &segment.events[first - 1] : nullptr};
    impl_->stack.run(segment.from(first), place, out.memory_, out.output_);
  }
  const Run kept = all.from(all.size() - std::min(impl_->kept, all.size()));
  out.recent_.assign(kept.events.begin(), kept.events.end());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    impl_->remember(kept.context.row(i), out.context_);
  }
  return out;
}

void Engine::score(const State& state, std::span<float> out) const noexcept {
  assert(out.size() == items());
  if (!state.members_.empty()) {
    const State* one = &state;
    return impl_->score_members({&one, 1}, out);
  }
  score_as(state, state.output_, out);
}

void Engine::score_as(const State& state, std::span<const float> x,
                      std::span<float> out) const noexcept {
  const HeadInput seen = impl_->view(x, state.recent_);
  impl_->head->score(seen.x, seen.recent, out);
}

void Engine::score(std::span<const State* const> states,
                   std::span<float> out) const {
  if (!impl_->head->members().empty()) return impl_->score_members(states, out);
  std::vector<HeadInput> users;
  users.reserve(states.size());
  for (const State* state : states) {
    users.push_back(impl_->view(state->output_, state->recent_));
  }
  impl_->head->score_users(users, out);
}

std::vector<Scored> Engine::top(const State& state, std::size_t k,
                                const ItemFilter& filter) const {
  const TopRequest request{&state, k, filter};
  return std::move(top({&request, 1}).front());
}

std::vector<std::vector<Scored>> Engine::top(
    std::span<const TopRequest> requests) const {
  for (const TopRequest& request : requests) {
    const std::size_t words = request.filter.allowed.size();
    if (words != 0 && words != words_of(items())) {
      invalid("filter: " + std::to_string(words) + " words for " +
              std::to_string(items()) + " items, expected " +
              std::to_string(words_of(items())));
    }
  }
  if (!impl_->head->members().empty()) return impl_->top_members(requests);
  std::vector<HeadRequest> asked;
  asked.reserve(requests.size());
  for (const TopRequest& request : requests) {
    const State& state = *request.state;
    asked.push_back(
        {impl_->view(state.output_, state.recent_), request.k, request.filter});
  }
  return impl_->head->top(asked, items());
}

std::span<const float> Engine::output(const State& state) const noexcept {
  return state.output_;
}

void softmax(std::span<float> scores) noexcept {
  kernels::softmax_exact(scores);
}

}  // namespace ensue::runtime
