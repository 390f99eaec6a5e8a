// The events that a program may have, before anything is decided.

#ifndef WEFT_MODEL_ORACLE_SKELETON_H_
#define WEFT_MODEL_ORACLE_SKELETON_H_

#include <vector>

#include "weft/model/oracle/axioms.h"
#include "weft/model/oracle/program.h"
#include "weft/model/oracle/relation.h"

namespace weft::model::oracle {

/// Of each operation one event, in program order, thread by thread; before them
/// all an initial write for each location. A thread that starts others waits
/// for each of them once more at its end, and one that others start has an
/// event at its beginning and one at its end.
struct Skeleton {
  /// Aborts if the program has more than kMaxEvents events.
  explicit Skeleton(const Program& program);

  struct Thread {
    int begin = 0;  // its events are [begin, end)
    int end = 0;
    int spawn = -1;  // the operation that starts it; -1: it starts by itself
  };

  int size() const { return static_cast<int>(events.size()); }

  std::vector<Event> events;
  std::vector<const Op*> ops;  // null: there is none, the event just happens
  std::vector<int> joins;      // the thread whose end it waits for, or -1
  std::vector<Thread> threads;
  std::vector<int> reads;  // the events that read
  EventSet initial;        // the initial writes
  EventSet optional;       // what a condition may leave out
  Relation sequenced_before;
  Relation across_threads;  // from spawn to begin, from end to join
};

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_SKELETON_H_
