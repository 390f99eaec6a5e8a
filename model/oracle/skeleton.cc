#include "weft/model/oracle/skeleton.h"

#include "weft/model/oracle/statement.h"

namespace weft::model::oracle {
namespace {

int Add(const Event& event, const Op* op, Skeleton& skeleton, int join = -1) {
  if (skeleton.size() == kMaxEvents)
    Malformed("more events than", "kMaxEvents");
  skeleton.events.push_back(event);
  skeleton.ops.push_back(op);
  skeleton.joins.push_back(join);
  return skeleton.size() - 1;
}

Event MakeEvent(const Op& op, int thread) {
  const bool atomic = op.Reads() || op.MayWrite();
  return {.thread = thread,
          .location = atomic ? op.location : -1,
          .reads = op.Reads(),
          .writes = op.MayWrite(),
          .fence = op.kind == Op::Kind::kFence,
          .order = op.order};
}

/// The operation that starts `thread`, or null.
const Op* SpawnOf(const Program& program, int thread) {
  for (const std::vector<Op>& ops : program.threads) {
    for (const Op& op : ops) {
      if (op.kind == Op::Kind::kSpawn && op.thread == thread) return &op;
    }
  }
  return nullptr;
}

}  // namespace

Skeleton::Skeleton(const Program& program) {
  for (size_t i = 0; i < program.locations.size(); ++i) {
    initial.Add(
        Add({.location = static_cast<int>(i), .writes = true}, nullptr, *this));
  }
  for (const std::vector<Op>& ops : program.threads) {
    const int t = static_cast<int>(threads.size());
    Thread& thread = threads.emplace_back();
    const bool spawned = SpawnOf(program, t) != nullptr;
    thread.begin = size();
    if (spawned) Add({.thread = t}, nullptr, *this);
    for (const Op& op : ops) {
      const bool join = op.kind == Op::Kind::kJoin;
      Add(MakeEvent(op, t), &op, *this, join ? op.thread : -1);
      if (op.Reads()) reads.push_back(size() - 1);
    }
    for (const Op& op : ops) {
      if (op.kind != Op::Kind::kSpawn) continue;
      Add({.thread = t}, nullptr, *this, op.thread);
    }
    if (spawned) Add({.thread = t}, nullptr, *this);
    thread.end = size();
  }

  sequenced_before = Relation(size());
  across_threads = Relation(size());
  for (const Thread& thread : threads) {
    for (int i = thread.begin; i < thread.end; ++i) {
      initial.ForEach([&](int write) { sequenced_before.Add(write, i); });
      for (int j = i + 1; j < thread.end; ++j) sequenced_before.Add(i, j);
      if (joins[i] >= 0) across_threads.Add(threads[joins[i]].end - 1, i);
      if (ops[i] == nullptr) continue;
      if (ops[i]->guard >= 0) optional.Add(i);
      if (ops[i]->kind != Op::Kind::kSpawn) continue;
      Thread& other = threads[ops[i]->thread];
      other.spawn = i;
      across_threads.Add(i, other.begin);
    }
  }
  // A thread is started by one with a lower number: those are known already.
  for (const Thread& thread : threads) {
    if (thread.spawn < 0 || !optional.Has(thread.spawn)) continue;
    for (int i = thread.begin; i < thread.end; ++i) optional.Add(i);
  }
  // Behind an await may be a start or a join; then, for simplicity, all is
  // optional.
  bool awaits = false;
  bool starts = false;
  for (const Op* op : ops) {
    awaits |= op != nullptr && op->Awaits();
    starts |= op != nullptr && op->kind == Op::Kind::kSpawn;
  }
  for (int i = 0; awaits && starts && i < size(); ++i) {
    if (!initial.Has(i)) optional.Add(i);
  }
}

}  // namespace weft::model::oracle
