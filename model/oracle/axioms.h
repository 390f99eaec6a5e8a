// The axioms of the memory model, written as in the literature and with nothing
// clever. RC11: Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential
// consistency in C/C++11", PLDI 2017, section 3; with three changes:
//   * release sequences are C++20's (P0982): the release write and the
//     read-modify-writes that follow it, no longer its own thread's stores;
//   * the rule for seq_cst is C++20's, too (P0668), which forbids a little more
//     than the paper's; the paper's can be chosen;
//   * a read-modify-write is one event that reads and writes, not two.

#ifndef WEFT_MODEL_ORACLE_AXIOMS_H_
#define WEFT_MODEL_ORACLE_AXIOMS_H_

#include <vector>

#include "weft/model/oracle/program.h"
#include "weft/model/oracle/relation.h"

namespace weft::model::oracle {

/// One event of an execution.
struct Event {
  int thread = -1;    // -1: the initial write of its location
  int location = -1;  // -1: a fence or an access of a plain cell
  bool reads = false;
  bool writes = false;
  bool fence = false;
  Order order = Order::kRelaxed;
};

/// One execution: what ran, what each read reads, and in which order each
/// location was written. `modification_order` is transitive.
struct ExecutionGraph {
  std::vector<Event> events;
  EventSet executed;  // the others are no part of it
  Relation sequenced_before;
  Relation across_threads;  // the starts and the joins of threads
  Relation reads_from;      // from the write to the read
  Relation modification_order;
};

/// Which rule the seq_cst operations obey.
enum class ScAxiom {
  kCxx20,  // the standard's total order S, [atomics.order] p4
  kRc11,   // acyclic(psc_base | psc_F), as in the paper
};

/// hb = (sb | asw | sw)+, where asw are the starts and joins of threads. Does
/// not look at the modification order.
Relation HappensBefore(const ExecutionGraph& graph);

/// Whether irreflexive(hb; eco?) and irreflexive(eco) hold, with
/// eco = (rf | mo | rb)+: coherence. Atomicity is a part of it: a write between
/// a read-modify-write and what it reads would be after it by rb and before it
/// by mo, and it is one event.
bool IsCoherent(const ExecutionGraph& graph, const Relation& happens_before);

/// Whether the seq_cst operations can be ordered.
bool IsScConsistent(const ExecutionGraph& graph, const Relation& happens_before,
                    ScAxiom axiom);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_AXIOMS_H_
