// Abort and deadline: a task that never ends, ended from outside; and a pool
// that stops in time whatever its tasks do.

#include <chrono>
#include <cstdio>

#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/task/yield.h"

namespace {

// Says when it goes: an aborted task's locals are destroyed on a worker.
struct Farewell {
  ~Farewell() { std::printf("  its locals are destroyed\n"); }
};

weft::Task<> YieldForever() {
  Farewell farewell;
  for (;;) co_await weft::YieldNow();
}

}  // namespace

int main() {
  using std::chrono::milliseconds;
  weft::Pool pool;

  std::printf("A task that yields for ever, aborted:\n");
  auto yielding = pool.Spawn(YieldForever());
  weft::SleepFor(milliseconds(20));
  yielding.Abort();
  std::printf("  cancelled: %s\n",
              std::move(yielding).Join().cancelled() ? "yes" : "no");

  std::printf("Another one, and a shutdown that gives it 20 ms to end:\n");
  pool.SpawnDetached(YieldForever());
  absl::Status status = pool.Shutdown(
      {.mode = weft::ShutdownMode::kDrain, .timeout = milliseconds(20)});
  std::printf("  %s\n", status.ToString().c_str());
}
