#ifndef WEFT_POOL_OPTIONS_H_
#define WEFT_POOL_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory_resource>
#include <string>

#include "absl/status/status.h"

namespace weft {

/// The numbers and hooks of a pool. A plain value; every default is good.
struct Options {
  /// Most workers a pool may have.
  static constexpr int kMaxWorkers = 1024;

  /// Worker threads. 0: one for each processor this process may use, by its
  /// affinity mask and its cgroup's quota, and at least one.
  int workers = 0;

  /// Threads are named "<name>-<index>"; the system keeps 15 characters.
  std::string name = "weft";

  /// How often the watchdog looks for single tasks that wait behind a long
  /// poll; at most an hour, and less than 100 microseconds counts as that.
  /// Zero: there is none, and such a task waits for the poll's end.
  std::chrono::nanoseconds watchdog_period = std::chrono::milliseconds(10);

  /// Shards of the queue for tasks from outside: a power of two, at most 64. 0:
  /// one for four workers, at most 16.
  int injector_shards = 0;

  /// Seeds the order in which victims are robbed. 0: a different one each time.
  std::uint64_t seed = 0;

  /// Where tasks are allocated that are not coroutines. Null: operator new.
  /// Must be thread-safe and outlive every handle and waker of the pool's
  /// tasks.
  std::pmr::memory_resource* memory_resource = nullptr;

  /// Called on each worker thread, with the worker's index, before its first
  /// task and after its last; as many stops as starts. May spawn; what the stop
  /// hook spawns ends as cancelled. Must not throw: the program would end.
  std::function<void(int worker)> on_thread_start;
  std::function<void(int worker)> on_thread_stop;

  /// Called on a worker before it sleeps; may spawn and wake, and then the
  /// worker runs that instead. Should be short. Must not throw.
  std::function<void(int worker)> before_park;

  /// What happens to an exception that a task ends with and nobody will take
  /// (the task was detached). Null: it is written to stderr and the program
  /// ends, as for an exception that leaves a std::thread.
  std::function<void(std::exception_ptr)> on_unhandled_exception;

  /// Says what is wrong, in one sentence with the value in it, or OK.
  absl::Status Validate() const;
};

}  // namespace weft

#endif  // WEFT_POOL_OPTIONS_H_
