// The operations that are events of the graph.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "weft/model/execution.h"

namespace weft::model {
namespace {

std::string Place(const std::source_location& where) {
  return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

const char* KindName(EventKind kind) {
  switch (kind) {
    case EventKind::kInit:
      return "an initial value";
    case EventKind::kRead:
      return "a read";
    case EventKind::kWrite:
      return "a write";
    case EventKind::kFence:
      return "a fence";
    case EventKind::kCreate:
      return "the start of a thread";
    case EventKind::kJoin:
      return "a join";
    case EventKind::kChoice:
      return "a choice";
    case EventKind::kTimeout:
      return "a time-out";
  }
  return "?";
}

}  // namespace

// --- Replay. ---

void Execution::FailReplay(const Event& event, const char* what,
                           const std::source_location& where) {
  Engine engine;
  // Not a string of its own, which would never be destroyed: Fail does not
  // return.
  std::string& message = failure_.message;
  message = "the test is not deterministic: where it did ";
  message += KindName(event.kind);
  message += " at ";
  message += Place(event.where);
  message += ", it now did something else: ";
  message += what;
  if (where.line() != 0) message += " at " + Place(where);
  Fail(Verdict::kNondeterministic, message, where);
}

const Event& Execution::Replayed(EventKind kind, const char* what,
                                 const std::source_location& where) {
  const Event& event = graph().at(EventId(self_, self().position));
  if (event.kind != kind || event.where.line() != where.line() ||
      event.where.column() != where.column()) {
    FailReplay(event, what, where);
  }
  return event;
}

void Execution::CheckReplayed(const Event& event, const Binding& binding,
                              const std::source_location& where) {
  if (!(graph().location(event.location).key == binding.key)) {
    FailReplay(event, "an operation on another object", where);
  }
}

// --- Which atomic. ---

Execution::Binding& Execution::Bind(AtomicRef atomic,
                                    const std::source_location& where) {
  const auto [binding, added] = bindings_.Insert(atomic.address);
  if (added) {
    // It was not constructed in this run, so it existed before.
    binding->hidden = atomic.hidden;
    if (!atomic.hidden && arena_.Contains(atomic.address)) {
      ++arena_objects_;
      const Arena::Block* block = arena_.Find(atomic.address);
      if (block == nullptr || !block->live) {
        Fail(Verdict::kUseAfterFree, "use of an atomic in freed memory", where);
      }
    }
    binding->key = {kInitLane, reinterpret_cast<uintptr_t>(atomic.address)};
    binding->construction.size = atomic.size;
  }
  if (binding->dead) {
    FailRace(
        "use of an atomic whose life has ended", binding->construction,
        EventId(),
        Stamp(PlainAccess::Kind::kRead, atomic.address, atomic.size, where));
  }
  if (binding->construction.size != atomic.size) {
    Fail(Verdict::kMisuse, "one atomic used with two sizes", where);
  }
  return *binding;
}

int Execution::LocationOf(AtomicRef atomic, Binding& binding) {
  if (binding.location < 0) {
    Value initial;
    if (!atomic.hidden) {
      std::memcpy(static_cast<void*>(&initial), atomic.address, atomic.size);
    }
    binding.location =
        graph().AddLocation(binding.key, atomic.address, initial);
  }
  return binding.location;
}

// The location, if the thread may use it: it must have been constructed before.
int Execution::UsableLocation(AtomicRef atomic, PlainAccess::Kind kind,
                              const std::source_location& where) {
  Binding& binding = Bind(atomic, where);
  const VectorClock& now = graph().ClockAt(self_, self().position);
  if (!Precedes(binding.construction, now)) {
    FailRace("an atomic is used before its construction is known",
             binding.construction, EventId(),
             Stamp(kind, atomic.address, atomic.size, where));
  }
  return LocationOf(atomic, binding);
}

// --- Operations. ---

EventId Execution::Append(EventKind kind, const std::source_location& where) {
  if (graph().size(self_) >= static_cast<int>(options_->max_events)) {
    Fail(Verdict::kTooManyEvents,
         "a thread made more steps than Options::max_events", where);
  }
  const EventId id = graph().Append(self_, kind, where);
  graph().at(id).time = self().now;
  return id;
}

ReadResult Execution::Read(const ReadRequest& request) {
  Engine engine;
  Thread& thread = self();
  if (thread.turn.ended) BeginTurn(&request.where);
  if (!replaying()) return ReadNew(request);

  Binding& binding = Bind(request.atomic, request.where);
  const EventId id(self_, thread.position);
  const Event& event = Replayed(EventKind::kRead, "a read", request.where);
  CheckReplayed(event, binding, request.where);
  if (!(event.update == request.update)) {
    FailReplay(event, "a read-modify-write with another value", request.where);
  }
  binding.location = event.location;
  if (!event.blocked && event.rf.thread != kInitLane &&
      threads_[event.rf.thread].position <= event.rf.index) {
    thread.source = event.rf;
    thread.state = State::kSource;
    SwitchAway();
    thread.state = State::kReady;
  }
  return Finish(id);
}

ReadResult Execution::ReadNew(const ReadRequest& request) {
  Thread& thread = self();
  if (request.condition.active()) {
    thread.awaiting = &request;
    thread.awaiting_location =
        LocationOf(request.atomic, Bind(request.atomic, request.where));
    thread.state = State::kAwaiting;
    SwitchAway();
    thread.state = State::kReady;
  } else {
    ReachFrontier();
  }
  // Only now: other threads have run meanwhile.
  const int location =
      UsableLocation(request.atomic, PlainAccess::Kind::kRead, request.where);
  const EventId id = Append(EventKind::kRead, request.where);
  if (request.order == std::memory_order_seq_cst ||
      (request.update.op == Op::kCompareExchange &&
       request.failure_order == std::memory_order_seq_cst)) {
    graph().set_has_seq_cst();
  }
  Event& event = graph().at(id);
  event.location = static_cast<int16_t>(location);
  event.order = event.success_order = request.order;
  event.failure_order = request.failure_order;
  event.update = request.update;
  event.condition = request.condition;
  event.silent = request.silent;
  event.causal = request.causal;
  event.label = request.label;
  event.weak =
      request.weak && options_->weak_cas_fails && !HasFailedAt(request.where);
  search_.DecideRead(id);
  if (!request.condition.active()) CheckIdle(id);
  return Finish(id);
}

// The read is in the graph. What the thread learns from it, unless it is
// blocked: then it waits until the search lets it have another value.
ReadResult Execution::Finish(EventId id) {
  Thread& thread = self();
  thread.position = id.index + 1;
  ReadResult result;
  if (graph().at(id).blocked) {
    if (!replaying() && !thread.gives_up) {
      thread.state = State::kBlocked;
      SwitchAway();
      thread.state = State::kReady;
    }
    if (thread.gives_up) {
      thread.gives_up = false;
      Append(EventKind::kTimeout, graph().at(id).where);
    }
    // Else another write has come, or the time-out is in the graph.
    if (graph().at(id).blocked) {
      result.gave_up = true;
      ++thread.position;
    }
  }
  const Event& read = graph().at(id);
  if (read.rmw) ++thread.position;
  if (read.weak && read.variant == 1) thread.failed_sites.push_back(read.where);
  thread.now = std::max(thread.now, graph().at(read.rf).time);
  result.value = read.value;
  result.read = id;
  result.source = read.rf;
  result.wrote = read.rmw;
  return result;
}

bool Execution::HasFailedAt(const std::source_location& where) const {
  for (const std::source_location& site : threads_[self_].failed_sites) {
    if (site.line() == where.line() && site.column() == where.column() &&
        std::strcmp(site.file_name(), where.file_name()) == 0) {
      return true;
    }
  }
  return false;
}

void Execution::Write(AtomicRef atomic, Value value, std::memory_order order,
                      const std::source_location& where, const char* label) {
  Engine engine;
  if (self().turn.ended) BeginTurn(nullptr);
  if (!replaying()) return WriteNew(atomic, value, order, where, label);

  Binding& binding = Bind(atomic, where);
  const Event& event = Replayed(EventKind::kWrite, "a write", where);
  CheckReplayed(event, binding, where);
  if (!(event.value == value)) {
    FailReplay(event, "a write of another value", where);
  }
  binding.location = event.location;
  ++self().position;
}

void Execution::WriteNew(AtomicRef atomic, Value value, std::memory_order order,
                         const std::source_location& where, const char* label) {
  ReachFrontier();
  const int location = UsableLocation(atomic, PlainAccess::Kind::kWrite, where);
  const EventId id = Append(EventKind::kWrite, where);
  if (order == std::memory_order_seq_cst) graph().set_has_seq_cst();
  Event& event = graph().at(id);
  event.location = static_cast<int16_t>(location);
  event.order = order;
  event.value = value;
  event.label = label;
  graph().SetMessage(id);
  search_.DecideWrite(id);
  ++self().position;
}

void Execution::Fence(std::memory_order order,
                      const std::source_location& where) {
  if (order == std::memory_order_relaxed) return;
  Engine engine;
  if (self().turn.ended) BeginTurn(nullptr);
  if (replaying()) {
    Replayed(EventKind::kFence, "a fence", where);
  } else {
    ReachFrontier();
    const EventId id = Append(EventKind::kFence, where);
    if (order == std::memory_order_seq_cst) graph().set_has_seq_cst();
    Event& event = graph().at(id);
    event.order = order;
    if (IsAcquire(order)) event.hb.Join(event.pending);
    if (IsRelease(order)) event.release_fence = static_cast<int16_t>(id.index);
  }
  ++self().position;
}

uint32_t Execution::Choose(uint32_t n, const std::source_location& where,
                           const char* label) {
  if (n < 2) return 0;
  Engine engine;
  if (self().turn.ended) BeginTurn(nullptr);
  const EventId id(self_, self().position);
  if (replaying()) {
    const Event& event = Replayed(EventKind::kChoice, "a choice", where);
    if (event.update.operand.low != n) {
      FailReplay(event, "a choice among another number of values", where);
    }
  } else {
    ReachFrontier();
    Append(EventKind::kChoice, where);
    graph().at(id).update.operand.low = n;
    graph().at(id).label = label;
    search_.DecideChoice(id);
  }
  ++self().position;
  return static_cast<uint32_t>(graph().at(id).value.low);
}

int Execution::Create(void (*entry)(void*), void* argument,
                      const std::source_location& where) {
  Engine engine;
  if (self().turn.ended) BeginTurn(nullptr);
  Thread& thread = self();
  const int serial = thread.created++;
  const EventId id(self_, thread.position);
  if (replaying()) {
    Replayed(EventKind::kCreate, "the start of a thread", where);
  } else {
    const int lane = search_.LaneOf(self_, serial);
    if (lane < 0) {
      Fail(Verdict::kMisuse, "the test starts too many threads", where);
    }
    ReachFrontier();
    Append(EventKind::kCreate, where);
    graph().at(id).value.low = static_cast<uint64_t>(lane);
    graph().SetCreator(lane, id);
  }
  ++thread.position;
  const int lane = static_cast<int>(graph().at(id).value.low);
  StartThread(lane, entry, argument);
  threads_[lane].now = thread.now;
  return lane;
}

void Execution::Join(int lane, const std::source_location& where) {
  Engine engine;
  if (self().turn.ended) BeginTurn(nullptr);
  Thread& thread = self();
  const bool replay = replaying();
  if (replay) Replayed(EventKind::kJoin, "a join", where);
  if (replay && threads_[lane].state == State::kDone) {
    ++thread.position;
  } else {
    thread.state = State::kJoining;
    thread.target = lane;
    thread.joining = where;
    SwitchAway();
    thread.state = State::kReady;
    if (!replay) {
      const EventId id = Append(EventKind::kJoin, where);
      Event& event = graph().at(id);
      event.value.low = static_cast<uint64_t>(lane);
      const int count = graph().size(lane);
      event.hb.Join(graph().ClockAt(lane, count));
      event.prefix.Join(graph().PrefixAt(lane, count));
      // What the thread did after its last event comes before, too.
      event.hb.Set(lane, count + 1);
      event.prefix.Set(lane, count + 1);
    }
    ++thread.position;
  }
  thread.now = std::max(thread.now, threads_[lane].now);
}

}  // namespace weft::model
