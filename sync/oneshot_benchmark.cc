// The whole life of a channel on one thread. Most of it is the allocation;
// beside that there is one read-modify-write to send and one to wait. The
// allocator alone is there to be subtracted.

#include <memory>
#include <optional>
#include <utility>

#include "benchmark/benchmark.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

void BM_Oneshot_AllocateAndFree(benchmark::State& state) {
  for (auto _ : state) {
    auto* channel = new sync_internal::OneshotChannel<int>;
    benchmark::DoNotOptimize(channel);
    delete channel;
  }
}
BENCHMARK(BM_Oneshot_AllocateAndFree);

void BM_Oneshot_CreateSendReceive(benchmark::State& state) {
  for (auto _ : state) {
    auto [sender, receiver] = Oneshot<int>();
    std::move(sender).Send(7);
    benchmark::DoNotOptimize(receiver.TryReceive());
  }
}
BENCHMARK(BM_Oneshot_CreateSendReceive);

void BM_Oneshot_CreatePollSendPoll(benchmark::State& state) {
  Waker waker = NoopWaker();
  Context context(waker);
  for (auto _ : state) {
    auto [sender, receiver] = Oneshot<int>();
    benchmark::DoNotOptimize(receiver.Poll(context).ready());
    std::move(sender).Send(7);
    benchmark::DoNotOptimize(receiver.Poll(context));
  }
}
BENCHMARK(BM_Oneshot_CreatePollSendPoll);

void BM_Oneshot_CreateAwaitSend(benchmark::State& state) {
  std::optional<OneshotSender<int>> pending;
  // Resumed in place by each send, and suspended in the next channel when that
  // returns.
  auto serve = [](std::optional<OneshotSender<int>>& pending) -> ForeignTask {
    for (;;) {
      auto [sender, receiver] = Oneshot<int>();
      pending.emplace(std::move(sender));
      benchmark::DoNotOptimize(co_await receiver);
    }
  };
  ForeignTask server = serve(pending);
  for (auto _ : state) {
    OneshotSender<int> sender = *std::move(pending);
    std::move(sender).Send(7);
  }
  server.Destroy();
}
BENCHMARK(BM_Oneshot_CreateAwaitSend);

void BM_Oneshot_CreateAndDrop(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Oneshot<int>());
}
BENCHMARK(BM_Oneshot_CreateAndDrop);

}  // namespace
}  // namespace weft
