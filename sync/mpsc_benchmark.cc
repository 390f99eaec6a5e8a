// A message from sender to receiver on one thread: where nobody waits, where
// the receiver waits for each, and where a sender waits for each.

#include <cstdint>
#include <optional>
#include <utility>

#include "benchmark/benchmark.h"
#include "weft/sync/mpsc.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

constexpr std::size_t kCapacity = 1024;

void BM_Mpsc_TrySendTryReceive(benchmark::State& state) {
  auto [sender, receiver] = Mpsc<std::int64_t>(kCapacity);
  for (auto _ : state) {
    (void)sender.TrySend(7);
    benchmark::DoNotOptimize(receiver.TryReceive());
  }
}
BENCHMARK(BM_Mpsc_TrySendTryReceive);

// Half a ring at a time.
void BM_Mpsc_Batches(benchmark::State& state) {
  auto [sender, receiver] = Mpsc<std::int64_t>(kCapacity);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCapacity / 2; ++i) (void)sender.TrySend(7);
    for (std::size_t i = 0; i < kCapacity / 2; ++i) {
      benchmark::DoNotOptimize(receiver.TryReceive());
    }
  }
  state.SetItemsProcessed(state.iterations() * (kCapacity / 2));
}
BENCHMARK(BM_Mpsc_Batches);

ForeignTask ReceiveAll(MpscReceiver<std::int64_t>& receiver) {
  while (auto value = co_await receiver.Receive()) {
    benchmark::DoNotOptimize(value);
  }
}
ForeignTask SendAll(MpscSender<std::int64_t>& sender) {
  for (;;) {
    // Named: g++ 12 miscompiles a co_await in a condition that has no
    // declaration.
    if (auto refused = co_await sender.Send(7)) break;
  }
}

void BM_Mpsc_TheReceiverWaits(benchmark::State& state) {
  auto [sender, receiver] = Mpsc<std::int64_t>(kCapacity);
  ForeignTask task = ReceiveAll(receiver);
  for (auto _ : state) (void)sender.TrySend(7);
  task.Destroy();
}
BENCHMARK(BM_Mpsc_TheReceiverWaits);

void BM_Mpsc_ASenderWaits(benchmark::State& state) {
  auto [sender, receiver] = Mpsc<std::int64_t>(kCapacity);
  ForeignTask task = SendAll(sender);
  for (auto _ : state) benchmark::DoNotOptimize(receiver.TryReceive());
  task.Destroy();
}
BENCHMARK(BM_Mpsc_ASenderWaits);

void BM_Mpsc_CreateAndDrop(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Mpsc<std::int64_t>(16));
}
BENCHMARK(BM_Mpsc_CreateAndDrop);

}  // namespace
}  // namespace weft
