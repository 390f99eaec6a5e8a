// What no scheduler can be faster than, measured beside them: two threads of
// the system and nothing else. `wake_idle` is tools/compare/workloads.txt's,
// with a futex in the place of the pool. `line_latency` is how long a cache
// line takes from one processor to another, in nanoseconds: on virtual machines
// it changes by a factor of five, and with it all that two workers do.

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "weft/tools/compare/ports/common/port.h"

namespace weft::compare {
namespace {

struct Runtime {
  explicit Runtime(int) {}
};

// A word that one thread sets and another waits for.
class Flag {
 public:
  void Set() {
    // ORDER: release. Publishes what the waiter reads after `Wait`.
    word_.store(1, std::memory_order_release);
    syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void Wait() {
    // ORDER: acquire. Pairs with `Set`.
    while (word_.exchange(0, std::memory_order_acquire) == 0) {
      syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
  }

 private:
  std::atomic<std::uint32_t> word_{0};
};

std::int64_t WakeIdle(Runtime&, std::int64_t n, Recorder& recorder) {
  Flag wake;
  Flag done;
  Clock::time_point woken;
  std::thread sleeper([&] {
    for (std::int64_t i = 0; i < n; ++i) {
      wake.Wait();
      woken = Clock::now();
      done.Set();
    }
  });
  for (std::int64_t i = 0; i < n; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const Clock::time_point begin = Clock::now();
    wake.Set();
    done.Wait();
    recorder.Add(
        std::chrono::duration<double, std::nano>(woken - begin).count());
  }
  sleeper.join();
  return n;
}

// Busy for so long that the system gives each thread a processor of its own, if
// it has one.
void Spread() {
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(20);
  while (Clock::now() < end) {
  }
}

// Two threads count a number up in turns. A sample is the time of `n` turns of
// each.
std::int64_t LineLatency(Runtime&, std::int64_t n, Recorder& recorder) {
  constexpr int kSamples = 20;
  alignas(128) std::atomic<std::int64_t> ball{0};
  const auto play = [&ball](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; i += 2) {
      for (int spins = 1; ball.load(std::memory_order_relaxed) != i; ++spins) {
        // Both may have to share a processor.
        if (spins % 1000 == 0) std::this_thread::yield();
      }
      ball.store(i + 1, std::memory_order_relaxed);
    }
  };
  std::thread other([&] {
    Spread();
    play(1, kSamples * 2 * n);
  });
  Spread();
  for (int sample = 0; sample < kSamples; ++sample) {
    const Clock::time_point begin = Clock::now();
    play(sample * 2 * n, (sample + 1) * 2 * n);
    recorder.Add(
        std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
        static_cast<double>(2 * n));
  }
  other.join();
  return n;
}

constexpr Workload<Runtime> kWorkloads[] = {
    {"wake_idle", "detached", WakeIdle},
    {"line_latency", "detached", LineLatency},
};

}  // namespace
}  // namespace weft::compare

int main(int argc, char** argv) {
  using namespace weft::compare;  // NOLINT
  return RunPort<Runtime>("floor", kWorkloads, {}, argc, argv);
}
