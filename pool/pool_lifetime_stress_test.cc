// I9 (tokio #2641, #2649, #3477, #3564): 10^4 pools, each of which goes while
// its tasks are suspended, queued, running, blocked or just being woken. None
// hangs, none leaks (LeakSanitizer watches, too), and each body is destroyed
// once.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/pool/testing/stress_size.h"
#include "weft/sync/oneshot.h"
#include "weft/task/await.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using testing::Event;
using testing::Never;
using testing::OnDestroy;

// Bodies that were made and bodies that are gone.
struct Count {
  atomic<std::uint64_t> made{0};
  atomic<std::uint64_t> gone{0};

  auto One() {
    made.fetch_add(1);
    return OnDestroy([this] { gone.fetch_add(1); });
  }
};

// One pool and what is in it.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {}

  void Live() {
    Options options;
    options.workers = static_cast<int>(1 + random_.Below(4));
    options.seed = seed_of_pool();
    if (random_.Below(2) == 0) {
      options.watchdog_period = std::chrono::nanoseconds::zero();
    }
    {
      Pool pool(options);
      for (std::uint32_t n = random_.Below(12); n > 0; --n) SpawnOne(pool);
      if (random_.Below(2) == 0) YieldThread();
      if (random_.Below(4) == 0) {
        SleepFor(std::chrono::microseconds(random_.Below(200)));
      }
      // Some are woken while the pool goes.
      Event begin;
      std::optional<Thread> waker;
      if (random_.Below(3) == 0) {
        waker.emplace([this, &begin] {
          begin.Wait();
          for (auto& sender : senders_) (void)std::move(sender).Send(1);
        });
      }
      begin.Set();
      End(pool);
      if (waker) waker->join();
    }
    senders_.clear();
    handles_.clear();
    EXPECT_EQ(count_.gone.load(), count_.made.load());
  }

 private:
  std::uint64_t seed_of_pool() { return random_.Next() | 1; }

  OneshotReceiver<int> NewReceiver() {
    auto [sender, receiver] = Oneshot<int>();
    senders_.push_back(std::move(sender));
    return std::move(receiver);
  }

  auto Queued() {
    const auto one = [this] { return [luggage = count_.One()] {}; };
    std::vector<decltype(one())> bodies;
    for (std::uint32_t n = random_.Below(20); n > 0; --n) {
      bodies.push_back(one());
    }
    return bodies;
  }

  void SpawnOne(Pool& pool) {
    switch (random_.Below(9)) {
      case 0:  // suspended for ever
        return pool.SpawnDetached(Never([] {}, count_.One()));
      case 1:  // a coroutine that waits for a message
        return Keep(pool.Spawn([receiver = NewReceiver(),
                                luggage = count_.One()]() mutable -> Task<> {
          (void)co_await receiver;
        }));
      case 2:  // a future that does
        return pool.SpawnDetached([receiver = NewReceiver(),
                                   luggage = count_.One()]() mutable -> Task<> {
          (void)co_await Await(std::move(receiver));
        });
      case 3:  // queued, or run by now
        return pool.SpawnDetachedBatch(Queued());
      case 4:  // always on its way through the queue
        return Keep(pool.Spawn([luggage = count_.One()]() -> Task<> {
          for (;;) co_await YieldNow();
        }));
      case 5:  // blocks its worker
        return Keep(pool.Spawn(
            [luggage = count_.One()] { (void)Spawn(Never([] {})).Join(); }));
      case 6:  // joins one that is suspended
        return pool.SpawnDetached(
            [inner = pool.Spawn(Never([] {}, count_.One())),
             luggage = count_.One()]() mutable -> Task<> {
              (void)co_await inner;
            });
      case 7:  // spawns when it is destroyed
        return pool.SpawnDetached(Never(
            [] {},
            OnDestroy([this] { SpawnDetached([luggage = count_.One()] {}); })));
      default:  // aborted by now
        return pool.Spawn(Never([] {}, count_.One())).Abort();
    }
  }

  void Keep(JoinHandle<void> handle) {
    if (random_.Below(2) == 0) handles_.push_back(std::move(handle));
  }

  void End(Pool& pool) {
    static constexpr ShutdownOptions kCancel{.mode = ShutdownMode::kCancel,
                                             .timeout = {}};
    switch (random_.Below(4)) {
      case 0:
        EXPECT_TRUE(pool.Shutdown(kCancel).ok());
        return;
      case 1:
        pool.SpawnDetached([&pool] { (void)pool.Shutdown(kCancel); });
        return;
      case 2:
        // A drain has no end here.
        pool.Shutdown({.timeout = std::chrono::microseconds(50)}).IgnoreError();
        // Then the pool would go without its workers.
        EXPECT_TRUE(pool.Shutdown(kCancel).ok());
        return;
      default:  // its destructor
        return;
    }
  }

  XorShift64 random_;
  Count count_;
  std::vector<OneshotSender<int>> senders_;
  std::vector<JoinHandle<void>> handles_;
};

TEST(PoolLifetimeStress, I9PoolsGoWithTheirTasksPending) {
  const std::uint64_t seed = TestSeed();
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t pools = testing::StressSize(10'000);
  for (std::uint64_t i = 0; i < pools; ++i) Life(seed + i).Live();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::printf("%llu pools in %.1f s\n", static_cast<unsigned long long>(pools),
              took.count());
}

}  // namespace
}  // namespace weft
