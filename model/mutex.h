// Mutex, MutexLock, SharedMutex and CondVar of the model checker. Outside an
// execution they are the standard ones.

#ifndef WEFT_MODEL_MUTEX_H_
#define WEFT_MODEL_MUTEX_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <source_location>
#include <utility>

#include "weft/model/execution.h"
#include "weft/model/time.h"
#include "weft/model/wait_queue.h"

namespace weft::model {

namespace model_internal {

/// The word that a lock is, in an execution: 0 is free.
class LockWord {
 public:
  using Where = std::source_location;

  constexpr explicit LockWord(const Where& where) {
    if (!std::is_constant_evaluated()) Begin(where);
  }
  LockWord(const LockWord&) = delete;
  LockWord& operator=(const LockWord&) = delete;
  constexpr ~LockWord() {
    if (!std::is_constant_evaluated()) End();
  }

  /// Waits until no bit of `mask` is set, then applies the update. Acquires.
  void Lock(Execution& e, uint64_t mask, Op op, uint64_t operand,
            const Where& where, const char* label) {
    e.Read({.atomic = ref(),
            .order = std::memory_order_acquire,
            .update = MakeUpdate(op, operand),
            .condition = {.kind = Condition::Kind::kEqual,
                          .mask = mask,
                          .operand = 0},
            .where = where,
            .label = label});
  }

  /// The update, if the word is `expected`.
  bool TryLock(Execution& e, uint64_t expected, uint64_t desired,
               const Where& where, const char* label) {
    Update update = MakeUpdate(Op::kCompareExchange, desired);
    update.expected.low = expected;
    return e
        .Read({.atomic = ref(),
               .order = std::memory_order_acquire,
               .failure_order = std::memory_order_relaxed,
               .update = update,
               .where = where,
               .label = label})
        .wrote;
  }

  uint64_t Load(Execution& e, const Where& where) {
    return e
        .Read({.atomic = ref(),
               .order = std::memory_order_relaxed,
               .where = where,
               .label = ""})
        .value.low;
  }

  /// Applies the update. Releases.
  void Unlock(Execution& e, Op op, uint64_t operand, const Where& where,
              const char* label) {
    e.Read({.atomic = ref(),
            .order = std::memory_order_release,
            .update = MakeUpdate(op, operand),
            .where = where,
            .label = label});
  }

  /// Sets the word to 0. Releases.
  void Clear(Execution& e, const Where& where) {
    e.Write(ref(), Value(), std::memory_order_release, where, "unlock");
  }

 private:
  AtomicRef ref() const { return {&word_, sizeof(word_)}; }

  void Begin(const Where& where) {
    if (Execution* e = Execution::Current()) e->ConstructAtomic(ref(), where);
  }
  void End() {
    if (Execution* e = Execution::Current()) e->DestroyAtomic(ref(), Where());
  }

  static Update MakeUpdate(Op op, uint64_t operand) {
    return {.op = op, .size = 4, .operand = {operand, 0}, .expected = {}};
  }

  const uint32_t word_ = 0;
};

}  // namespace model_internal

/// A mutual exclusion lock. Not recursive: a second lock by its owner is a
/// deadlock. Lockable.
class Mutex {
  using Where = std::source_location;

 public:
  constexpr Mutex(Where where = Where::current()) noexcept : word_(where) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.lock();
    word_.Lock(*e, ~uint64_t{0}, Op::kExchange, 1, where, "lock");
    owner_ = e->lane();
  }

  bool try_lock(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.try_lock();
    const bool locked = word_.TryLock(*e, 0, 1, where, "try_lock");
    if (locked) owner_ = e->lane();
    return locked;
  }

  void unlock(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.unlock();
    if (owner_ != e->lane()) {
      e->Fail(Verdict::kMisuse, "a mutex is unlocked by a thread without it",
              where);
    }
    owner_ = -1;
    word_.Clear(*e, where);
  }

 private:
  std::mutex real_;
  model_internal::LockWord word_;
  int owner_ = -1;  // within the execution
};

/// A lock for one writer or many readers.
class SharedMutex {
  using Where = std::source_location;
  static constexpr uint64_t kWriter = uint64_t{1} << 31;

 public:
  SharedMutex(Where where = Where::current()) : word_(where) {}
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.lock();
    word_.Lock(*e, ~uint64_t{0}, Op::kExchange, kWriter, where, "lock");
  }

  bool try_lock(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.try_lock();
    return word_.TryLock(*e, 0, kWriter, where, "try_lock");
  }

  void unlock(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.unlock();
    word_.Clear(*e, where);
  }

  void lock_shared(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.lock_shared();
    word_.Lock(*e, kWriter, Op::kAdd, 1, where, "lock_shared");
  }

  bool try_lock_shared(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.try_lock_shared();
    const uint64_t seen = word_.Load(*e, where);
    return (seen & kWriter) == 0 &&
           word_.TryLock(*e, seen, seen + 1, where, "try_lock_shared");
  }

  void unlock_shared(Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.unlock_shared();
    word_.Unlock(*e, Op::kSub, 1, where, "unlock_shared");
  }

 private:
  std::shared_mutex real_;
  model_internal::LockWord word_;
};

/// Holds a Mutex for a scope: std::unique_lock, which says where in the source
/// it locks.
class MutexLock {
  using Where = std::source_location;

 public:
  using mutex_type = Mutex;

  MutexLock() noexcept = default;
  explicit MutexLock(Mutex& mutex, Where where = Where::current())
      : mutex_(&mutex) {
    lock(where);
  }
  MutexLock(Mutex& mutex, std::defer_lock_t) noexcept : mutex_(&mutex) {}
  MutexLock(Mutex& mutex, std::try_to_lock_t, Where where = Where::current())
      : mutex_(&mutex), owns_(mutex.try_lock(where)) {}
  MutexLock(Mutex& mutex, std::adopt_lock_t) : mutex_(&mutex), owns_(true) {}
  MutexLock(MutexLock&& other) noexcept
      : mutex_(std::exchange(other.mutex_, nullptr)),
        owns_(std::exchange(other.owns_, false)) {}
  MutexLock& operator=(MutexLock&& other) noexcept {
    if (owns_) unlock();
    mutex_ = std::exchange(other.mutex_, nullptr);
    owns_ = std::exchange(other.owns_, false);
    return *this;
  }
  ~MutexLock() {
    if (owns_) unlock();
  }

  void lock(Where where = Where::current()) {
    mutex_->lock(where);
    owns_ = true;
  }
  bool try_lock(Where where = Where::current()) {
    owns_ = mutex_->try_lock(where);
    return owns_;
  }
  void unlock(Where where = Where::current()) {
    owns_ = false;
    mutex_->unlock(where);
  }
  Mutex* release() noexcept {
    owns_ = false;
    return std::exchange(mutex_, nullptr);
  }
  void swap(MutexLock& other) noexcept {
    std::swap(mutex_, other.mutex_);
    std::swap(owns_, other.owns_);
  }

  Mutex* mutex() const noexcept { return mutex_; }
  bool owns_lock() const noexcept { return owns_; }
  explicit operator bool() const noexcept { return owns_; }

 private:
  Mutex* mutex_ = nullptr;
  bool owns_ = false;
};

/// A condition variable for MutexLock. Notifying one wakes any of those that
/// wait; time-outs and wakes without reason are as the options say.
class CondVar {
  using Where = std::source_location;

 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void notify_one(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.notify_one();
    WaitQueue(*e, this, where, "notify_one").Wake(1);
  }

  void notify_all(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.notify_all();
    WaitQueue(*e, this, where, "notify_all").WakeAll();
  }

  void wait(MutexLock& lock, Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.wait(lock);
    WaitQueue queue(*e, this, where, "wait");
    queue.Enter();
    lock.unlock(where);
    queue.Sleep();
    lock.lock(where);
  }

  template <class Predicate>
  void wait(MutexLock& lock, Predicate predicate,
            Where where = Where::current()) {
    while (!predicate()) wait(lock, where);
  }

  template <class C, class Duration>
  std::cv_status wait_until(MutexLock& lock,
                            const std::chrono::time_point<C, Duration>& when,
                            Where where = Where::current()) {
    Execution* e = Execution::Current();
    if (e == nullptr) return real_.wait_until(lock, when);
    WaitQueue queue(*e, this, where, "wait");
    queue.Enter();
    lock.unlock(where);
    const bool woken = queue.SleepUntil(
        Clock::ToVirtual(std::chrono::time_point_cast<Clock::duration>(when)));
    lock.lock(where);
    return woken ? std::cv_status::no_timeout : std::cv_status::timeout;
  }

  template <class C, class Duration, class Predicate>
  bool wait_until(MutexLock& lock,
                  const std::chrono::time_point<C, Duration>& when,
                  Predicate predicate, Where where = Where::current()) {
    while (!predicate()) {
      if (wait_until(lock, when, where) == std::cv_status::timeout) {
        return predicate();
      }
    }
    return true;
  }

  template <class Rep, class Period>
  std::cv_status wait_for(MutexLock& lock,
                          const std::chrono::duration<Rep, Period>& timeout,
                          Where where = Where::current()) {
    return wait_until(lock, Clock::now() + timeout, where);
  }

  template <class Rep, class Period, class Predicate>
  bool wait_for(MutexLock& lock,
                const std::chrono::duration<Rep, Period>& timeout,
                Predicate predicate, Where where = Where::current()) {
    return wait_until(lock, Clock::now() + timeout, std::move(predicate),
                      where);
  }

 private:
  std::condition_variable_any real_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_MUTEX_H_
