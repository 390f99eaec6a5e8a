#include "weft/model/oracle/axiomatic.h"

#include <set>
#include <vector>

#include "weft/model/oracle/program_run.h"
#include "weft/model/oracle/skeleton.h"

namespace weft::model::oracle {
namespace {

/// Enumerates in two steps. First a source for each read: with all of them, and
/// since sb | rf has no cycle, the program's values and so its events are
/// known. Then, location by location, an order of the writes.
class Enumerator {
 public:
  Enumerator(const Program& program, const AxiomaticOptions& options)
      : program_(program),
        options_(options),
        skeleton_(program),
        run_(program_, skeleton_),
        writes_(program.locations.size()),
        must_precede_(skeleton_.size()),
        rmw_reader_(skeleton_.size()),
        last_write_(program.locations.size()) {}

  AxiomaticResult Run() {
    // What is left out by a condition makes no order, a join above all.
    EventSet all;
    for (int i = 0; i < Size(); ++i) all.Add(i);
    const Relation before =
        skeleton_.sequenced_before |
        Restrict(all, skeleton_.across_threads, all - skeleton_.optional);
    sources_.of.assign(static_cast<size_t>(Size()), Sources::kNone);
    ChooseSource(0, before.TransitiveClosure(), EventSet());
    for (const Outcome& outcome : outcomes_) {
      result_.outcomes.insert(ToString(outcome));
    }
    for (const Outcome& outcome : deadlocks_) {
      result_.deadlocks.insert(ToString(outcome));
    }
    return result_;
  }

 private:
  int Size() const { return skeleton_.size(); }

  ExecutionGraph& graph() { return run_.graph(); }
  const ExecutionGraph& graph() const { return run_.graph(); }

  const Op& OpOf(int event) const { return *skeleton_.ops[event]; }

  // --- First step: reads-from. ---

  /// Chooses for the reads from `index` on. `before` is the closure of sb | rf
  /// as chosen; `taken` are the writes that a read-modify-write reads from.
  void ChooseSource(size_t index, const Relation& before,
                    const EventSet& taken) {
    if (index == skeleton_.reads.size()) {
      if (run_.Execute(sources_)) ChooseOrders();
      return;
    }
    const int read = skeleton_.reads[index];
    const Op& op = OpOf(read);
    const Waits waits = WaitsBefore(read);
    if (waits != Waits::kNo || skeleton_.optional.Has(read) || op.Awaits()) {
      sources_.of[read] = Sources::kNone;
      ChooseSource(index + 1, before, taken);
      if (waits == Waits::kYes) return;
    }
    // One that writes for certain, if it reads, leaves its source to nobody.
    const bool takes = options_.prune && op.IsRmw() && !op.IsCas();
    for (int write = 0; write < Size(); ++write) {
      const Event& event = skeleton_.events[write];
      if (!event.writes || event.location != op.location) continue;
      if (write == read || before.Has(read, write)) continue;
      if (takes && taken.Has(write)) continue;
      if (options_.prune && IsOverwritten(write, read)) continue;
      if (op.Awaits() && !MayGive(write, op.expected)) continue;
      sources_.of[read] = write;
      EventSet now_taken = taken;
      if (takes) now_taken.Add(write);
      const Relation now_before = WithPair(before, write, read);
      ChooseSource(index + 1, now_before, now_taken);
      if (op.kind == Op::Kind::kWeakCas) {
        sources_.spurious.Add(read);
        ChooseSource(index + 1, now_before, now_taken);
        sources_.spurious.Remove(read);
      }
    }
  }

  enum class Waits { kNo, kPerhaps, kYes };

  /// Whether the thread stands at an await before `read`, as chosen so far.
  Waits WaitsBefore(int read) const {
    Waits result = Waits::kNo;
    const int thread = skeleton_.events[read].thread;
    for (int i = skeleton_.threads[thread].begin; i < read; ++i) {
      const Op* const op = skeleton_.ops[i];
      if (op == nullptr || !op->Awaits()) continue;
      if (sources_.of[i] != Sources::kNone) continue;
      if (!skeleton_.optional.Has(i)) return Waits::kYes;
      result = Waits::kPerhaps;
    }
    return result;
  }

  /// Whether the write of a mutex or token can write this value.
  bool MayGive(int write, int value) const {
    const Op* const op = skeleton_.ops[write];
    return value == (op == nullptr ? 0 : op->value);
  }

  /// Whether program order alone puts another write between these two.
  bool IsOverwritten(int write, int read) const {
    for (int other = write + 1; other < read; ++other) {
      if (skeleton_.ops[other] == nullptr || OpOf(other).IsCas()) continue;
      if (OpOf(other).guard >= 0) continue;
      const Event& event = skeleton_.events[other];
      if (event.writes && event.location == skeleton_.events[read].location &&
          skeleton_.sequenced_before.Has(write, other) &&
          skeleton_.sequenced_before.Has(other, read)) {
        return true;
      }
    }
    return false;
  }

  /// The closure of `order` and one more pair.
  Relation WithPair(const Relation& order, int from, int to) const {
    if (order.Has(from, to)) return order;
    Relation result = order;
    EventSet reached = order[to];
    reached.Add(to);
    for (int i = 0; i < Size(); ++i) {
      if (i == from || order.Has(i, from)) result[i] |= reached;
    }
    return result;
  }

  // --- Second step: the modification order. ---

  void ChooseOrders() {
    happens_before_ = HappensBefore(graph());
    for (auto& writes : writes_) writes = EventSet();
    graph().executed.ForEach([&](int i) {
      if (graph().events[i].writes) writes_[graph().events[i].location].Add(i);
    });
    if (options_.prune && !FindConstraints()) return;
    PlaceWrite(0, EventSet(), -1);
  }

  /// Sets must_precede_ and rmw_reader_: what coherence and atomicity demand of
  /// the modification order. False if two demands meet in one place.
  bool FindConstraints() {
    must_precede_ = Relation(Size());
    std::fill(rmw_reader_.begin(), rmw_reader_.end(), -1);
    graph().executed.ForEach([&](int a) {
      if (graph().events[a].location < 0) return;
      happens_before_[a].ForEach([&](int b) {
        if (graph().events[a].location != graph().events[b].location) return;
        // Whatever a wrote or saw is no later than what b wrote or saw.
        if (SeenBy(a) != SeenBy(b)) must_precede_.Add(SeenBy(a), SeenBy(b));
      });
    });
    for (const int read : skeleton_.reads) {
      if (!graph().executed.Has(read) || !graph().events[read].writes) continue;
      int& reader = rmw_reader_[sources_.of[read]];
      if (reader >= 0) return false;
      reader = read;
      must_precede_.Add(sources_.of[read], read);
    }
    return true;
  }

  /// The write that `access` is or, if it only reads, reads from.
  int SeenBy(int access) const {
    return graph().events[access].writes ? access : sources_.of[access];
  }

  /// Places the writes that follow `last` in the order of `location`.
  void PlaceWrite(size_t location, const EventSet& placed, int last) {
    if (location == writes_.size()) {
      Finish();
      return;
    }
    const EventSet rest = writes_[location] - placed;
    if (rest.Empty()) {
      last_write_[location] = last;
      PlaceWrite(location + 1, EventSet(), -1);
      return;
    }
    rest.ForEach([&](int write) {
      if (options_.prune && !MayFollow(write, last, rest)) return;
      EventSet now_placed = placed;
      now_placed.Add(write);
      const EventSet after = graph().modification_order[write];
      graph().modification_order[write] = rest;
      graph().modification_order[write].Remove(write);
      PlaceWrite(location, now_placed, write);
      graph().modification_order[write] = after;
    });
  }

  bool MayFollow(int write, int last, const EventSet& rest) const {
    if (last >= 0 && rmw_reader_[last] >= 0 && rmw_reader_[last] != write) {
      return false;
    }
    if (graph().events[write].reads && sources_.of[write] != last) return false;
    bool first = true;
    rest.ForEach([&](int other) {
      if (must_precede_.Has(other, write)) first = false;
    });
    return first;
  }

  // --- A complete graph. ---

  void Finish() {
    if (!IsCoherent(graph(), happens_before_) ||
        !IsScConsistent(graph(), happens_before_, options_.sc)) {
      return;
    }
    if (run_.waiting().Empty()) {
      ++result_.graphs;
    } else if (!SomebodyCanGoOn()) {
      ++result_.deadlocked_graphs;
    } else {
      return;  // The fair continuation is another graph.
    }
    if (!result_.races) result_.races = HasRace();
    Outcome outcome;
    for (const int read : skeleton_.reads) {
      if (!graph().executed.Has(read) || OpOf(read).result < 0) continue;
      outcome[program_.registers[OpOf(read).result]] =
          run_.value(sources_.of[read]);
    }
    if (!run_.waiting().Empty()) {
      deadlocks_.insert(std::move(outcome));
      return;
    }
    for (const int location : program_.finals) {
      outcome[FinalName(program_.locations[location])] =
          run_.value(last_write_[location]);
    }
    outcomes_.insert(std::move(outcome));
  }

  /// Whether the last write gives some waiting thread what it awaits.
  bool SomebodyCanGoOn() const {
    bool found = false;
    run_.waiting().ForEach([&](int await) {
      const Op& op = OpOf(await);
      found |= run_.value(last_write_[op.location]) == op.expected;
    });
    return found;
  }

  /// Two accesses of one cell, one of them a write, in no order.
  bool HasRace() const {
    bool found = false;
    graph().executed.ForEach([&](int a) {
      if (!IsCell(a) || OpOf(a).kind != Op::Kind::kCellWrite) return;
      graph().executed.ForEach([&](int b) {
        if (a == b || !IsCell(b)) return;
        if (OpOf(a).location != OpOf(b).location) return;
        if (!happens_before_.Has(a, b) && !happens_before_.Has(b, a)) {
          found = true;
        }
      });
    });
    return found;
  }

  bool IsCell(int event) const {
    return skeleton_.ops[event] != nullptr && OpOf(event).IsCell();
  }

  const Program& program_;
  const AxiomaticOptions options_;
  const Skeleton skeleton_;

  // Of the execution being tried.
  Sources sources_;
  ProgramRun run_;
  Relation happens_before_;
  std::vector<EventSet> writes_;  // of each location
  Relation must_precede_;
  std::vector<int> rmw_reader_;  // of a write: who reads and replaces it, or -1
  std::vector<int> last_write_;  // of each location

  std::set<Outcome> outcomes_;
  std::set<Outcome> deadlocks_;
  AxiomaticResult result_;
};

}  // namespace

AxiomaticResult Judge(const Program& program, const AxiomaticOptions& options) {
  return Enumerator(program, options).Run();
}

}  // namespace weft::model::oracle
