// Channels, as tools/compare/workloads.txt has them.

#include <cstdint>
#include <optional>
#include <utility>

#include "weft/pool/pool.h"
#include "weft/sync/mpsc.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

Task<> ReceiveAll(MpscReceiver<std::int64_t> receiver, std::int64_t* sum,
                  Countdown* end) {
  while (std::optional<std::int64_t> value = co_await receiver.Receive()) {
    *sum += *value;
  }
  end->Done();
}

Task<> SendAll(MpscSender<std::int64_t> sender, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    std::optional<std::int64_t> refused = co_await sender.Send(i);
    if (refused.has_value()) co_return;
  }
}

}  // namespace

std::int64_t MpscBounded(Runtime& runtime, std::int64_t n, Recorder&) {
  auto [sender, receiver] = Mpsc<std::int64_t>(1024);
  std::int64_t sum = 0;
  runtime.end.Reset(1);
  runtime.pool.SpawnDetached(
      ReceiveAll(std::move(receiver), &sum, &runtime.end));
  runtime.pool.SpawnDetached(SendAll(std::move(sender), n));
  runtime.end.Wait();
  return sum;
}

}  // namespace weft::compare
