#include "weft/model/oracle/axiomatic.h"

#include <map>
#include <vector>

#include "weft/model/oracle/statement.h"

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
      : program_(program), options_(options) {
    AddEvents();
    const int n = Size();
    source_.assign(n, kNoSource);
    value_.resize(n);
    rmw_reader_.resize(n);
    writes_.resize(program_.locations.size());
    must_precede_ = Relation(n);
  }

  AxiomaticResult Run() {
    ChooseSource(0, program_order_, EventSet());
    for (const Outcome& outcome : outcomes_) {
      result_.outcomes.insert(ToString(outcome));
    }
    return result_;
  }

 private:
  // --- The events that the program may have. ---

  int Size() const { return static_cast<int>(all_.size()); }

  int AddEvent(const Event& event, const Op* op) {
    if (Size() == kMaxEvents) Malformed("too many events", ToString(program_));
    all_.push_back(event);
    op_.push_back(op);
    return Size() - 1;
  }

  void AddEvents() {
    const int locations = static_cast<int>(program_.locations.size());
    for (int location = 0; location < locations; ++location) {
      AddEvent({.location = location, .writes = true}, nullptr);
    }
    std::vector<std::pair<int, int>> pairs;
    for (size_t thread = 0; thread < program_.threads.size(); ++thread) {
      const int first = Size();
      for (const Op& op : program_.threads[thread]) {
        const int event = AddEvent({.thread = static_cast<int>(thread),
                                    .location = op.IsCell() ? -1 : op.location,
                                    .reads = op.Reads(),
                                    .writes = op.MayWrite(),
                                    .fence = op.kind == Op::Kind::kFence,
                                    .order = op.order},
                                   &op);
        if (op.Reads()) reads_.push_back(event);
        for (int i = 0; i < locations; ++i) pairs.emplace_back(i, event);
        for (int i = first; i < event; ++i) pairs.emplace_back(i, event);
      }
      end_of_thread_.push_back(Size());
    }
    program_order_ = Relation(Size());
    for (const auto& [from, to] : pairs) program_order_.Add(from, to);
  }

  // --- First step: reads-from. ---

  /// Chooses for the reads from `index` on. `before` is the closure of sb | rf
  /// as chosen; `taken` are the writes that a read-modify-write reads from.
  void ChooseSource(size_t index, const Relation& before,
                    const EventSet& taken) {
    if (index == reads_.size()) {
      if (Execute()) ChooseOrders();
      return;
    }
    const int read = reads_[index];
    const Op& op = *op_[read];
    if (op.guard >= 0) {
      source_[read] = kNoSource;
      ChooseSource(index + 1, before, taken);
    }
    // One that reads and writes for certain leaves its source to nobody else.
    const bool takes = options_.prune && op.IsRmw() && op.guard < 0 &&
                       op.kind != Op::Kind::kCas;
    for (int write = 0; write < Size(); ++write) {
      if (!all_[write].writes || all_[write].location != op.location) continue;
      if (write == read || before.Has(read, write)) continue;
      if (takes && taken.Has(write)) continue;
      if (options_.prune && IsOverwritten(write, read)) continue;
      source_[read] = write;
      EventSet now_taken = taken;
      if (takes) now_taken.Add(write);
      ChooseSource(index + 1, WithPair(before, write, read), now_taken);
    }
  }

  /// Whether program order alone puts another write between these two.
  bool IsOverwritten(int write, int read) const {
    for (int other = write + 1; other < read; ++other) {
      if (op_[other] == nullptr || op_[other]->guard >= 0) continue;
      if (op_[other]->kind == Op::Kind::kCas) continue;
      if (all_[other].writes && all_[other].location == all_[read].location &&
          program_order_.Has(write, other) && program_order_.Has(other, read)) {
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
    graph_.events = all_;
    graph_.executed = EventSet();
    const int threads = static_cast<int>(program_.threads.size());
    int next = 0;
    for (; op_.size() > static_cast<size_t>(next) && op_[next] == nullptr;) {
      value_[next] = 0;
      graph_.executed.Add(next++);
    }
    std::vector<int> position(threads);
    for (int t = 0; t < threads; ++t) {
      position[t] = t == 0 ? next : end_of_thread_[t - 1];
    }
    std::vector<int> registers(program_.registers.size());
    EventSet passed = graph_.executed;  // executed, or left out for good
    for (bool moved = true; moved;) {
      moved = false;
      for (int t = 0; t < threads; ++t) {
        for (; position[t] < end_of_thread_[t]; ++position[t]) {
          const int event = position[t];
          const Op& op = *op_[event];
          const bool runs =
              op.guard < 0 || registers[op.guard] == op.guard_value;
          if (runs && op.Reads() && source_[event] != kNoSource &&
              !passed.Has(source_[event])) {
            break;  // later, when its source has run
          }
          if (op.Reads() && runs == (source_[event] == kNoSource)) return false;
          if (runs && !Step(event, op, registers)) return false;
          passed.Add(event);
          moved = true;
        }
      }
    }
    FillGraph();
    return true;
  }

  /// Executes one event; false if its source is no write after all.
  bool Step(int event, const Op& op, std::vector<int>& registers) {
    int written = op.value;
    if (op.value_from >= 0) written += registers[op.value_from];
    if (op.Reads()) {
      const int source = source_[event];
      if (!graph_.executed.Has(source) || !graph_.events[source].writes) {
        return false;
      }
      const int read = value_[source];
      registers[op.result] = read;
      if (op.kind == Op::Kind::kFetchAdd) written += read;
      if (op.kind == Op::Kind::kCas && read != op.expected) {
        graph_.events[event].writes = false;
        graph_.events[event].order = op.failure;
      }
    }
    value_[event] = written;
    graph_.executed.Add(event);
    return true;
  }

  void FillGraph() {
    graph_.sequenced_before =
        Restrict(graph_.executed, program_order_, graph_.executed);
    graph_.reads_from = Relation(Size());
    for (const int read : reads_) {
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
    for (const int read : reads_) {
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
    for (const int read : reads_) {
      if (!graph_.executed.Has(read)) continue;
      outcome[program_.registers[op_[read]->result]] = value_[source_[read]];
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
      if (op_[a] == nullptr || op_[a]->kind != Op::Kind::kCellWrite) return;
      graph_.executed.ForEach([&](int b) {
        if (a == b || op_[b] == nullptr || !op_[b]->IsCell()) return;
        if (op_[a]->location != op_[b]->location) return;
        if (!happens_before_.Has(a, b) && !happens_before_.Has(b, a)) {
          found = true;
        }
      });
    });
    return found;
  }

  const Program& program_;
  const AxiomaticOptions options_;

  // Of the program. The first events are the initial writes.
  std::vector<Event> all_;
  std::vector<const Op*> op_;  // null for an initial write
  std::vector<int> reads_;
  std::vector<int> end_of_thread_;
  Relation program_order_;

  // Of the execution being tried.
  std::vector<int> source_;  // of a read
  std::vector<int> value_;   // written
  ExecutionGraph graph_;
  Relation happens_before_;
  std::vector<EventSet> writes_;  // of each location
  Relation must_precede_;
  std::vector<int> rmw_reader_;  // of a write: who reads and replaces it, or -1
  std::map<size_t, int> last_write_;

  std::set<Outcome> outcomes_;
  AxiomaticResult result_;
};

}  // namespace

AxiomaticResult Judge(const Program& program, const AxiomaticOptions& options) {
  return Enumerator(program, options).Run();
}

}  // namespace weft::model::oracle
