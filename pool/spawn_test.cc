#include "weft/pool/spawn.h"

#include <array>
#include <list>
#include <memory>
#include <memory_resource>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/await.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using testing::Event;
using testing::Never;
using testing::OnDestroy;

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

// Ready at its second poll.
class SecondTime {
 public:
  explicit SecondTime(std::string value) : value_(std::move(value)) {}
  weft::Poll<std::string> Poll(Context& context) {
    if (++polls_ == 2) return std::move(value_);
    context.waker().WakeByRef();
    return kPending;
  }

 private:
  std::string value_;
  int polls_ = 0;
};

Task<std::string> Coroutine(std::string value) {
  co_await YieldNow();
  co_return value;
}

int PlainFunction() { return 11; }

struct Functor {
  std::unique_ptr<int> value;
  int operator()() { return *value; }
};

// The kinds of bodies, the same from outside and from a worker.
template <class SpawnOne>
void SpawnEachKind(SpawnOne spawn) {
  EXPECT_EQ(spawn(Coroutine("coroutine")).Join().value(), "coroutine");
  EXPECT_EQ(spawn(SecondTime("future")).Join().value(), "future");
  EXPECT_EQ(spawn([] { return std::string("callable"); }).Join().value(),
            "callable");
  EXPECT_EQ(spawn(PlainFunction).Join().value(), 11);
  EXPECT_EQ(spawn(Functor{std::make_unique<int>(12)}).Join().value(), 12);
  EXPECT_EQ(spawn([n = 1]() mutable { return ++n; }).Join().value(), 2);
  EXPECT_TRUE(spawn([] {}).Join().ok());
  EXPECT_TRUE(spawn(YieldNow()).Join().ok());
  auto copied = [text = std::string("kept")] { return text; };
  EXPECT_EQ(spawn(copied).Join().value(), "kept");
  EXPECT_EQ(copied(), "kept");
  auto move_only = spawn([] { return std::make_unique<int>(13); });
  EXPECT_EQ(*std::move(move_only).Join().value(), 13);
  // The captures of a callable that returns a coroutine live as long as that.
  auto keeps = spawn([text = std::string(100, 'x')]() -> Task<std::size_t> {
    co_await YieldNow();
    co_return text.size();
  });
  EXPECT_EQ(std::move(keeps).Join().value(), 100u);
  auto [sender, receiver] = Oneshot<int>();
  auto waits = spawn(std::move(receiver));
  spawn([sender = std::move(sender)]() mutable {
    (void)std::move(sender).Send(14);
  }).Detach();
  EXPECT_EQ(std::move(waits).Join().value(), std::optional<int>(14));
}

TEST(Spawn, TakesEachKindOfBodyFromOutside) {
  Pool pool(Workers(2));
  SpawnEachKind([&](auto&& body) {
    return pool.Spawn(std::forward<decltype(body)>(body));
  });
}

TEST(Spawn, TakesEachKindOfBodyFromAWorker) {
  for (int workers = 1; workers <= 2; ++workers) {
    Pool pool(Workers(workers));
    pool.BlockOn([] {
      SpawnEachKind([](auto&& body) {
        return Spawn(std::forward<decltype(body)>(body));
      });
    });
  }
}

TEST(Spawn, DetachedTasksRunToTheirEnd) {
  Pool pool(Workers(2));
  atomic<int> ran{0};
  const auto spawn_all = [&](auto spawn) {
    spawn([&] { ran.fetch_add(1); });
    spawn([&ran]() -> Task<> {
      co_await YieldNow();
      ran.fetch_add(1);
    });
    spawn(Await(SecondTime("ignored")));
    spawn(
        Never([&] { ran.fetch_add(1); }, OnDestroy([&] { ran.fetch_add(1); })));
  };
  spawn_all([&](auto&& body) {
    pool.SpawnDetached(std::forward<decltype(body)>(body));
  });
  pool.BlockOn([&] {
    spawn_all(
        [](auto&& body) { SpawnDetached(std::forward<decltype(body)>(body)); });
  });
  testing::WaitUntil([&] { return ran.load() == 6; });
  EXPECT_TRUE(
      pool.Shutdown({.mode = ShutdownMode::kCancel, .timeout = {}}).ok());
  EXPECT_EQ(ran.load(), 8);
}

TEST(Spawn, ADroppedHandleDetaches) {
  Pool pool(Workers(1));
  Event done;
  {
    auto handle = pool.Spawn([&] { done.Set(); });
  }
  done.Wait();
}

TEST(Spawn, ABodyIsDestroyedOnceAndOnAWorker) {
  Pool pool(Workers(1));
  atomic<int> destroyed{0};
  const ThreadId worker = pool.BlockOn([] { return ThisThreadId(); });
  const auto count = [&] {
    return OnDestroy([&] {
      EXPECT_EQ(ThisThreadId(), worker);
      destroyed.fetch_add(1);
    });
  };
  EXPECT_TRUE(pool.Spawn([luggage = count()] {}).Join().ok());
  EXPECT_EQ(destroyed.load(), 1);
  auto cancelled = pool.Spawn(Never([] {}, count()));
  cancelled.Abort();
  EXPECT_TRUE(std::move(cancelled).Join().cancelled());
  EXPECT_EQ(destroyed.load(), 2);
  EXPECT_TRUE(
      pool.Spawn([luggage = count()]() -> Task<> { co_await YieldNow(); })
          .Join()
          .ok());
  EXPECT_EQ(destroyed.load(), 3);
}

TEST(SpawnBatch, ReturnsTheHandlesInOrder) {
  Pool pool(Workers(2));
  const auto check = [](auto spawn_batch) {
    std::vector<std::unique_ptr<int>> numbers;
    auto body = [](int i) { return [i] { return i * i; }; };
    std::vector<decltype(body(0))> bodies;
    for (int i = 0; i < 1000; ++i) bodies.push_back(body(i));
    auto handles = spawn_batch(bodies);
    ASSERT_EQ(handles.size(), 1000u);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(std::move(handles[static_cast<std::size_t>(i)]).Join().value(),
                i * i);
    }
  };
  check([&](auto& bodies) { return pool.SpawnBatch(bodies); });
  pool.BlockOn([&] { check([](auto& bodies) { return SpawnBatch(bodies); }); });
}

TEST(SpawnBatch, TakesAnyRange) {
  Pool pool(Workers(2));
  // Coroutines, moved out of a vector.
  std::vector<Task<std::string>> coroutines;
  for (int i = 0; i < 3; ++i)
    coroutines.push_back(Coroutine(std::to_string(i)));
  auto strings = pool.SpawnBatch(coroutines);
  ASSERT_EQ(strings.size(), 3u);
  EXPECT_EQ(std::move(strings[2]).Join().value(), "2");
  // Values made by a view, which has no elements to move from.
  auto view = std::views::iota(0, 5) |
              std::views::transform([](int i) { return [i] { return i; }; });
  int sum = 0;
  for (auto& handle : pool.SpawnBatch(view)) {
    sum += std::move(handle).Join().value();
  }
  EXPECT_EQ(sum, 10);
  // A list; an array; nothing at all.
  std::list<int (*)()> list{PlainFunction, PlainFunction};
  EXPECT_EQ(pool.SpawnBatch(list).size(), 2u);
  EXPECT_EQ(pool.SpawnBatch(std::array{PlainFunction}).size(), 1u);
  EXPECT_TRUE(pool.SpawnBatch(std::vector<int (*)()>{}).empty());
  pool.SpawnDetachedBatch(std::vector<int (*)()>{});
}

TEST(SpawnBatch, DetachedRunsEach) {
  Pool pool(Workers(2));
  atomic<int> ran{0};
  const auto bodies = [&] {
    return std::views::iota(0, 2000) | std::views::transform([&](int) {
             return [&] { ran.fetch_add(1); };
           });
  };
  pool.SpawnDetachedBatch(bodies());
  pool.BlockOn([&] { SpawnDetachedBatch(bodies()); });
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(ran.load(), 4000);
}

TEST(SpawnBatch, AfterTheShutdownAllAreCancelled) {
  Pool pool(Workers(1));
  EXPECT_TRUE(pool.Shutdown().ok());
  atomic<int> destroyed{0};
  std::vector<Never<void (*)(), std::shared_ptr<int>>> bodies(
      5, {[] {}, std::shared_ptr<int>(new int, [&](int* p) {
            destroyed.fetch_add(1);
            delete p;
          })});
  auto handles = pool.SpawnBatch(bodies);
  bodies.clear();
  ASSERT_EQ(handles.size(), 5u);
  for (auto& handle : handles) {
    EXPECT_TRUE(std::move(handle).Join().cancelled());
  }
  EXPECT_EQ(destroyed.load(), 1);
}

TEST(Spawn, AllocatesFromThePoolsResource) {
  class Counting final : public std::pmr::memory_resource {
   public:
    atomic<int> allocated{0};
    atomic<int> live{0};

   private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
      allocated.fetch_add(1);
      live.fetch_add(1);
      return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* p, std::size_t bytes,
                       std::size_t alignment) override {
      live.fetch_sub(1);
      std::pmr::new_delete_resource()->deallocate(p, bytes, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
      return this == &other;
    }
  };
  Counting resource;
  {
    Options options = Workers(2);
    options.memory_resource = &resource;
    Pool pool(options);
    EXPECT_EQ(pool.executor().memory_resource(), &resource);
    EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
    EXPECT_EQ(resource.allocated.load(), 1);
    pool.BlockOn([] { EXPECT_EQ(Spawn([] { return 2; }).Join().value(), 2); });
    EXPECT_EQ(resource.allocated.load(), 3);
    pool.SpawnDetached(Never([] {}));
  }
  EXPECT_EQ(resource.allocated.load(), 4);
  EXPECT_EQ(resource.live.load(), 0);
}

TEST(Spawn, KnowsWhetherItIsOnAWorker) {
  EXPECT_FALSE(OnWorker());
  Pool pool(Workers(1));
  EXPECT_TRUE(pool.BlockOn([] { return OnWorker(); }));
  EXPECT_FALSE(OnWorker());
}

TEST(SpawnDeathTest, WithoutAPoolOutsideOfAWorkerSaysWhatToDo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(SpawnDetached([] {}), "use pool.Spawn");
}

#if defined(__cpp_exceptions)

// A body whose third copy cannot be made.
struct Third {
  std::shared_ptr<int> counter;
  Third(std::shared_ptr<int> c) : counter(std::move(c)) {}
  Third(const Third& other) : counter(other.counter) {
    if (++*counter == 3) throw std::string("third");
  }
  Third(Third&& other) = default;
  void operator()() { ADD_FAILURE() << "nothing is started"; }
};

TEST(SpawnBatch, StartsNothingIfABodyCannotBeMade) {
  Pool pool(Workers(2));
  for (int from = 0; from < 2; ++from) {
    auto counter = std::make_shared<int>(0);
    const std::vector<Third> bodies = [&] {
      std::vector<Third> made;
      for (int i = 0; i < 5; ++i) made.emplace_back(counter);
      *counter = 0;
      return made;
    }();
    // Copied, since they are const.
    const auto attempt = [&](auto call) { EXPECT_THROW(call(), std::string); };
    const auto both = [&] {
      attempt([&] { (void)SpawnBatchOn(pool.executor(), bodies); });
      *counter = 0;
      attempt([&] { SpawnDetachedBatchOn(pool.executor(), bodies); });
      *counter = 0;
    };
    if (from == 0) {
      both();
    } else {
      pool.BlockOn(both);
    }
    // All copies are gone: 5 bodies and we.
    EXPECT_EQ(counter.use_count(), 6);
  }
  EXPECT_EQ(pool.Metrics().polls(), 1u);
}

TEST(Spawn, PassesOnWhatMovingTheBodyThrows) {
  struct Throws {
    Throws() = default;
    Throws(Throws&&) { throw 1; }
    void operator()() {}
  };
  Pool pool(Workers(1));
  EXPECT_THROW((void)pool.Spawn(Throws()), int);
  EXPECT_THROW(pool.SpawnDetached(Throws()), int);
  EXPECT_EQ(pool.Metrics().alive, 0u);
}

#endif

}  // namespace
}  // namespace weft
