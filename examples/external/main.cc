// Counts primes on all cores with one part of Weft: its run queue. The rest of
// this little scheduler (threads, work, when to stop) is the program's own.
//
// Usage: primes [LIMIT]

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "weft/queue/ring_queue.h"

namespace {

// The numbers [first, last). `next` belongs to the queue the range is in.
struct Range {
  Range* next = nullptr;
  uint32_t first;
  uint32_t last;
};

using Queue = weft::RingQueue<Range, /*kCapacity=*/16>;

// Takes what the ring has no room for; only its own worker uses it.
struct Overflow {
  weft::Chain<Range> ranges;
  void PushBatch(weft::Chain<Range> batch) { ranges.Append(std::move(batch)); }
};

bool IsPrime(uint32_t n) {
  for (uint32_t d = 2; d <= n / d; ++d) {
    if (n % d == 0) return false;
  }
  return n >= 2;
}

// Works on its own queue, and on another's when that is empty, until no number
// is left anywhere. Returns how many primes it saw.
uint32_t Work(std::deque<Queue>& queues, std::size_t self,
              std::atomic<uint32_t>& numbers_left) {
  Queue::Owner mine = queues[self].owner();
  Overflow overflow;
  uint32_t primes = 0;
  while (numbers_left.load(std::memory_order_relaxed) > 0) {
    Range* range = mine.Pop();
    if (range == nullptr) range = overflow.ranges.PopFront();
    for (std::size_t i = 1; range == nullptr && i < queues.size(); ++i) {
      Queue::Thief victim = queues[(self + i) % queues.size()].thief();
      range = victim.StealInto(mine, Queue::capacity()).item;
    }
    if (range == nullptr) {
      std::this_thread::yield();
      continue;
    }
    // Leave the upper half to whoever comes for it, until the rest is small.
    while (range->last - range->first > 1000) {
      const uint32_t middle = range->first + (range->last - range->first) / 2;
      auto upper =
          std::make_unique<Range>(Range{.first = middle, .last = range->last});
      mine.Push(upper.release(), overflow);
      range->last = middle;
    }
    for (uint32_t n = range->first; n < range->last; ++n) primes += IsPrime(n);
    numbers_left.fetch_sub(range->last - range->first,
                           std::memory_order_relaxed);
    delete range;
  }
  return primes;
}

}  // namespace

int main(int argc, char** argv) {
  const long asked = argc > 1 ? std::atol(argv[1]) : 2'000'000;
  const auto limit =
      static_cast<uint32_t>(std::clamp(asked, 1L, 1'000'000'000L));
  const std::size_t workers = std::max(2u, std::thread::hardware_concurrency());

  std::deque<Queue> queues(workers);
  Overflow unused;
  queues[0].owner().Push(new Range{.first = 0, .last = limit}, unused);

  std::atomic<uint32_t> numbers_left = limit;
  std::vector<uint32_t> primes(workers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] { primes[i] = Work(queues, i, numbers_left); });
  }
  uint32_t total = 0;
  for (std::size_t i = 0; i < workers; ++i) {
    threads[i].join();
    std::printf("worker %zu found %u primes\n", i, primes[i]);
    total += primes[i];
  }
  std::printf("%u primes below %u\n", total, limit);
}
