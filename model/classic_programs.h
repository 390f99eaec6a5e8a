// Programs whose number of executions is known, for the benchmark and the table
// of what the checker costs.

#ifndef WEFT_MODEL_CLASSIC_PROGRAMS_H_
#define WEFT_MODEL_CLASSIC_PROGRAMS_H_

#include <atomic>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/mutex.h"
#include "weft/model/thread.h"

namespace weft::model {

/// Two threads that write and read two words in four turns: 19 events. With
/// `fences`, a seq_cst one in each turn: 27.
inline void TurnsProgram(bool fences) {
  Atomic<int> x(0);
  Atomic<int> y(0);
  const auto turns = [fences](Atomic<int>& mine, Atomic<int>& other) {
    for (int i = 1; i <= 4; ++i) {
      mine.store(i, std::memory_order_relaxed);
      if (fences) AtomicThreadFence(std::memory_order_seq_cst);
      other.load(std::memory_order_relaxed);
    }
  };
  Thread t([&] { turns(x, y); });
  turns(y, x);
  t.join();
}

/// `n` threads, at most 8, that do `body()`.
template <class Body>
void InThreads(int n, const Body& body) {
  Thread threads[8];
  for (int i = 0; i < n; ++i) threads[i] = Thread(body);
  for (int i = 0; i < n; ++i) threads[i].join();
}

/// n threads add one: n! executions.
inline void IncrementsProgram(int n) {
  Atomic<int> x(0);
  InThreads(n, [&] { x.fetch_add(1, std::memory_order_relaxed); });
}

/// One thread writes, n read: 2^n executions.
inline void ReadersProgram(int n) {
  Atomic<int> x(0);
  Thread writer([&] { x.store(1, std::memory_order_relaxed); });
  InThreads(n, [&] { x.load(std::memory_order_relaxed); });
  writer.join();
}

/// n threads add one while they hold a mutex: n! executions.
inline void CriticalSectionsProgram(int n) {
  Mutex mutex;
  Cell<int> count(0);
  InThreads(n, [&] {
    MutexLock lock(mutex);
    count.Set(count.Get() + 1);
  });
}

}  // namespace weft::model

#endif  // WEFT_MODEL_CLASSIC_PROGRAMS_H_
