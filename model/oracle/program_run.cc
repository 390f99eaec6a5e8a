#include "weft/model/oracle/program_run.h"

namespace weft::model::oracle {

bool ProgramRun::Execute(const Sources& sources) {
  sources_ = &sources;
  graph_.events = skeleton_.events;
  graph_.executed = skeleton_.initial;
  passed_ = skeleton_.initial;
  waiting_ = EventSet();
  registers_.assign(program_.registers.size(), 0);
  const size_t threads = skeleton_.threads.size();
  std::vector<int> position(threads);
  for (size_t t = 0; t < threads; ++t) {
    position[t] = skeleton_.threads[t].begin;
  }
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t t = 0; t < threads; ++t) {
      const Skeleton::Thread& thread = skeleton_.threads[t];
      if (!IsStarted(thread)) continue;
      for (; position[t] < thread.end && IsReady(position[t]); ++position[t]) {
        if (!Pass(position[t])) return false;
        moved = true;
      }
    }
  }
  if (!IsOver(position)) return false;
  FillGraph();
  return true;
}

bool ProgramRun::IsStarted(const Skeleton::Thread& thread) const {
  return thread.spawn < 0 || graph_.executed.Has(thread.spawn);
}

/// Whether everything that the event needs has happened.
bool ProgramRun::IsReady(int event) const {
  const int source = sources_->of[event];
  if (source != Sources::kNone) return passed_.Has(source);
  if (IsLeftOut(event)) return true;
  const Op* const op = skeleton_.ops[event];
  if (op != nullptr && op->Awaits()) return false;
  const int join = skeleton_.joins[event];
  if (join < 0) return true;
  const Skeleton::Thread& thread = skeleton_.threads[join];
  return !IsStarted(thread) || passed_.Has(thread.end - 1);
}

/// Whether its condition does not hold.
bool ProgramRun::IsLeftOut(int event) const {
  const Op* const op = skeleton_.ops[event];
  return op != nullptr && op->guard >= 0 &&
         registers_[op->guard] != op->guard_value;
}

/// Executes one event or leaves it out, as its condition says. False if its
/// source says otherwise, or turns out to be no write.
bool ProgramRun::Pass(int event) {
  passed_.Add(event);
  const Op* const op = skeleton_.ops[event];
  if (op != nullptr) {
    const bool runs = !IsLeftOut(event);
    if (op->Reads() && runs == (sources_->of[event] == Sources::kNone)) {
      return false;
    }
    if (!runs) return true;
    int written = op->value;
    if (op->value_from >= 0) written += registers_[op->value_from];
    if (op->Reads() && !Read(event, *op, written)) return false;
    value_[event] = written;
  }
  graph_.executed.Add(event);
  return true;
}

/// The reading half of Pass(); makes `written` what the event writes.
bool ProgramRun::Read(int event, const Op& op, int& written) {
  const int source = sources_->of[event];
  if (!graph_.executed.Has(source) || !graph_.events[source].writes) {
    return false;
  }
  const int read = value_[source];
  if (op.Awaits() && read != op.expected) return false;
  if (op.result >= 0) registers_[op.result] = read;
  if (op.kind == Op::Kind::kFetchAdd) written += read;
  if (!op.IsCas()) return true;
  const bool spurious = sources_->spurious.Has(event);
  if (spurious && (read != op.expected || !MayFailSpuriously(event))) {
    return false;
  }
  if (spurious || read != op.expected) {
    graph_.events[event].writes = false;
    graph_.events[event].order = op.failure;
  }
  return true;
}

/// Whether no other one of the same thread has done so.
bool ProgramRun::MayFailSpuriously(int event) const {
  bool first = true;
  sources_->spurious.ForEach([&](int other) {
    first &= other == event || !graph_.executed.Has(other) ||
             skeleton_.events[other].thread != skeleton_.events[event].thread;
  });
  return first;
}

/// Whether all threads that were started are at their end or wait for ever, and
/// nothing was chosen for what does not run.
bool ProgramRun::IsOver(const std::vector<int>& position) {
  for (size_t t = 0; t < position.size(); ++t) {
    const Skeleton::Thread& thread = skeleton_.threads[t];
    for (int i = position[t]; i < thread.end; ++i) {
      if (sources_->of[i] != Sources::kNone) return false;
    }
    if (!IsStarted(thread) || position[t] == thread.end) continue;
    // It awaits a value, or the end of another thread.
    const Op* const op = skeleton_.ops[position[t]];
    if (op != nullptr && op->Awaits()) waiting_.Add(position[t]);
  }
  return true;
}

void ProgramRun::FillGraph() {
  const int n = skeleton_.size();
  graph_.sequenced_before =
      Restrict(graph_.executed, skeleton_.sequenced_before, graph_.executed);
  graph_.across_threads =
      Restrict(graph_.executed, skeleton_.across_threads, graph_.executed);
  graph_.reads_from = Relation(n);
  for (const int read : skeleton_.reads) {
    if (graph_.executed.Has(read)) {
      graph_.reads_from.Add(sources_->of[read], read);
    }
  }
  graph_.modification_order = Relation(n);
}

}  // namespace weft::model::oracle
