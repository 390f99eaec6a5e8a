#include "weft/pool/metrics.h"

#include "absl/strings/str_cat.h"

namespace weft {
namespace {

constexpr std::array<const char*, kWorkerEvents> kNames = {
    "spawn",  "slot poll", "injector pop", "overflow",
    "search", "steal",     "stolen task",  "slot steal",
    "wake",   "park",      "useless wake", "re-check hit"};

}  // namespace

const char* WorkerEventName(WorkerEvent event) {
  return kNames[static_cast<std::size_t>(event)];
}

std::uint64_t PoolMetrics::Total(WorkerEvent event) const {
  std::uint64_t total = 0;
  for (const Worker& worker : workers) total += worker[event];
  return total;
}

std::uint64_t PoolMetrics::polls() const {
  std::uint64_t total = 0;
  for (const Worker& worker : workers) total += worker.polls;
  return total;
}

std::string PoolMetrics::ToString() const {
  std::string text = absl::StrCat(
      "workers: ", workers.size(), "\ntasks alive: ", alive,
      "\ntasks complete: ", completed, "\nspawned outside: ", spawned_outside,
      "\npolls: ", polls(), "\nin the injector: ", injector_queued, "\n");
  for (std::size_t i = 0; i < kWorkerEvents; ++i) {
    absl::StrAppend(&text, kNames[i], ": ", Total(static_cast<WorkerEvent>(i)),
                    "\n");
  }
  return text;
}

}  // namespace weft
