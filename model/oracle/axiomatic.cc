#include "weft/model/oracle/axiomatic.h"

#include <set>
#include <vector>

#include "weft/model/oracle/skeleton.h"

namespace weft::model::oracle {
namespace {

/// The source of a read that does not run.
constexpr int kNoSource = -1;

/// Enumerates in two steps. First a source for each read: with all of them, and
/// since sb | rf has no cycle, the program's values and so its events are
/// known. Then, location by location, an order of the writes.
class Enumerator {
 public:
  Enumerator(const Program& program, const AxiomaticOptions& options)
      : program_(program),
        options_(options),
        skeleton_(program),
        source_(skeleton_.size(), kNoSource),
        value_(skeleton_.size()),
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
    ChooseSource(0, before.TransitiveClosure(), EventSet());
    for (const Outcome& outcome : outcomes_) {
      result_.outcomes.insert(ToString(outcome));
    }
    return result_;
  }

 private:
  int Size() const { return skeleton_.size(); }

  const Op& OpOf(int event) const { return *skeleton_.ops[event]; }

  // --- First step: reads-from. ---

  /// Chooses for the reads from `index` on. `before` is the closure of sb | rf
  /// as chosen; `taken` are the writes that a read-modify-write reads from.
  void ChooseSource(size_t index, const Relation& before,
                    const EventSet& taken) {
    if (index == skeleton_.reads.size()) {
      if (Execute()) ChooseOrders();
      return;
    }
    const int read = skeleton_.reads[index];
    const Op& op = OpOf(read);
    const bool optional = skeleton_.optional.Has(read);
    if (optional) {
      source_[read] = kNoSource;
      ChooseSource(index + 1, before, taken);
    }
    // One that reads and writes for certain leaves its source to nobody else.
    const bool takes = options_.prune && op.IsRmw() && !op.IsCas() && !optional;
    for (int write = 0; write < Size(); ++write) {
      const Event& event = skeleton_.events[write];
      if (!event.writes || event.location != op.location) continue;
      if (write == read || before.Has(read, write)) continue;
      if (takes && taken.Has(write)) continue;
      if (options_.prune && IsOverwritten(write, read)) continue;
      source_[read] = write;
      EventSet now_taken = taken;
      if (takes) now_taken.Add(write);
      const Relation now_before = WithPair(before, write, read);
      ChooseSource(index + 1, now_before, now_taken);
      if (op.kind == Op::Kind::kWeakCas) {
        spurious_.Add(read);
        ChooseSource(index + 1, now_before, now_taken);
        spurious_.Remove(read);
      }
    }
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

  /// Runs the program with the chosen sources: fills graph_ but for the
  /// modification order. False if no run has just these sources.
  bool Execute() {
    graph_.events = skeleton_.events;
    graph_.executed = skeleton_.initial;
    passed_ = skeleton_.initial;
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
        if (thread.spawn >= 0 && !graph_.executed.Has(thread.spawn)) continue;
        for (; position[t] < thread.end && IsReady(position[t]);
             ++position[t]) {
          if (!Pass(position[t])) return false;
          moved = true;
        }
      }
    }
    if (!AllEnded(position)) return false;
    FillGraph();
    return true;
  }

  /// Whether everything that the event needs has happened.
  bool IsReady(int event) const {
    if (source_[event] != kNoSource) return passed_.Has(source_[event]);
    const int join = skeleton_.joins[event];
    if (join < 0 || IsLeftOut(event)) return true;
    const Skeleton::Thread& thread = skeleton_.threads[join];
    return !graph_.executed.Has(thread.spawn) || passed_.Has(thread.end - 1);
  }

  /// Whether its condition does not hold.
  bool IsLeftOut(int event) const {
    const Op* const op = skeleton_.ops[event];
    return op != nullptr && op->guard >= 0 &&
           registers_[op->guard] != op->guard_value;
  }

  /// Executes one event or leaves it out, as its condition says. False if its
  /// source says otherwise, or turns out to be no write.
  bool Pass(int event) {
    passed_.Add(event);
    const Op* const op = skeleton_.ops[event];
    if (op != nullptr) {
      const bool runs = !IsLeftOut(event);
      if (op->Reads() && runs == (source_[event] == kNoSource)) return false;
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
  bool Read(int event, const Op& op, int& written) {
    const int source = source_[event];
    if (!graph_.executed.Has(source) || !graph_.events[source].writes) {
      return false;
    }
    const int read = value_[source];
    registers_[op.result] = read;
    if (op.kind == Op::Kind::kFetchAdd) written += read;
    if (!op.IsCas()) return true;
    const bool spurious = spurious_.Has(event);
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
  bool MayFailSpuriously(int event) const {
    bool first = true;
    spurious_.ForEach([&](int other) {
      first &= other == event || !graph_.executed.Has(other) ||
               skeleton_.events[other].thread != skeleton_.events[event].thread;
    });
    return first;
  }

  /// Whether all threads that were started are at their end, and nothing was
  /// chosen for the others.
  bool AllEnded(const std::vector<int>& position) const {
    for (size_t t = 0; t < position.size(); ++t) {
      const Skeleton::Thread& thread = skeleton_.threads[t];
      if (thread.spawn < 0 || graph_.executed.Has(thread.spawn)) {
        if (position[t] != thread.end) return false;
        continue;
      }
      for (int i = thread.begin; i < thread.end; ++i) {
        if (source_[i] != kNoSource) return false;
      }
    }
    return true;
  }

  void FillGraph() {
    graph_.sequenced_before =
        Restrict(graph_.executed, skeleton_.sequenced_before, graph_.executed);
    graph_.across_threads =
        Restrict(graph_.executed, skeleton_.across_threads, graph_.executed);
    graph_.reads_from = Relation(Size());
    for (const int read : skeleton_.reads) {
      if (graph_.executed.Has(read)) {
        graph_.reads_from.Add(source_[read], read);
      }
    }
    graph_.modification_order = Relation(Size());
  }

  // --- Second step: the modification order. ---

  void ChooseOrders() {
    happens_before_ = HappensBefore(graph_);
    for (auto& writes : writes_) writes = EventSet();
    graph_.executed.ForEach([&](int i) {
      if (graph_.events[i].writes) writes_[graph_.events[i].location].Add(i);
    });
    if (options_.prune && !FindConstraints()) return;
    PlaceWrite(0, EventSet(), -1);
  }

  /// Sets must_precede_ and rmw_reader_: what coherence and atomicity demand of
  /// the modification order. False if two demands meet in one place.
  bool FindConstraints() {
    must_precede_ = Relation(Size());
    std::fill(rmw_reader_.begin(), rmw_reader_.end(), -1);
    graph_.executed.ForEach([&](int a) {
      if (graph_.events[a].location < 0) return;
      happens_before_[a].ForEach([&](int b) {
        if (graph_.events[a].location != graph_.events[b].location) return;
        // Whatever a wrote or saw is no later than what b wrote or saw.
        if (SeenBy(a) != SeenBy(b)) must_precede_.Add(SeenBy(a), SeenBy(b));
      });
    });
    for (const int read : skeleton_.reads) {
      if (!graph_.executed.Has(read) || !graph_.events[read].writes) continue;
      int& reader = rmw_reader_[source_[read]];
      if (reader >= 0) return false;
      reader = read;
      must_precede_.Add(source_[read], read);
    }
    return true;
  }

  /// The write that `access` is or, if it only reads, reads from.
  int SeenBy(int access) const {
    return graph_.events[access].writes ? access : source_[access];
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
      const EventSet after = graph_.modification_order[write];
      graph_.modification_order[write] = rest;
      graph_.modification_order[write].Remove(write);
      PlaceWrite(location, now_placed, write);
      graph_.modification_order[write] = after;
    });
  }

  bool MayFollow(int write, int last, const EventSet& rest) const {
    if (last >= 0 && rmw_reader_[last] >= 0 && rmw_reader_[last] != write) {
      return false;
    }
    if (graph_.events[write].reads && source_[write] != last) return false;
    bool first = true;
    rest.ForEach([&](int other) {
      if (must_precede_.Has(other, write)) first = false;
    });
    return first;
  }

  // --- A complete graph. ---

  void Finish() {
    if (!IsCoherent(graph_, happens_before_) ||
        !IsScConsistent(graph_, happens_before_, options_.sc)) {
      return;
    }
    ++result_.graphs;
    if (!result_.races) result_.races = HasRace();
    Outcome outcome;
    for (const int read : skeleton_.reads) {
      if (!graph_.executed.Has(read)) continue;
      outcome[program_.registers[OpOf(read).result]] = value_[source_[read]];
    }
    for (const int location : program_.finals) {
      outcome[FinalName(program_.locations[location])] =
          value_[last_write_[location]];
    }
    outcomes_.insert(std::move(outcome));
  }

  /// Two accesses of one cell, one of them a write, in no order.
  bool HasRace() const {
    bool found = false;
    graph_.executed.ForEach([&](int a) {
      if (!IsCell(a) || OpOf(a).kind != Op::Kind::kCellWrite) return;
      graph_.executed.ForEach([&](int b) {
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
  std::vector<int> source_;  // of a read
  EventSet spurious_;        // compare-exchanges that fail for no reason
  EventSet passed_;          // executed, or left out for good
  std::vector<int> registers_;
  std::vector<int> value_;  // written
  ExecutionGraph graph_;
  Relation happens_before_;
  std::vector<EventSet> writes_;  // of each location
  Relation must_precede_;
  std::vector<int> rmw_reader_;  // of a write: who reads and replaces it, or -1
  std::vector<int> last_write_;  // of each location

  std::set<Outcome> outcomes_;
  AxiomaticResult result_;
};

}  // namespace

AxiomaticResult Judge(const Program& program, const AxiomaticOptions& options) {
  return Enumerator(program, options).Run();
}

}  // namespace weft::model::oracle
