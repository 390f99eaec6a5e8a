// The threads of workers that come and go.

#ifndef WEFT_POOL_WORKER_THREADS_H_
#define WEFT_POOL_WORKER_THREADS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "weft/base/exception.h"
#include "weft/base/mutex.h"
#include "weft/base/thread.h"

namespace weft::pool_internal {

/// A place for each worker: the thread that is in it, and the one before that,
/// which has retired. Each thread joins the one before it at its own end, so
/// that whoever joins the last ones has joined all, and none is kept but those.
/// Any thread, but for what is said. All under one mutex: a start costs tens of
/// microseconds anyway.
class WorkerThreads {
 public:
  explicit WorkerThreads(std::uint32_t workers) : places_(workers) {}

  /// Starts the first or the next thread of place `index`. False: the system
  /// refuses; nothing is changed.
  template <class Main>
  bool Start(std::uint32_t index, Main main) noexcept {
    MutexLock lock(mutex_);
    Place& place = places_[index];
    return CatchAll([&] {
             Thread next(std::move(main));
             place.before = std::move(place.now);
             place.now = std::move(next);
             if (!joined_) place.now.detach();
           }) == nullptr;
  }

  /// The thread before the calling one, in place `index`: that one joins it. At
  /// its start.
  Thread TakeBefore(std::uint32_t index) {
    MutexLock lock(mutex_);
    return std::move(places_[index].before);
  }

  /// Joins the threads (all are about to end), but for the calling one; or
  /// (`join` is false) leaves them to themselves, also those yet to come. By
  /// the pool, at its end.
  void End(bool join) {
    std::vector<Place> ending(places_.size());
    {
      MutexLock lock(mutex_);
      joined_ = join;
      for (std::size_t i = 0; i < places_.size(); ++i) {
        ending[i].now = std::move(places_[i].now);
      }
    }
    for (Place& place : ending) {
      if (!place.now.joinable()) continue;
      if (join && place.now.get_id() != ThisThreadId()) {
        place.now.join();
      } else {
        place.now.detach();
      }
    }
  }

 private:
  struct Place {
    Thread now;
    Thread before;
  };

  Mutex mutex_;
  // Guarded by mutex_.
  std::vector<Place> places_;
  bool joined_ = true;
};

/// Where threads stay until the pool ends: that one keeps them.
struct NoWorkerThreads {
  explicit NoWorkerThreads(std::uint32_t) {}
};

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_WORKER_THREADS_H_
