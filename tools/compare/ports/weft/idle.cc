// What a sleeping pool and a waiting task cost, as tools/compare/workloads.txt
// has it.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "weft/pool/pool.h"
#include "weft/sync/oneshot.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

Task<> ReadClock(Clock::time_point* now, Countdown* end) {
  *now = Clock::now();
  end->Done();
  co_return;
}

struct Parked {
  std::vector<std::optional<OneshotSender<int>>> senders;
  std::atomic<std::int64_t> received{0};
  Countdown* end;
};

Task<> Park(Parked* all, std::size_t i) {
  auto [sender, receiver] = Oneshot<int>();
  all->senders[i] = std::move(sender);
  all->end->Done();
  const std::optional<int> value = co_await receiver;
  all->received.fetch_add(value.value_or(0), std::memory_order_relaxed);
  all->end->Done();
}

Task<> ParkAll(Parked* all) {
  for (std::size_t i = 0; i < all->senders.size(); ++i) {
    SpawnDetached(Park(all, i));
  }
  co_return;
}

}  // namespace

std::int64_t WakeIdle(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  for (std::int64_t i = 0; i < n; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Clock::time_point woken;
    runtime.end.Reset(1);
    const Clock::time_point begin = Clock::now();
    runtime.pool.SpawnDetached(ReadClock(&woken, &runtime.end));
    runtime.end.Wait();
    recorder.Add(
        std::chrono::duration<double, std::nano>(woken - begin).count());
  }
  return n;
}

std::int64_t IdleCpu(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  SpawnManyRemote(runtime, 10'000, recorder);
  RecordIdleCpu(n, recorder);
  return n;
}

std::int64_t RssParked(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  Parked all{.senders = {}, .end = &runtime.end};
  all.senders.resize(static_cast<std::size_t>(n));
  const std::int64_t before = ResidentBytes();
  runtime.end.Reset(n);
  runtime.pool.SpawnDetached(ParkAll(&all));
  runtime.end.Wait();
  // The last of them is about to wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  recorder.Add(static_cast<double>(ResidentBytes() - before) /
               static_cast<double>(n));
  runtime.end.Reset(n);
  for (auto& sender : all.senders) std::move(*sender).Send(1);
  runtime.end.Wait();
  return all.received.load(std::memory_order_relaxed);
}

}  // namespace weft::compare
