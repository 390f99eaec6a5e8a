// Locks, as tools/compare/workloads.txt has them.

#include <cstdint>

#include "weft/pool/pool.h"
#include "weft/sync/async_mutex.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

constexpr int kTasks = 100;

struct Guarded {
  AsyncMutex mutex;
  std::int64_t number = 0;
};

Task<> AddOnes(Guarded* guarded, Countdown* end, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    AsyncMutexGuard guard = co_await guarded->mutex.Lock();
    ++guarded->number;
  }
  end->Done();
}

}  // namespace

std::int64_t MutexContended(Runtime& runtime, std::int64_t n, Recorder&) {
  Guarded guarded;
  runtime.end.Reset(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    runtime.pool.SpawnDetached(AddOnes(&guarded, &runtime.end, n));
  }
  runtime.end.Wait();
  return guarded.number;
}

}  // namespace weft::compare
