// Programs that fail, for the tests of reports. The reports name the lines of
// this file: see testdata/.

#ifndef WEFT_MODEL_REPORT_PROGRAMS_H_
#define WEFT_MODEL_REPORT_PROGRAMS_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/thread.h"

namespace weft::model::report_programs {

inline constexpr auto kRelaxed = std::memory_order_relaxed;
inline constexpr auto kAcquire = std::memory_order_acquire;
inline constexpr auto kRelease = std::memory_order_release;

// The flag is set without release.
inline void RelaxedStore() {
  Cell<int> data(0);
  Atomic<bool> ready(false);
  const auto write = [&] {
    data.Set(7);
    ready.store(true, kRelaxed);
  };
  Thread writer(write);
  if (ready.load(kAcquire)) data.Get();
  writer.join();
}

// The flag is read without acquire.
inline void RelaxedLoad() {
  Cell<int> data(0);
  Atomic<bool> ready(false);
  const auto write = [&] {
    data.Set(7);
    ready.store(true, kRelease);
  };
  Thread writer(write);
  if (ready.load(kRelaxed)) data.Get();
  writer.join();
}

// The second store is no read-modify-write: it ends the first one's release
// sequence.
inline void BrokenReleaseSequence() {
  Cell<int> data(0);
  Atomic<int> state(0);
  const auto write = [&] {
    data.Set(7);
    state.store(1, kRelease);
  };
  Thread writer(write);
  const auto pass_on = [&] {
    if (state.load(kRelaxed) == 1) state.store(2, kRelaxed);
  };
  Thread other(pass_on);
  if (state.load(kAcquire) == 2) data.Get();
  writer.join();
  other.join();
}

// Mutual exclusion by flags needs seq_cst.
inline void Dekker() {
  Cell<int> data(0);
  Atomic<bool> flag(false);
  Atomic<bool> other(false);
  const auto run = [&] {
    other.store(true, kRelease);
    if (!flag.load(kAcquire)) data.Set(1);
  };
  Thread thread(run);
  flag.store(true, kRelease);
  if (!other.load(kAcquire)) data.Set(2);
  thread.join();
}

// The sleeper and the waker each miss what the other just wrote.
inline void LostWakeUp() {
  Atomic<int> work(0);
  Atomic<int> sleepers(0);
  Parker parker;
  const auto work_off = [&] {
    sleepers.store(1, kRelease);
    if (work.load(kAcquire) == 0) parker.Park();
  };
  Thread worker(work_off);
  work.store(1, kRelease);
  if (sleepers.load(kAcquire) == 1) parker.Unpark();
  worker.join();
}

// The notification comes before the wait.
inline void NotifiedTooEarly() {
  Atomic<bool> ready(false);
  Mutex mutex;
  CondVar changed;
  const auto notify = [&] {
    ready.store(true, kRelaxed);
    changed.notify_one();
  };
  Thread notifier(notify);
  {
    MutexLock lock(mutex);
    while (!ready.load(kRelaxed)) changed.wait(lock);
  }
  notifier.join();
}

// Two locks in two orders.
inline void TwoLocks() {
  Mutex first;
  Mutex second;
  const auto run = [&] {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  };
  Thread thread(run);
  second.lock();
  first.lock();
  first.unlock();
  second.unlock();
  thread.join();
}

// Whoever sees the flag does not free.
inline void Leak() {
  Atomic<bool> taken(false);
  auto* block = new long(1);
  Thread thread([&] { taken.store(true, kRelaxed); });
  if (!taken.load(kRelaxed)) delete block;
  thread.join();
}

struct Node {
  Atomic<int> count{2};
  Cell<int> value{0};
};

// The node is freed when it is unlinked, while another thread may still use it.
inline void UseAfterFree() {
  Atomic<Node*> head(new Node);
  const auto run = [&] {
    Node* node = head.exchange(nullptr, std::memory_order_acq_rel);
    delete node;
    head.store(node, kRelease);
  };
  Thread thread(run);
  Node* node = head.load(kAcquire);
  thread.join();
  if (node != nullptr) node->value.Get();
}

// Both threads find the count at its end.
inline void DoubleFree() {
  Atomic<int> count(2);
  auto* block = new long(1);
  const auto drop = [&] {
    const int old = count.load(kRelaxed);
    count.store(old - 1, std::memory_order_seq_cst);
    if (count.load(std::memory_order_seq_cst) == 0) delete block;
  };
  Thread thread(drop);
  drop();
  thread.join();
}

// The decrement does not publish the reads before it.
inline void RelaxedCount() {
  auto* node = new Node;
  const auto drop = [=] {
    node->value.Get();
    if (node->count.fetch_sub(1, kRelaxed) == 1) {
      AtomicThreadFence(kAcquire);
      delete node;
    }
  };
  Thread thread(drop);
  drop();
  thread.join();
}

// A read misses what was written before what another read sees.
inline void StaleRead() {
  Atomic<int> x(0);
  Atomic<int> y(0);
  const auto run = [&] {
    x.store(1, kRelaxed);
    x.store(2, kRelaxed);
    y.store(1, kRelaxed);
  };
  Thread thread(run);
  const int seen = y.load(kRelaxed);
  if (seen == 1) Assert(x.load(kRelaxed) != 0, "x is written before y");
  thread.join();
}

// Two writes of one location in another order than they seem to have.
inline void Overwritten() {
  Atomic<int> x(0);
  Atomic<int> y(0);
  const auto run = [&] {
    x.store(1, kRelaxed);
    y.store(2, kRelaxed);
  };
  Thread thread(run);
  y.store(1, kRelaxed);
  x.store(2, kRelaxed);
  thread.join();
  const int sum = x.load(kRelaxed) + y.load(kRelaxed);
  Assert(sum != 2, "some write was the last");
}

// A failure at the end of much that does not matter, with a thread that has no
// part in it.
inline void LongRun() {
  Atomic<int> x(0);
  Atomic<int> unrelated(0);
  Cell<int> data(0);
  const auto keep_busy = [&] {
    for (int i = 0; i < 100; ++i) unrelated.store(i, kRelaxed);
  };
  Thread busy(keep_busy);
  const auto read = [&] {
    if (x.load(kAcquire) == 100) data.Get();
  };
  Thread reader(read);
  for (int i = 0; i < 99; ++i) x.store(i + 1, kRelease);
  data.Set(1);
  x.store(100, kRelaxed);
  busy.join();
  reader.join();
}

/// A program with its name.
struct Program {
  std::string name;
  void (*body)();
};

/// All of them.
inline std::vector<Program> All() {
  return {{"relaxed_store", RelaxedStore},
          {"relaxed_load", RelaxedLoad},
          {"broken_release_sequence", BrokenReleaseSequence},
          {"dekker", Dekker},
          {"lost_wake_up", LostWakeUp},
          {"notified_too_early", NotifiedTooEarly},
          {"two_locks", TwoLocks},
          {"leak", Leak},
          {"use_after_free", UseAfterFree},
          {"double_free", DoubleFree},
          {"relaxed_count", RelaxedCount},
          {"stale_read", StaleRead},
          {"overwritten", Overwritten},
          {"long_run", LongRun}};
}

}  // namespace weft::model::report_programs

#endif  // WEFT_MODEL_REPORT_PROGRAMS_H_
