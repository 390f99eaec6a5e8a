// Threads for stress tests.

#ifndef WEFT_QUEUE_TESTING_THREADS_H_
#define WEFT_QUEUE_TESTING_THREADS_H_

#include <cstdint>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"

namespace weft::queue_testing {

/// Runs `body(i)` on a thread of its own for each i below `n`, lets all begin
/// at the same moment as far as there are cores, and waits for their end.
template <class Body>
void RunTogether(uint32_t n, Body body) {
  atomic<uint32_t> ready{0};
  std::vector<Thread> threads;
  for (uint32_t i = 0; i < n; ++i) {
    threads.emplace_back([&body, &ready, n, i] {
      ready.fetch_add(1, std::memory_order_relaxed);
      uint32_t spins = 0;
      // Relaxed: the gate sets the time and publishes nothing.
      while (ready.load(std::memory_order_relaxed) < n) {
        CpuRelax();
        if (++spins % 1024 == 0) YieldThread();
      }
      body(i);
    });
  }
  for (Thread& thread : threads) thread.join();
}

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_THREADS_H_
