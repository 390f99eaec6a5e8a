#include "weft/model/oracle/axioms.h"

namespace weft::model::oracle {
namespace {

template <typename Predicate>
EventSet Where(const ExecutionGraph& graph, Predicate predicate) {
  EventSet result;
  graph.executed.ForEach([&](int i) {
    if (predicate(graph.events[i])) result.Add(i);
  });
  return result;
}

/// Pairs of different accesses of one location.
Relation SameLocation(const ExecutionGraph& graph) {
  const int n = static_cast<int>(graph.events.size());
  Relation result(n);
  graph.executed.ForEach([&](int i) {
    if (graph.events[i].location < 0) return;
    result[i] = Where(graph, [&](const Event& e) {
      return e.location == graph.events[i].location;
    });
    result[i].Remove(i);
  });
  return result;
}

/// rb = rf^-1; mo, without the pairs of an event and itself, which a
/// read-modify-write as a single event would have.
Relation ReadsBefore(const ExecutionGraph& graph) {
  Relation result =
      Compose(graph.reads_from.Inverse(), graph.modification_order);
  for (int i = 0; i < result.size(); ++i) result[i].Remove(i);
  return result;
}

Relation ExtendedCoherence(const ExecutionGraph& graph) {
  return (graph.reads_from | graph.modification_order | ReadsBefore(graph))
      .TransitiveClosure();
}

Relation SynchronizesWith(const ExecutionGraph& graph) {
  const int n = static_cast<int>(graph.events.size());
  const Relation& sb = graph.sequenced_before;
  const Relation& rf = graph.reads_from;
  const EventSet writes = Where(graph, [](const Event& e) { return e.writes; });
  const EventSet reads = Where(graph, [](const Event& e) { return e.reads; });
  const EventSet rmws = reads & writes;
  const EventSet fences = Where(graph, [](const Event& e) { return e.fence; });
  const EventSet releases =
      Where(graph, [](const Event& e) { return Releases(e.order); });
  const EventSet acquires =
      Where(graph, [](const Event& e) { return Acquires(e.order); });

  // [release]; ([F]; sb)?; [W]
  const Relation begin = Relation::Identity(releases & writes, n) |
                         Restrict(releases & fences, sb, writes);
  // rs = [W]; (rf; [RMW])*
  const Relation sequence =
      Restrict(writes, rf, rmws).TransitiveClosure().Reflexive();
  // [R]; (sb; [F])?; [acquire]
  const Relation end = Relation::Identity(acquires & reads, n) |
                       Restrict(reads, sb, acquires & fences);
  return Compose(Compose(Compose(begin, sequence), rf), end);
}

/// acyclic(psc_base | psc_F)
bool IsPartialScAcyclic(const ExecutionGraph& graph, const Relation& hb,
                        const EventSet& sc, const EventSet& sc_fences) {
  const int n = static_cast<int>(graph.events.size());
  const Relation& sb = graph.sequenced_before;
  const Relation same_location = SameLocation(graph);
  const Relation sb_elsewhere = sb - same_location;
  // scb = sb | sb_!=loc; hb; sb_!=loc | hb_loc | mo | rb
  const Relation scb = sb | Compose(Compose(sb_elsewhere, hb), sb_elsewhere) |
                       (hb & same_location) | graph.modification_order |
                       ReadsBefore(graph);
  // psc_base = ([SC] | [F_SC]; hb?); scb; ([SC] | hb?; [F_SC])
  const Relation sc_only = Relation::Identity(sc, n);
  const Relation maybe_hb = hb.Reflexive();
  const Relation begin =
      sc_only | Restrict(sc_fences, maybe_hb, graph.executed);
  const Relation end = sc_only | Restrict(graph.executed, maybe_hb, sc_fences);
  const Relation base = Compose(Compose(begin, scb), end);
  // psc_F = [F_SC]; (hb | hb; eco; hb); [F_SC]
  const Relation fences = Restrict(
      sc_fences, hb | Compose(Compose(hb, ExtendedCoherence(graph)), hb),
      sc_fences);
  return (base | fences).Acyclic();
}

/// Whether a total order S exists: it must contain strongly-happens-before
/// between seq_cst operations, and coherence-ordered-before (which is eco)
/// between them or between fences around it.
bool HasTotalOrder(const ExecutionGraph& graph, const Relation& hb,
                   const EventSet& sc, const EventSet& sc_fences) {
  const int n = static_cast<int>(graph.events.size());
  const Relation& sb = graph.sequenced_before;
  const Relation strongly_before =
      (sb | Restrict(sc, SynchronizesWith(graph), sc) |
       Compose(Compose(sb, hb), sb))
          .TransitiveClosure();
  const Relation sc_only = Relation::Identity(sc, n);
  const Relation begin = sc_only | Restrict(sc_fences, hb, graph.executed);
  const Relation end = sc_only | Restrict(graph.executed, hb, sc_fences);
  const Relation coherence =
      Compose(Compose(begin, ExtendedCoherence(graph)), end);
  return (Restrict(sc, strongly_before, sc) | coherence).Acyclic();
}

}  // namespace

Relation HappensBefore(const ExecutionGraph& graph) {
  return (graph.sequenced_before | graph.across_threads |
          SynchronizesWith(graph))
      .TransitiveClosure();
}

bool IsCoherent(const ExecutionGraph& graph, const Relation& happens_before) {
  const Relation eco = ExtendedCoherence(graph);
  return eco.Irreflexive() && happens_before.Irreflexive() &&
         Compose(happens_before, eco).Irreflexive();
}

bool IsScConsistent(const ExecutionGraph& graph, const Relation& happens_before,
                    ScAxiom axiom) {
  const EventSet sc =
      Where(graph, [](const Event& e) { return e.order == Order::kSeqCst; });
  if (sc.Empty()) return true;
  const EventSet fences = Where(graph, [](const Event& e) { return e.fence; });
  return axiom == ScAxiom::kCxx20
             ? HasTotalOrder(graph, happens_before, sc, sc & fences)
             : IsPartialScAcyclic(graph, happens_before, sc, sc & fences);
}

}  // namespace weft::model::oracle
