// T3 (tokio #3157, #3662, #3934, #3964): each kind of task is aborted in each
// of its states from each kind of thread, with its handle kept or dropped.

#include <memory>
#include <tuple>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using testing::Event;
using testing::Never;
using testing::OnDestroy;

enum class Kind { kCoroutine, kFuture, kCallable };
enum class From { kSameWorker, kOtherWorker, kForeignThread };
enum class State { kSuspended, kQueued, kRunning, kComplete };

// A task and what becomes of it.
struct Subject {
  Event started;
  // A running one runs until this.
  Event go_on;
  atomic<int> destroyed{0};
  // A suspended coroutine waits for this.
  std::pair<OneshotSender<int>, OneshotReceiver<int>> channel = Oneshot<int>();

  auto Luggage() {
    return OnDestroy([this] {
      EXPECT_TRUE(OnWorker());
      destroyed.fetch_add(1);
    });
  }
  void Body(State state) {
    started.Set();
    if (state == State::kRunning) go_on.Wait();
  }
};

template <class Luggage>
struct Once {
  Subject* subject;
  Luggage luggage;
  weft::Poll<void> Poll(Context&) {
    subject->started.Set();
    return kReady;
  }
};

JoinHandle<void> SpawnSubject(Subject& subject, Kind kind, State state) {
  // Aborted where it waits, or while it runs, after which it would wait.
  const bool waits = state == State::kSuspended || state == State::kRunning;
  if (kind == Kind::kCoroutine) {
    return Spawn([&subject, state, waits,
                  luggage = subject.Luggage()]() mutable -> Task<> {
      subject.Body(state);
      if (waits) (void)co_await subject.channel.second;
    });
  }
  if (kind == Kind::kFuture && waits) {
    return Spawn(
        Never([&subject, state] { subject.Body(state); }, subject.Luggage()));
  }
  if (kind == Kind::kFuture) {
    return Spawn(
        Once<decltype(subject.Luggage())>{&subject, subject.Luggage()});
  }
  return Spawn(
      [&subject, state, luggage = subject.Luggage()] { subject.Body(state); });
}

class Abort
    : public ::testing::TestWithParam<std::tuple<Kind, From, State, bool>> {
 protected:
  Kind kind() const { return std::get<0>(GetParam()); }
  From from() const { return std::get<1>(GetParam()); }
  State state() const { return std::get<2>(GetParam()); }
  bool drops_handle() const { return std::get<3>(GetParam()); }

  bool Reached(const JoinHandle<void>& handle) const {
    switch (state()) {
      case State::kQueued:
        return true;
      case State::kComplete:
        return handle.Done();
      default:
        return subject_.started.IsSet();
    }
  }

  void AbortIt(JoinHandle<void>& handle) const {
    const AbortHandle aborter = handle.GetAbortHandle();
    if (drops_handle()) handle.Detach();
    aborter.Abort();
    aborter.Abort();
  }

  // Spawned and aborted by the same task, on the only worker that is free.
  void OnTheSameWorker(Pool& pool) {
    Event busy;
    Event release;
    auto other = pool.Spawn([&] {
      busy.Set();
      release.Wait();
    });
    busy.Wait();
    pool.BlockOn([&]() -> Task<> {
      auto handle = SpawnSubject(subject_, kind(), state());
      while (!Reached(handle)) co_await YieldNow();
      AbortIt(handle);
      while (subject_.destroyed.load() == 0) co_await YieldNow();
    });
    release.Set();
    EXPECT_TRUE(std::move(other).Join().ok());
  }

  void FromElsewhere(Pool& pool) {
    JoinHandle<void> handle;
    Event spawned;
    pool.SpawnDetached([&] {
      handle = SpawnSubject(subject_, kind(), state());
      spawned.Set();
      // It stays queued behind us, unless the watchdog sends somebody.
      if (state() == State::kQueued) subject_.go_on.Wait();
    });
    spawned.Wait();
    testing::WaitUntil([&] { return Reached(handle); });
    if (from() == From::kOtherWorker) {
      pool.BlockOn([&] { AbortIt(handle); });
    } else {
      Thread([&] { AbortIt(handle); }).join();
    }
    subject_.go_on.Set();
    if (drops_handle()) return;
    auto outcome = std::move(handle).Join();
    if (state() == State::kSuspended) {
      EXPECT_TRUE(outcome.cancelled());
    }
    if (state() == State::kComplete) {
      EXPECT_TRUE(outcome.ok());
    }
    if (state() == State::kRunning) {
      // A callable cannot be stopped, the others end where they wait.
      EXPECT_EQ(outcome.ok(), kind() == Kind::kCallable);
    }
  }

  Subject subject_;
};

TEST_P(Abort, T3EndsTheTaskOnceAndDestroysItOnAWorker) {
  // A callable never waits, and nobody runs beside a task on its worker.
  if (kind() == Kind::kCallable && state() == State::kSuspended) return;
  if (from() == From::kSameWorker && state() == State::kRunning) return;
  Options options;
  options.workers = 2;
  Pool pool(options);
  if (from() == From::kSameWorker) {
    OnTheSameWorker(pool);
  } else {
    FromElsewhere(pool);
  }
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(subject_.destroyed.load(), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, Abort,
    ::testing::Combine(::testing::Values(Kind::kCoroutine, Kind::kFuture,
                                         Kind::kCallable),
                       ::testing::Values(From::kSameWorker, From::kOtherWorker,
                                         From::kForeignThread),
                       ::testing::Values(State::kSuspended, State::kQueued,
                                         State::kRunning, State::kComplete),
                       ::testing::Bool()));

TEST(AbortHandle, T3AfterTheShutdownIsHarmless) {
  AbortHandle aborter;
  JoinHandle<void> handle;
  {
    Pool pool;
    handle = pool.Spawn(Never([] {}));
    aborter = handle.GetAbortHandle();
  }
  aborter.Abort();
  EXPECT_TRUE(std::move(handle).Join().cancelled());
  aborter.Abort();
}

// tokio #3965: an abort that races the end of a poll.
TEST(AbortHandle, T4RacingATaskThatYieldsDestroysItOnce) {
  Options options;
  options.workers = 2;
  Pool pool(options);
  atomic<int> destroyed{0};
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    Event started;
    auto handle = pool.Spawn([&started, luggage = OnDestroy([&destroyed] {
                                          destroyed.fetch_add(1);
                                        })]() -> Task<> {
      started.Set();
      for (;;) co_await YieldNow();
    });
    started.Wait();
    handle.Abort();
    EXPECT_TRUE(std::move(handle).Join().cancelled());
  }
  EXPECT_EQ(destroyed.load(), kRounds);
}

}  // namespace
}  // namespace weft
