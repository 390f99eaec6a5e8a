// The suite with threads that every LocalQueue passes: workers that each own a
// queue and rob each other, and an account of every item. Instantiated like
// local_queue_conformance.h.

#ifndef WEFT_QUEUE_TESTING_LOCAL_QUEUE_STRESS_H_
#define WEFT_QUEUE_TESTING_LOCAL_QUEUE_STRESS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/grace_periods.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {

/// How many items may go through a queue while one thief is in the middle of a
/// steal; unlimited unless the queue has indices narrower than 32 bits.
template <class Queue>
constexpr uint64_t ItemsPerGracePeriod() {
  if constexpr (requires { typename Queue::index_type; }) {
    using Index = typename Queue::index_type;
    if constexpr (sizeof(Index) < sizeof(uint32_t)) {
      // A batch, a ring full of items that were there before, and one to spare.
      return std::numeric_limits<Index>::max() - 2 * Queue::capacity() - 1;
    }
  }
  return std::numeric_limits<uint64_t>::max();
}

/// One worker of the stress test: a queue, and what its thread does.
template <class Queue>
class StressWorker {
 public:
  /// Runs at once what overflows, and notes how it came.
  struct Sink {
    void PushBatch(Chain<Item> chain) {
      ++overflows;
      constexpr uint32_t kHalf = Queue::capacity() / 2;
      // Push gives half the queue and the new item, or only the new item.
      Check(batching || chain.size() == 1 || chain.size() == kHalf + 1,
            "an overflow of unexpected size");
      moved += kHalf;
      ledger->RunAll(std::move(chain));
    }

    Ledger* ledger;
    bool batching = false;
    // By how much the queue's indices went on because of overflows, at most.
    uint64_t moved = 0;
    uint64_t overflows = 0;
  };

  /// What happened, to show whether the run came near what it is about.
  struct Counts {
    uint64_t took = 0;
    uint64_t busy = 0;
    uint64_t empty = 0;
    uint64_t overflows = 0;
  };

  StressWorker(uint32_t self, Ledger* ledger, GracePeriods* grace,
               uint64_t seed)
      : self_(self), grace_(grace), random_(seed + self), sink_{ledger} {}

  typename Queue::Thief thief() { return queue_.thief(); }

  /// After Work() has returned: whether the queue is as good as new, with no
  /// slot lost to a thief that never finished.
  bool IsWhole() const {
    return owner_.Size() == 0 && owner_.Free() == kCapacity;
  }

  /// After Work() has returned.
  Counts counts() const {
    Counts counts = counts_;
    counts.overflows = sink_.overflows;
    return counts;
  }

  /// Queues items [first, first + n) in random portions, and pops and steals in
  /// between; then helps until all items of the ledger are done.
  void Work(uint32_t first, uint32_t n,
            const std::vector<StressWorker*>& workers) {
    const uint32_t end = first + n;
    while (ledger().done() < ledger().size()) {
      grace_->Quiescent(self_);
      if (first < end) first += PushSome(first, end - first);
      PopSome();
      for (StressWorker* victim : workers) {
        if (victim != this && random_.Below(4) == 0) Rob(*victim);
      }
      if (random_.Below(256) == 0) YieldThread();
    }
    grace_->Leave(self_);
  }

 private:
  static constexpr uint32_t kCapacity = Queue::capacity();

  Ledger& ledger() { return *sink_.ledger; }

  /// Makes sure that `n` more items may be queued in this grace period.
  void Reserve(uint32_t n) {
    if (queued_ + sink_.moved + n <= ItemsPerGracePeriod<Queue>()) return;
    grace_->Wait(self_);
    queued_ = 0;
    sink_.moved = 0;
  }

  /// Queues up to 4 items and now and then a flood. Returns how many.
  uint32_t PushSome(uint32_t first, uint32_t limit) {
    const uint32_t most = random_.Below(256) == 0 ? 2 * kCapacity : 4;
    const uint32_t n = std::min(1 + random_.Below(most), limit);
    if (random_.Below(2) == 0) {
      for (uint32_t i = 0; i < n; ++i) {
        Reserve(1);
        owner_.Push(ledger().Make(first + i), sink_);
        ++queued_;
      }
      return n;
    }
    const uint32_t fits = std::min(n, kCapacity);
    Reserve(fits);
    sink_.batching = true;
    owner_.PushBatch(ledger().MakeChain(first, fits), sink_);
    sink_.batching = false;
    queued_ += fits;
    return fits;
  }

  /// Pops about as many as PushSome() queues, so that the queue is neither
  /// empty nor full for long, and now and then all.
  void PopSome() {
    uint32_t pops = random_.Below(256) == 0 ? kCapacity : random_.Below(5);
    for (; pops > 0; --pops) {
      Item* const item = owner_.Pop();
      if (item == nullptr) return;
      ledger().Run(item);
    }
  }

  void Rob(StressWorker& victim) {
    const uint32_t max_take =
        1 + random_.Below(random_.Below(8) == 0 ? kMaxStealBatch : 2);
    const uint32_t leave = random_.Below(2);
    const uint32_t had = owner_.Size();
    Reserve(std::min(max_take, kCapacity));
    typename Queue::Thief from = victim.thief();
    const Steal<Item> steal = from.StealInto(owner_, max_take, leave);
    queued_ += steal.count;
    switch (steal.status) {
      case StealStatus::kTook:
        ++counts_.took;
        break;
      case StealStatus::kEmpty:
        ++counts_.empty;
        break;
      case StealStatus::kBusy:
        ++counts_.busy;
        break;
    }
    if (!steal.took()) {
      Check(steal.item == nullptr && steal.count == 0,
            "a steal that took nothing brought something");
      return;
    }
    Check(steal.count >= 1 && steal.count <= max_take &&
              steal.count <= kCapacity / 2 && had <= kCapacity,
          "a steal of unexpected size");
    ledger().Run(steal.item);
  }

  const uint32_t self_;
  GracePeriods* const grace_;
  XorShift64 random_;
  Sink sink_;
  Counts counts_;
  // Items queued in this grace period.
  uint64_t queued_ = 0;
  Queue queue_;
  typename Queue::Owner owner_ = queue_.owner();
};

/// `Queue` is a LocalQueue of Item.
template <class Queue>
class LocalQueueStress : public ::testing::Test {
  static_assert(LocalQueue<Queue>);

 protected:
  static constexpr uint32_t kWorkers = 4;
  // Grace periods cost the time of several thread switches each.
  static constexpr uint64_t kItems =
      ItemsPerGracePeriod<Queue>() < 1'000 ? 100'000 : 1'000'000;

  /// Runs four workers, of which worker i queues share[i] of the items.
  void Run(const std::array<uint32_t, kWorkers>& share) {
    uint32_t items = 0;
    for (uint32_t n : share) items += n;
    Ledger ledger(items);
    GracePeriods grace(kWorkers);
    const uint64_t seed = TestSeed();
    std::vector<std::unique_ptr<StressWorker<Queue>>> owners;
    std::vector<StressWorker<Queue>*> workers;
    for (uint32_t i = 0; i < kWorkers; ++i) {
      owners.push_back(std::make_unique<StressWorker<Queue>>(i, &ledger, &grace,
                                                             seed * kWorkers));
      workers.push_back(owners.back().get());
    }
    std::vector<Thread> threads;
    uint32_t first = 0;
    for (uint32_t i = 0; i < kWorkers; ++i) {
      threads.emplace_back([&workers, i, first, n = share[i]] {
        workers[i]->Work(first, n, workers);
      });
      first += share[i];
    }
    for (Thread& thread : threads) thread.join();
    ledger.ExpectEachRanOnce();
    for (const auto& owner : owners) {
      EXPECT_TRUE(owner->IsWhole());
      const auto counts = owner->counts();
      std::printf("steals: %llu took, %llu busy, %llu empty; %llu overflows\n",
                  static_cast<unsigned long long>(counts.took),
                  static_cast<unsigned long long>(counts.busy),
                  static_cast<unsigned long long>(counts.empty),
                  static_cast<unsigned long long>(counts.overflows));
    }
  }
};

TYPED_TEST_SUITE_P(LocalQueueStress);

// One worker has all the work and three live from it: steals race pops, pushes
// and overflows of one queue, and each other.
TYPED_TEST_P(LocalQueueStress, OneOwnerAndThreeThievesRunEachItemOnce) {
  this->Run(
      {static_cast<uint32_t>(StressIterations(TestFixture::kItems)), 0, 0, 0});
}

// Everybody has work and robs everybody: each queue is stolen from and stolen
// into at the same time, and items go through several hands.
TYPED_TEST_P(LocalQueueStress, FourWorkersRobEachOtherAndRunEachItemOnce) {
  const auto n =
      static_cast<uint32_t>(StressIterations(TestFixture::kItems / 4));
  this->Run({n, n, n, n});
}

REGISTER_TYPED_TEST_SUITE_P(LocalQueueStress,
                            OneOwnerAndThreeThievesRunEachItemOnce,
                            FourWorkersRobEachOtherAndRunEachItemOnce);

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_LOCAL_QUEUE_STRESS_H_
