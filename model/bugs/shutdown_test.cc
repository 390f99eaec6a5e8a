// Bugs of queues and pools that are shut down while they are used.

#include <gtest/gtest.h>

#include <cstdint>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/futex.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// Push looks whether the queue is closed, then takes the lock. Close sets the
// flag and drains the queue in between, and the task stays in it for good.
TEST(Bugs, I1PushAgainstClose_tokio1875) {
  struct Task {
    Task* next;
  };
  Examine({.source = "tokio #1875, #3752; folly ebb45e070",
           .verdict = Verdict::kLeak,
           .message = "a block of 8 bytes"},
          [](bool fixed) {
            Atomic<bool> closed(false);
            Mutex mutex;
            Cell<Task*> queue(nullptr);
            Thread pusher([&] {
              auto* task = new Task;
              if (closed.load(kAcquire)) return delete task;
              {
                MutexLock lock(mutex);
                if (!fixed || !closed.load(kRelaxed)) {
                  task->next = queue.Get();
                  queue.Set(task);
                  return;
                }
              }
              delete task;
            });
            closed.store(true, kRelease);
            Task* drained;
            {
              MutexLock lock(mutex);
              drained = queue.Get();
              queue.Set(nullptr);
            }
            while (drained != nullptr) {
              Task* next = drained->next;
              delete drained;
              drained = next;
            }
            pusher.join();
          });
}

// An idle thread is counted down by who wakes it for a task. If the pool is
// shut down before it runs, it leaves through the other exit and counts itself
// down once more.
TEST(Bugs, A09IdleCountedDownTwice_tokio7922) {
  Examine({.source = "tokio #7922 (#7910, #7918)",
           .verdict = Verdict::kAssertion,
           .message = "below zero"},
          [](bool fixed) {
            Mutex mutex;
            CondVar wake;
            Cell<int> idle(0);
            Cell<int> notified(0);
            Cell<bool> shutdown(false);
            const auto add = [](Cell<int>& count, int n) {
              count.WithMut([n](int& value) { value += n; });
            };
            Thread thread([&] {
              MutexLock lock(mutex);
              add(idle, 1);
              while (notified.Get() == 0 && !shutdown.Get()) wake.wait(lock);
              if (notified.Get() > 0 && (fixed || !shutdown.Get())) {
                add(notified, -1);  // who notified has counted it down
              } else {
                Assert(idle.Get() > 0, "the number of idle falls below zero");
                add(idle, -1);
              }
            });
            {
              MutexLock lock(mutex);
              if (idle.Get() > 0) {
                add(idle, -1);
                add(notified, 1);
                wake.notify_one();
              }
            }
            {
              MutexLock lock(mutex);
              shutdown.Set(true);
              wake.notify_all();
            }
            thread.join();
            Assert(idle.Get() == 0 && notified.Get() == 0, "a count is wrong");
          });
}

// The timer thread looks whether it shall stop, then takes the lock, and
// overwrites what stop has set there meanwhile. It sleeps for good.
TEST(Bugs, I17StopOverwritten_brpc2986) {
  Examine({.source = "brpc #2986", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            constexpr int kNever = 1000;
            Atomic<bool> stop(false);
            Atomic<uint32_t> signals(0);
            Mutex mutex;
            Cell<int> nearest(kNever);
            Thread timer([&] {
              while (!stop.load(kAcquire)) {
                uint32_t seen;
                {
                  MutexLock lock(mutex);
                  if (fixed && stop.load(kRelaxed)) return;
                  nearest.Set(kNever);
                  seen = signals.load(kRelaxed);
                }
                FutexWait(signals, seen, Suspect());
              }
            });
            stop.store(true, kRelease);
            {
              MutexLock lock(mutex);
              nearest.Set(0);
              signals.fetch_add(1, kRelaxed);
            }
            FutexWake(signals, 1);
            timer.join();
          });
}

// Workers are shut down one by one. The first has a task that waits for a task
// of the second, which would be cancelled only later.
TEST(Bugs, I6SequentialShutdown_tokio2789) {
  Examine({.source = "tokio #2789, #3228", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Parker cancelled[2], ended;
            Thread first([&] {
              cancelled[0].Park(Suspect());
              ended.Park(Suspect());  // until the other's task has ended
            });
            Thread second([&] {
              cancelled[1].Park(Suspect());
              ended.Unpark();
            });
            cancelled[0].Unpark();
            if (fixed) cancelled[1].Unpark();
            first.join();
            if (!fixed) cancelled[1].Unpark();
            second.join();
          });
}

// Who acquires looks at the shutdown flag, then takes the lock and queues up.
// Shutdown sets the flag and wakes the queue in between.
TEST(Bugs, I16AcquireAfterShutdown_libcoro399) {
  Examine({.source = "libcoro #399", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<bool> shutdown(false);
            Mutex mutex;
            Cell<bool> queued(false);
            Parker parker;
            Thread acquirer([&] {
              if (shutdown.load(kAcquire)) return;
              {
                MutexLock lock(mutex);
                if (fixed && shutdown.load(kRelaxed)) return;
                queued.Set(true);
              }
              parker.Park(Suspect());
            });
            shutdown.store(true, kRelease);
            bool wake;
            {
              MutexLock lock(mutex);
              wake = queued.Get();
            }
            if (wake) parker.Unpark();
            acquirer.join();
          });
}

}  // namespace
}  // namespace weft::model::bugs
