// Mutex, MutexLock and CondVar of model mode: the standard ones with a
// perturbation before each operation and spurious wakes (base/perturb.h).
// Include base/mutex.h, never this.

#ifndef WEFT_BASE_MODEL_MUTEX_H_
#define WEFT_BASE_MODEL_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "weft/base/perturb.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

namespace weft {
inline namespace model_mode {

/// A std::mutex with perturbed lock, try_lock and unlock. Lockable.
class Mutex {
 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() {
    base_internal::Perturb();
    mutex_.lock();
  }

  bool try_lock() noexcept {
    base_internal::Perturb();
    // Lockable allows a spurious failure, so callers must survive one.
    if (base_internal::PerturbChance()) return false;
    return mutex_.try_lock();
  }

  void unlock() noexcept {
    mutex_.unlock();
    base_internal::Perturb();
  }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope.
using MutexLock = std::unique_lock<Mutex>;

/// A condition variable for MutexLock that now and then wakes for no reason, as
/// the standard allows.
class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void notify_one() noexcept {
    base_internal::Perturb();
    condition_.notify_one();
  }

  void notify_all() noexcept {
    base_internal::Perturb();
    condition_.notify_all();
  }

  void wait(MutexLock& lock) {
    if (SpuriousWake(lock)) return;
    condition_.wait(lock);
  }

  template <class Predicate>
  void wait(MutexLock& lock, Predicate predicate) {
    while (!predicate()) wait(lock);
  }

  template <class Clock, class Duration>
  std::cv_status wait_until(
      MutexLock& lock, const std::chrono::time_point<Clock, Duration>& when) {
    if (SpuriousWake(lock)) return std::cv_status::no_timeout;
    return condition_.wait_until(lock, when);
  }

  template <class Clock, class Duration, class Predicate>
  bool wait_until(MutexLock& lock,
                  const std::chrono::time_point<Clock, Duration>& when,
                  Predicate predicate) {
    while (!predicate()) {
      if (wait_until(lock, when) == std::cv_status::timeout) return predicate();
    }
    return true;
  }

  template <class Rep, class Period>
  std::cv_status wait_for(MutexLock& lock,
                          const std::chrono::duration<Rep, Period>& timeout) {
    return wait_until(lock, std::chrono::steady_clock::now() + timeout);
  }

  template <class Rep, class Period, class Predicate>
  bool wait_for(MutexLock& lock,
                const std::chrono::duration<Rep, Period>& timeout,
                Predicate predicate) {
    return wait_until(lock, std::chrono::steady_clock::now() + timeout,
                      std::move(predicate));
  }

 private:
  static bool SpuriousWake(MutexLock& lock) {
    if (!base_internal::PerturbChance()) return false;
    lock.unlock();
    lock.lock();
    return true;
  }

  std::condition_variable_any condition_;
};

}  // namespace model_mode
}  // namespace weft

#endif  // model mode

#endif  // WEFT_BASE_MODEL_MUTEX_H_
