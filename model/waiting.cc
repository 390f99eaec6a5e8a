// Threads that wait: which of them can ever go on, loops that wait, and time.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "weft/model/execution.h"

namespace weft::model {
namespace {

bool SamePlace(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && a.column() == b.column() &&
         std::strcmp(a.file_name(), b.file_name()) == 0;
}

/// Whether the i-th event of the thread changes nothing for others, so that a
/// loop may repeat it for ever. A read-modify-write that writes what it read is
/// a look, too.
bool OnlyLooks(const std::vector<Event>& events, int i) {
  const Event& event = events[i];
  if (event.is_write()) return event.rmw && event.value == events[i - 1].value;
  if (event.is_read()) {
    return !event.rmw || events[i + 1].value == event.value;
  }
  return event.kind == EventKind::kFence || event.kind == EventKind::kChoice;
}

}  // namespace

// Whether there is a write that lets the thread go on.
bool Execution::CanAwait(int lane) const {
  const Thread& thread = threads_[lane];
  const int location = thread.awaiting_location;
  const int count = graph().size(lane);
  const int bound = graph().LowestReadable(
      location, graph().ClockAt(lane, count), EventId(lane, count));
  const std::vector<EventId>& order = graph().location(location).order;
  for (size_t i = bound; i < order.size(); ++i) {
    if (thread.awaiting->condition.Holds(graph().at(order[i]).value)) {
      return true;
    }
  }
  return false;
}

// Whether the read has the last value of its location.
bool Execution::IsNewest(const Event& read) const {
  return graph().location(read.location).order.back() == read.rf;
}

// Whether a read of the same location would now return the same.
bool Execution::IsCurrent(const Event& read) const {
  const EventId newest = graph().location(read.location).order.back();
  return graph().at(newest).value == read.value;
}

// Whether the thread, which waits, waits for something that has not happened.
// Else it could go on in another graph, in which it reads a newer value.
bool Execution::IsFresh(const Thread& thread) const {
  const int lane = static_cast<int>(&thread - threads_);
  const auto elsewhere = [](const Condition& condition) {
    return condition.give_up == Condition::GiveUp::kElsewhere;
  };
  switch (thread.state) {
    case State::kAwaiting:
      return !elsewhere(thread.awaiting->condition);
    case State::kBlocked: {
      const Event& read = graph().lane(lane).back();
      return IsNewest(read) && !elsewhere(read.condition);
    }
    case State::kSpinning:
      for (int i = thread.turn.first_read; i < thread.position; ++i) {
        const Event& event = graph().lane(lane)[i];
        if (event.is_read() && !IsCurrent(event)) return false;
      }
      return true;
    case State::kAbandoned:
      return false;
    default:
      return true;
  }
}

// No thread can go on: the one whose time-out is the earliest, or -1. None if
// some thread could go on elsewhere: then this graph is of no interest.
int Execution::ThreadToGiveUp() const {
  int found = -1;
  int64_t earliest = 0;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    const Thread& thread = threads_[lane];
    const Condition* condition = nullptr;
    int64_t deadline = 0;
    if (thread.state == State::kAwaiting) {
      condition = &thread.awaiting->condition;
    } else if (thread.state == State::kBlocked) {
      const Event& read = graph().lane(lane).back();
      condition = &read.condition;
      if (!IsNewest(read)) return -1;
    } else if (thread.state == State::kAbandoned) {
      return -1;
    } else if (thread.state == State::kSpinning) {
      if (!IsFresh(thread)) return -1;
      if (!thread.turn.sleeps) continue;
      deadline = thread.turn.deadline;
    } else {
      continue;
    }
    if (condition != nullptr) {
      if (condition->give_up != Condition::GiveUp::kWhenStuck) continue;
      deadline = condition->deadline;
    }
    if (found < 0 || deadline < earliest) {
      found = lane;
      earliest = deadline;
    }
  }
  return found;
}

void Execution::Abandon() {
  Engine engine;
  self().state = State::kAbandoned;
  SwitchAway();
  std::abort();  // nobody resumes it
}

// --- Loops that wait. ---

void Execution::EndTurn(const std::source_location& where) {
  Engine engine;
  Turn& turn = self().turn;
  // A turn without an event can only wait for plain memory, that is, for ever.
  constexpr uint32_t kMaxEmptyTurns = 10'000;
  turn.empty = turn.ended ? turn.empty + 1 : 0;
  if (turn.empty > kMaxEmptyTurns) {
    Fail(Verdict::kUnhintedSpin, "a loop waits for plain memory", where);
  }
  if (!turn.ended) turn.begin = turn.end;
  turn.end = self().position;
  turn.ended = true;
  turn.sleeps = false;
}

void Execution::Sleep(int64_t nanoseconds, const std::source_location& where) {
  EndTurn(where);
  Thread& thread = self();
  thread.now += std::max<int64_t>(nanoseconds, 0);
  thread.turn.sleeps = true;
  thread.turn.deadline = thread.now;
}

// The first operation after the end of a turn; `read` if it is a read. If the
// turn read at the same place, and did nothing but look since, the operation is
// the beginning of a turn like it.
void Execution::BeginTurn(const std::source_location* read) {
  Thread& thread = self();
  Turn& turn = thread.turn;
  turn.ended = false;
  const std::vector<Event>& events = graph().lane(self_);
  if (replaying()) {
    if (events[thread.position].kind == EventKind::kTimeout) ++thread.position;
    return;
  }
  if (read == nullptr) return;
  int first = -1;
  for (int i = thread.position; i-- > turn.begin && OnlyLooks(events, i);) {
    if (events[i].is_read() && SamePlace(events[i].where, *read)) first = i;
  }
  if (first < 0) return;
  turn.first_read = first;
  thread.state = State::kSpinning;
  SwitchAway();
  thread.state = State::kReady;
  // Either there is something new to read, or nothing else can happen.
  if (!thread.gives_up) return;
  thread.gives_up = false;
  Append(EventKind::kTimeout, events[first].where);
  ++thread.position;
}

// A loop that waits but does not say so would go on for ever.
void Execution::CheckIdle(EventId id) {
  constexpr uint32_t kMaxIdleReads = 64;
  constexpr int kLookBack = 32;
  Thread& thread = self();
  const std::vector<Event>& events = graph().lane(self_);
  const Event& read = events[id.index];
  bool repeats = false;
  for (int i = id.index, looked = 0;
       !read.rmw && i-- > 0 && looked < kLookBack && OnlyLooks(events, i);
       ++looked) {
    repeats = repeats || (events[i].is_read() && events[i].rf == read.rf &&
                          events[i].location == read.location &&
                          SamePlace(events[i].where, read.where));
  }
  thread.idle_reads = repeats ? thread.idle_reads + 1 : 0;
  if (thread.idle_reads > kMaxIdleReads) {
    Fail(Verdict::kUnhintedSpin,
         "a loop reads the same again and again; if it waits for another "
         "thread, it must call SpinHint",
         read.where);
  }
}

// --- Time. ---

void Execution::AdvanceTo(int64_t time) {
  self().now = std::max(self().now, time);
}

bool Execution::MayChooseTimeout() {
  Thread& thread = self();
  if (options_->timeouts != Timeouts::kChoice ||
      thread.timeouts >= options_->max_timeouts) {
    return false;
  }
  ++thread.timeouts;
  return true;
}

bool Execution::MayWakeSpuriously(const std::source_location& where) {
  if (!options_->spurious_wakeups || HasFailedAt(where)) return false;
  Engine engine;
  self().failed_sites.push_back(where);
  return true;
}

// --- What belongs to a thread. ---

void Execution::AtThreadExit(void (*call)(void*), void* argument) {
  Engine engine;
  self().exit_calls.push_back({call, argument});
}

void* Execution::ThreadLocal(const void* key, const void* initial,
                             size_t size) {
  // The memory stays for later runs, so that its address is always the same.
  for (LocalVariable& local : self().locals) {
    if (local.key != key) continue;
    if (!local.initialized) std::memcpy(local.memory.get(), initial, size);
    local.initialized = true;
    return local.memory.get();
  }
  Engine engine;
  const size_t units =
      (size + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
  self().locals.push_back(
      {key, std::make_unique<std::max_align_t[]>(units), false});
  return ThreadLocal(key, initial, size);
}

}  // namespace weft::model
