// The suite that every InjectorQueue passes, with and without threads. A model
// instantiates it in a small .cc file of its own with a factory, because models
// differ in what their constructors take:
//
//     struct MyFactory {
//       using Queue = MyInjector<Item>;
//       static std::unique_ptr<Queue> Make();
//     };
//     INSTANTIATE_TYPED_TEST_SUITE_P(MyInjector, InjectorConformance,
//                                    ::testing::Types<MyFactory>);

#ifndef WEFT_QUEUE_TESTING_INJECTOR_CONFORMANCE_H_
#define WEFT_QUEUE_TESTING_INJECTOR_CONFORMANCE_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/threads.h"

namespace weft::queue_testing {

/// The factory of a model that is default-constructible.
template <class Injector>
struct DefaultFactory {
  using Queue = Injector;
  static std::unique_ptr<Queue> Make() { return std::make_unique<Queue>(); }
};

template <class Factory>
class InjectorConformance : public ::testing::Test {
 protected:
  using Queue = typename Factory::Queue;
  static_assert(InjectorQueue<Queue>);

  ~InjectorConformance() override {
    while (queue->Pop() != nullptr) {
    }
  }

  void PushAll(uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; ++i) {
      EXPECT_TRUE(queue->Push(ledger.Make(first + i)));
    }
  }

  /// The ids that popping until null gives.
  std::vector<uint32_t> Drain() {
    std::vector<uint32_t> ids;
    while (Item* item = queue->Pop()) ids.push_back(item->id);
    return ids;
  }

  Ledger ledger{256};
  std::unique_ptr<Queue> queue = Factory::Make();
};

TYPED_TEST_SUITE_P(InjectorConformance);

TYPED_TEST_P(InjectorConformance, AnEmptyInjectorGivesNothing) {
  EXPECT_TRUE(this->queue->Empty());
  EXPECT_EQ(this->queue->Size(), 0u);
  EXPECT_EQ(this->queue->Pop(), nullptr);
  EXPECT_TRUE(this->queue->PopBatch(4).empty());
  EXPECT_FALSE(this->queue->closed());
}

TYPED_TEST_P(InjectorConformance, WhatOneThreadPushesComesOutInOrder) {
  this->PushAll(0, 10);
  EXPECT_FALSE(this->queue->Empty());
  EXPECT_EQ(this->queue->Size(), 10u);
  EXPECT_EQ(this->Drain(), Range(0, 10));
  EXPECT_TRUE(this->queue->Empty());
}

TYPED_TEST_P(InjectorConformance, ABatchComesOutInOrderBehindWhatWasThere) {
  this->PushAll(0, 3);
  EXPECT_TRUE(this->queue->PushBatch(this->ledger.MakeChain(3, 5)).empty());
  EXPECT_TRUE(this->queue->PushBatch(Chain<Item>()).empty());
  this->PushAll(8, 2);
  EXPECT_EQ(this->queue->Size(), 10u);
  EXPECT_EQ(this->Drain(), Range(0, 10));
}

TYPED_TEST_P(InjectorConformance, PopBatchTakesTheOldestInOrder) {
  this->PushAll(0, 10);
  EXPECT_EQ(Ids(this->queue->PopBatch(4)), Range(0, 4));
  EXPECT_EQ(this->queue->Size(), 6u);
  EXPECT_EQ(this->queue->Pop()->id, 4u);
  EXPECT_EQ(Ids(this->queue->PopBatch(100)), Range(5, 5));
  EXPECT_TRUE(this->queue->Empty());
  this->PushAll(10, 2);
  EXPECT_EQ(this->Drain(), Range(10, 2));
}

// Known bugs I2: tokio #5908. A worker's share of a short queue rounds to zero;
// it then took nothing, found the queue non-empty, and so on.
TYPED_TEST_P(InjectorConformance, I2ABatchOfAShareOfZeroTakesOne) {
  const uint32_t workers = 8;
  this->PushAll(0, 1);
  const auto share = static_cast<uint32_t>(this->queue->Size()) / workers;
  ASSERT_EQ(share, 0u);
  EXPECT_EQ(Ids(this->queue->PopBatch(share)), Range(0, 1));
  EXPECT_TRUE(this->queue->Empty());
  EXPECT_TRUE(this->queue->PopBatch(share).empty());
}

TYPED_TEST_P(InjectorConformance, EveryHomeFindsTheItem) {
  for (uint32_t home = 0; home < 130; ++home) {
    this->PushAll(home, 2);
    Item* const item = this->queue->Pop(home);
    ASSERT_NE(item, nullptr);
    EXPECT_EQ(item->id, home);
    EXPECT_EQ(Ids(this->queue->PopBatch(0, home)), Range(home + 1, 1));
  }
}

TYPED_TEST_P(InjectorConformance, AClosedInjectorGivesBackWhatIsPushed) {
  this->PushAll(0, 2);
  EXPECT_TRUE(this->queue->Close());
  EXPECT_TRUE(this->queue->closed());
  EXPECT_FALSE(this->queue->Push(this->ledger.Make(2)));
  EXPECT_EQ(Ids(this->queue->PushBatch(this->ledger.MakeChain(3, 3))),
            Range(3, 3));
  EXPECT_TRUE(this->queue->PushBatch(Chain<Item>()).empty());
  EXPECT_EQ(this->queue->Size(), 2u);
  EXPECT_EQ(this->Drain(), Range(0, 2)) << "what was there can be popped";
}

TYPED_TEST_P(InjectorConformance, OnlyTheFirstCloseSaysSo) {
  EXPECT_TRUE(this->queue->Close());
  EXPECT_FALSE(this->queue->Close());
  EXPECT_TRUE(this->queue->closed());
}

// Producers and consumers of every kind at once.
TYPED_TEST_P(InjectorConformance, ManyThreadsLoseNothingAndDoubleNothing) {
  constexpr uint32_t kProducers = 2;
  constexpr uint32_t kConsumers = 2;
  const uint64_t seed = TestSeed();
  const auto each = static_cast<uint32_t>(StressIterations(200'000));
  Ledger ledger(kProducers * each);
  RunTogether(kProducers + kConsumers, [&](uint32_t i) {
    XorShift64 random(seed + i);
    if (i < kProducers) {
      for (uint32_t done = 0; done < each;) {
        const uint32_t first = i * each + done;
        if (random.Below(4) != 0) {
          Check(this->queue->Push(ledger.Make(first)), "it is not closed");
          ++done;
          continue;
        }
        const uint32_t n = std::min(random.Below(8), each - done);
        Check(this->queue->PushBatch(ledger.MakeChain(first, n)).empty(),
              "it is not closed");
        done += n;
      }
      return;
    }
    while (ledger.done() < ledger.size()) {
      if (random.Below(2) == 0) {
        if (Item* item = this->queue->Pop(i)) ledger.Run(item);
      } else {
        ledger.RunAll(this->queue->PopBatch(random.Below(8), i));
      }
      if (this->queue->Empty()) YieldThread();
    }
  });
  ledger.ExpectEachRanOnce();
  EXPECT_TRUE(this->queue->Empty());
  EXPECT_EQ(this->queue->Size(), 0u);
}

// Known bugs I1: tokio #1875, #3752, #3870; folly ebb45e070. A push that races
// with the close is either taken, and then drained, or refused; nothing is
// added after the close, and there is one closer.
TYPED_TEST_P(InjectorConformance, I1APushThatRacesWithCloseIsTakenOrRefused) {
  constexpr uint32_t kProducers = 2;
  constexpr uint32_t kPerProducer = 64;
  const uint64_t seed = TestSeed();
  const uint64_t rounds = StressIterations(500);
  uint64_t refused_in_all = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    const auto queue = TypeParam::Make();
    Ledger ledger(kProducers * kPerProducer);
    atomic<uint32_t> tried{0};
    atomic<uint32_t> refused{0};
    atomic<uint32_t> closers{0};
    const auto close = [&] {
      if (queue->Close()) closers.fetch_add(1, std::memory_order_relaxed);
    };
    const auto run_refused = [&](Item* item) {
      ledger.Run(item);
      refused.fetch_add(1, std::memory_order_relaxed);
    };
    RunTogether(kProducers + 1, [&](uint32_t i) {
      if (i < kProducers) {
        for (uint32_t n = 0; n < kPerProducer; n += 2) {
          const uint32_t id = i * kPerProducer + n;
          Item* const item = ledger.Make(id);
          if (!queue->Push(item)) run_refused(item);
          Chain<Item> back = queue->PushBatch(ledger.MakeChain(id + 1, 1));
          if (Item* last = back.PopFront()) run_refused(last);
          tried.fetch_add(2, std::memory_order_relaxed);
        }
        if (i == 0) close();
        return;
      }
      XorShift64 random(seed + round);
      const uint32_t close_at = random.Below(ledger.size());
      while (tried.load(std::memory_order_relaxed) < close_at) {
        if (Item* item = queue->Pop()) {
          ledger.Run(item);
        } else {
          YieldThread();
        }
      }
      close();
      Check(queue->closed(), "closed by ourselves at the latest");
      // From here on the queue only shrinks.
      while (Item* item = queue->Pop()) ledger.Run(item);
      Check(queue->Empty(), "an item came after the close");
    });
    EXPECT_EQ(closers.load(std::memory_order_relaxed), 1u);
    EXPECT_EQ(queue->Pop(), nullptr);
    ledger.ExpectEachRanOnce();
    refused_in_all += refused.load(std::memory_order_relaxed);
    if (this->HasFailure()) return;
  }
  std::printf(
      "%llu of %llu pushes were refused\n",
      static_cast<unsigned long long>(refused_in_all),
      static_cast<unsigned long long>(rounds * kProducers * kPerProducer));
}

// Of I1 the reader's half: whoever sees closed() and then drains has seen the
// last item, without having closed anything itself.
TYPED_TEST_P(InjectorConformance, I1WhoSeesItClosedCanDrainItForGood) {
  const uint64_t seed = TestSeed();
  const uint64_t rounds = StressIterations(500);
  for (uint64_t round = 0; round < rounds; ++round) {
    const auto queue = TypeParam::Make();
    Ledger ledger(128);
    atomic<uint32_t> tried{0};
    RunTogether(3, [&](uint32_t i) {
      if (i == 0) {
        for (uint32_t id = 0; id < ledger.size(); ++id) {
          Item* const item = ledger.Make(id);
          if (!queue->Push(item)) ledger.Run(item);
          tried.fetch_add(1, std::memory_order_relaxed);
        }
      } else if (i == 1) {
        XorShift64 random(seed + round);
        const uint32_t close_at = random.Below(ledger.size());
        while (tried.load(std::memory_order_relaxed) < close_at) YieldThread();
        queue->Close();
      } else {
        while (!queue->closed()) {
          if (Item* item = queue->Pop(static_cast<uint32_t>(round))) {
            ledger.Run(item);
          } else {
            YieldThread();
          }
        }
        while (Item* item = queue->Pop()) ledger.Run(item);
        Check(queue->Empty(), "an item came after closed()");
      }
    });
    ledger.ExpectEachRanOnce();
    if (this->HasFailure()) return;
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    InjectorConformance, AnEmptyInjectorGivesNothing,
    WhatOneThreadPushesComesOutInOrder, ABatchComesOutInOrderBehindWhatWasThere,
    PopBatchTakesTheOldestInOrder, I2ABatchOfAShareOfZeroTakesOne,
    EveryHomeFindsTheItem, AClosedInjectorGivesBackWhatIsPushed,
    OnlyTheFirstCloseSaysSo, ManyThreadsLoseNothingAndDoubleNothing,
    I1APushThatRacesWithCloseIsTakenOrRefused,
    I1WhoSeesItClosedCanDrainItForGood);

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_INJECTOR_CONFORMANCE_H_
