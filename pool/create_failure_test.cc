// I11 (tokio #4485, folly, Photon #1252): the system refuses a thread, or
// memory, when a pool is created.

#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/allocations.h"
#include "weft/pool/testing/no_threads.h"

namespace weft {
namespace {

#if defined(__cpp_exceptions)

TEST(CreateFailure, I11SaysWhichThreadTheSystemRefused) {
  Options options;
  options.workers = 3;
  {
    const testing::NoThreads no_threads;
    auto pool = Pool::Create(options);
    EXPECT_EQ(pool.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_NE(std::string(pool.status().message()).find("thread 1 of 3"),
              std::string::npos)
        << pool.status();
  }
  auto pool = Pool::Create(options);
  ASSERT_TRUE(pool.ok()) << pool.status();
  EXPECT_EQ(pool->BlockOn([] { return 1; }), 1);
}

// Whatever cannot be allocated, among it what std::thread needs: there is an
// error and no pool, the threads that had started have ended, and as many have
// run the stop hook as the start hook.
TEST(CreateFailure, I11WhereverItHappensNothingIsLeftBehind) {
  for (int watchdog = 0; watchdog < 2; ++watchdog) {
    for (std::uint64_t n = 1;; ++n) {
      atomic<int> starts{0};
      atomic<int> stops{0};
      Options options;
      options.workers = 4;
      if (watchdog == 0) {
        options.watchdog_period = std::chrono::nanoseconds::zero();
      }
      options.on_thread_start = [&starts](int) { starts.fetch_add(1); };
      options.on_thread_stop = [&stops](int) { stops.fetch_add(1); };
      std::optional<absl::StatusOr<Pool>> pool;
      testing::FailAllocation(n);
      try {
        pool.emplace(Pool::Create(std::move(options)));
      } catch (const std::bad_alloc&) {
        // There was no memory for the words of the error, or for a copy of
        // the options.
      }
      const bool reached = !testing::FailAllocation(0);
      if (!pool.has_value() || !pool->ok()) {
        ASSERT_TRUE(reached);
        if (pool.has_value()) {
          EXPECT_EQ(pool->status().code(),
                    absl::StatusCode::kResourceExhausted);
        }
        EXPECT_EQ(starts.load(), stops.load());
        continue;
      }
      EXPECT_EQ((*pool)->BlockOn([] { return 1; }), 1);
      pool.reset();
      EXPECT_EQ(starts.load(), 4);
      EXPECT_EQ(stops.load(), 4);
      if (!reached) {
        EXPECT_GT(n, 4u);  // one for each worker at least
        break;
      }
    }
  }
}

TEST(CreateFailure, I11ASpawnThatCannotAllocateThrowsAndLeavesThePoolWhole) {
  Options options;
  options.workers = 1;
  Pool pool(options);
  EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
  testing::FailAllocation(1);
  EXPECT_THROW((void)pool.Spawn([] {}), std::bad_alloc);
  testing::FailAllocation(1);
  EXPECT_THROW(pool.SpawnDetached([] {}), std::bad_alloc);
  EXPECT_FALSE(testing::FailAllocation(0));
  EXPECT_EQ(pool.Metrics().alive, 0u);
  EXPECT_EQ(pool.BlockOn([] { return 2; }), 2);
}

#else

TEST(CreateFailure, NeedsExceptionsToBeSeen) {
  // Without them std::thread ends the program when it is refused.
  EXPECT_FALSE(kExceptionsEnabled);
}

#endif

}  // namespace
}  // namespace weft
