// The one door to locks: every other file of Weft includes this and never
// <mutex> or <condition_variable>. In the ordinary build the names are the
// standard types.

#ifndef WEFT_BASE_MUTEX_H_
#define WEFT_BASE_MUTEX_H_

#include <condition_variable>
#include <mutex>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/mutex.h"
#endif

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

using model::CondVar;
using model::Mutex;
using model::MutexLock;

#else

/// A mutual exclusion lock: std::mutex, so `lock`, `try_lock`, `unlock`
/// (Lockable). Not recursive. Unlocking releases and locking acquires.
using Mutex = std::mutex;

/// Holds a Mutex for a scope: std::unique_lock, which a CondVar can wait with
/// and which can be released early.
using MutexLock = std::unique_lock<Mutex>;

/// A condition variable used with MutexLock: `wait(lock, predicate)`,
/// `wait_for`, `wait_until`, `notify_one`, `notify_all`. Wakes may be spurious:
/// always wait with a predicate or in a loop.
using CondVar = std::condition_variable;

#endif

}  // namespace weft

#endif  // WEFT_BASE_MUTEX_H_
