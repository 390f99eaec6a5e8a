#include "weft/model/execution.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace weft::model {

Execution::End Execution::Run(const std::function<void()>& body,
                              const Options& options) {
  if (current_ != nullptr) {
    std::fputs("weft::model: Explore was called inside an execution\n", stderr);
    std::abort();
  }
  options_ = &options;
  body_ = &body;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    threads_[lane].state = State::kUnborn;
    threads_[lane].position = 0;
  }
  last_lane_ = 0;
  adding_ = false;
  failed_ = false;
  if (failure_.verdict != Verdict::kPassed) failure_ = Failure();
  note_count_ = 0;
  arena_.Reset();
  arena_objects_ = 0;
  bindings_.Clear();
  cells_.Clear();

  current_ = this;
  self_ = 0;
  StartThread(
      0, [](void* self) { (*static_cast<Execution*>(self)->body_)(); }, this);
  Fiber::Switch(host_, threads_[0].fiber);
  current_ = nullptr;
  allocating_ = nullptr;
  const End end = failed_ ? End::kFailed : Classify();
  for (int lane = 0; end == End::kFailed && lane <= last_lane_; ++lane) {
    if (Executed(lane) >= 0) failure_.ran |= uint32_t{1} << lane;
  }
  return end;
}

void Execution::StartThread(int lane, void (*entry)(void*), void* argument) {
  Thread& thread = threads_[lane];
  thread.state = State::kReady;
  thread.position = 0;
  thread.entry = entry;
  thread.argument = argument;
  thread.created = 0;
  thread.constructed = 0;
  thread.now = 0;
  thread.gives_up = false;
  thread.timeouts = 0;
  thread.idle_reads = 0;
  thread.turn = Turn();
  thread.exit_calls.clear();
  for (LocalVariable& local : thread.locals) local.initialized = false;
  thread.failed_sites.clear();
  last_lane_ = std::max(last_lane_, lane);
  thread.fiber.Start(&ThreadMain, this);
}

void Execution::ThreadMain(void* argument) {
  auto* execution = static_cast<Execution*>(argument);
  Thread& self = execution->self();
  allocating_ = execution;
  const auto run = [&] {
    self.entry(self.argument);
    while (!self.exit_calls.empty()) {
      const ExitCall last = self.exit_calls.back();
      self.exit_calls.pop_back();
      last.call(last.argument);
    }
  };
#if defined(__cpp_exceptions)
  // Nothing that must be destroyed may be alive when Fail leaves for good.
  bool threw = false;
  std::string& message = execution->failure_.message;
  try {
    run();
  } catch (const std::exception& e) {
    allocating_ = nullptr;
    threw = true;
    message = "an exception left a thread: ";
    message += e.what();
  } catch (...) {
    allocating_ = nullptr;
    threw = true;
    message = "an exception left a thread";
  }
  if (threw) {
    execution->Fail(Verdict::kException, message, std::source_location());
  }
#else
  run();
#endif
  allocating_ = nullptr;
  if (execution->replaying()) {
    execution->FailReplay(
        execution->graph().at(EventId(execution->self_, self.position)),
        "the thread ended", std::source_location());
  }
  self.state = State::kDone;
  execution->SwitchAway();
  std::abort();  // nobody resumes a thread that has ended
}

bool Execution::CanReplay(const Thread& thread) const {
  switch (thread.state) {
    case State::kReady:
      return true;
    case State::kSource:
      return threads_[thread.source.thread].position > thread.source.index;
    case State::kJoining: {
      const int lane = static_cast<int>(&thread - threads_);
      return threads_[thread.target].state == State::kDone &&
             thread.position < graph().size(lane);
    }
    default:
      return false;
  }
}

bool Execution::CanStep(const Thread& thread) const {
  return thread.state == State::kReady || thread.state == State::kFrontier ||
         (thread.state == State::kJoining &&
          threads_[thread.target].state == State::kDone);
}

int Execution::NextThread() {
  if (!adding_) {
    for (int lane = 0; lane <= last_lane_; ++lane) {
      if (CanReplay(threads_[lane])) return lane;
    }
    adding_ = true;
  }
  Engine engine;
  uint32_t ready = 0;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    if (CanStep(threads_[lane])) ready |= uint32_t{1} << lane;
  }
  if (ready != 0 && search_.WaitsLast()) return search_.DecideThread(ready);
  // Waiting for a value comes last, so that there is as much as possible to
  // read from.
  uint32_t awaiting = 0;
  uint32_t blocked = 0;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    const State state = threads_[lane].state;
    if (state == State::kAwaiting && CanAwait(lane)) {
      awaiting |= uint32_t{1} << lane;
    }
    if (state == State::kSpinning && search_.SpinnersGoOn() &&
        !IsFresh(threads_[lane])) {
      awaiting |= uint32_t{1} << lane;
    }
    if (state == State::kBlocked) blocked |= uint32_t{1} << lane;
  }
  int unblocked = -1;
  if (ready == 0 && blocked != 0 &&
      search_.Unblock(blocked, awaiting, &unblocked)) {
    return unblocked;
  }
  const uint32_t able = ready | awaiting;
  if (able != 0) return search_.DecideThread(able);
  const int lane = ThreadToGiveUp();
  if (lane >= 0) threads_[lane].gives_up = true;
  return lane;
}

void Execution::SwitchAway() {
  const int next = NextThread();
  if (next < 0) Leave();
  if (next != self_) SwitchTo(next);
}

void Execution::SwitchTo(int lane) {
  Execution* const saved = allocating_;
  Thread& from = self();
  self_ = lane;
  Fiber::Switch(from.fiber, threads_[lane].fiber);
  allocating_ = saved;
}

void Execution::Leave() {
  Fiber::Switch(self().fiber, host_);
  std::abort();  // nobody resumes a thread of a run that has ended
}

void Execution::ReachFrontier() {
  Thread& thread = self();
  thread.state = State::kFrontier;
  SwitchAway();
  thread.state = State::kReady;
}

Execution::End Execution::Classify() {
  bool complete = true;
  bool stuck = true;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    const Thread& thread = threads_[lane];
    if (thread.state == State::kDone || thread.state == State::kUnborn) {
      continue;
    }
    complete = false;
    if (!IsFresh(thread)) stuck = false;
    failure_.waiting.push_back(DescribeWait(lane));
  }
  if (complete) {
    if (!options_->check_leaks || arena_.live() == 0) return End::kComplete;
    Arena::Block* const leaked = arena_.AnyLive();
    failure_.verdict = Verdict::kLeak;
    failure_.lane = leaked->lane;
    failure_.position = leaked->position;
    if (leaked->position > 0) {
      failure_.where = graph().lane(leaked->lane)[leaked->position - 1].where;
    }
    failure_.message =
        "a block of " + std::to_string(leaked->size) + " bytes was never freed";
    return End::kFailed;
  }
  if (!stuck) {
    failure_.waiting.clear();
    return End::kBlocked;
  }
  failure_.verdict = Verdict::kDeadlock;
  failure_.message = "threads wait for ever";
  // Rather than one that waits for a thread's end, one of those it waits for.
  for (const Failure::Waiting& waiting : failure_.waiting) {
    if (failure_.lane >= 0 && waiting.location < 0) continue;
    failure_.lane = waiting.lane;
    failure_.position = graph().size(waiting.lane);
    failure_.where = waiting.where;
    if (waiting.location >= 0) break;
  }
  return End::kFailed;
}

// What a thread that cannot go on waits for.
Failure::Waiting Execution::DescribeWait(int lane) const {
  const Thread& thread = threads_[lane];
  Failure::Waiting waiting;
  waiting.lane = lane;
  if (thread.state == State::kJoining) {
    waiting.target = thread.target;
    waiting.where = thread.joining;
  } else if (thread.state == State::kAwaiting) {
    waiting.location = thread.awaiting_location;
    waiting.condition = thread.awaiting->condition;
    waiting.label = thread.awaiting->label;
    waiting.where = thread.awaiting->where;
  } else if (graph().size(lane) > 0) {
    const Event& last = graph().lane(lane).back();
    waiting.location = last.location;
    waiting.condition = last.condition;
    waiting.label = last.label;
    waiting.where = last.where;
  }
  return waiting;
}

int Execution::Executed(int lane) const {
  const Thread& thread = threads_[lane];
  if (lane > last_lane_ || thread.state == State::kUnborn) return -1;
  // Only the thread that ran last can have run and be ready.
  if (thread.state == State::kReady && lane != self_) return -1;
  return adding_ ? graph().size(lane) : thread.position;
}

void Execution::CopyExecuted(Graph& part) const {
  Keep keep{};
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    keep[lane] = std::max(Executed(lane), 0);
  }
  part.CopyKept(graph(), keep);
}

void Execution::Fail(Verdict verdict, std::string_view message,
                     const std::source_location& where) {
  allocating_ = nullptr;
  failure_.verdict = verdict;
  failure_.message = message;
  failure_.where = where;
  failure_.lane = self_;
  failure_.position = self().position;
  failed_ = true;
  Leave();
}

void Execution::Note(std::string_view name, long long value) {
  Engine engine;
  for (size_t i = 0; i < note_count_; ++i) {
    if (notes_[i].name == name) {
      notes_[i].value = value;
      return;
    }
  }
  if (note_count_ == notes_.size()) notes_.emplace_back();
  notes_[note_count_].name = name;
  notes_[note_count_].value = value;
  ++note_count_;
}

const std::string& Execution::Outcome() {
  std::sort(notes_.begin(), notes_.begin() + note_count_,
            [](const auto& a, const auto& b) { return a.name < b.name; });
  outcome_.clear();
  for (size_t i = 0; i < note_count_; ++i) {
    if (i > 0) outcome_ += ' ';
    outcome_ += notes_[i].name;
    outcome_ += '=';
    outcome_ += std::to_string(notes_[i].value);
  }
  return outcome_;
}

}  // namespace weft::model
