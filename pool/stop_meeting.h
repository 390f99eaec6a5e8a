#ifndef WEFT_POOL_STOP_MEETING_H_
#define WEFT_POOL_STOP_MEETING_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "weft/base/mutex.h"

namespace weft::pool_internal {

/// Where the workers of a stopping pool meet, so that tasks are cancelled only
/// when no worker runs user code: first all stop, then one cancels everything
/// (Tokio #3228: stopped one after the other, a task on one worker waits for a
/// task of another for ever).
///
/// A worker that blocks inside a task comes too, and stays until what it waits
/// for has been cancelled. Nobody runs user code beside a pass.
///
/// All on one mutex: this is the end, nothing here is fast.
class StopMeeting {
 public:
  explicit StopMeeting(std::uint32_t workers) : expected_(workers) {}

  /// How many workers there really are, before any comes here.
  void Expect(std::uint32_t workers) {
    MutexLock lock(mutex_);
    expected_ = workers;
    changed_.notify_all();
  }

  /// A worker has left its loop for good. When all are here, one calls
  /// `pass()`, which returns whether nothing is left; again and again until it
  /// does. Returns when that is so and nobody will come back from inside.
  template <class Pass>
  void Leave(Pass&& pass) {
    std::unique_lock<Mutex> lock(mutex_);
    ++here_;
    ++left_;
    while (!over_) {
      if (TakePass()) {
        lock.unlock();
        const bool nothing_left = pass();
        lock.lock();
        EndPass(nothing_left);
      }
      if (!over_) WaitAMoment(lock);
    }
  }

  /// A worker that waits inside a task until `done()`.
  template <class Done, class Pass>
  void WaitInside(Done&& done, Pass&& pass) {
    std::unique_lock<Mutex> lock(mutex_);
    ++here_;
    while (!done()) {
      if (TakePass()) {
        lock.unlock();
        const bool nothing_left = pass();
        lock.lock();
        EndPass(nothing_left);
      } else {
        WaitAMoment(lock);
      }
    }
    while (passing_) WaitAMoment(lock);
    --here_;
  }

  /// The last act of a worker's thread. True for the last worker.
  bool Exit() {
    MutexLock lock(mutex_);
    ++exited_;
    changed_.notify_all();
    return exited_ == expected_;
  }

  /// Waits until all workers have ended. False: the time is over.
  bool WaitForEnd(std::optional<std::chrono::nanoseconds> timeout) {
    std::unique_lock<Mutex> lock(mutex_);
    const auto ended = [this] { return exited_ == expected_; };
    if (!timeout) {
      changed_.wait(lock, ended);
      return true;
    }
    return changed_.wait_for(lock, *timeout, ended);
  }

  /// How many workers have not ended.
  std::uint32_t StillThere() {
    MutexLock lock(mutex_);
    return expected_ - exited_;
  }

 private:
  bool TakePass() {
    if (passing_ || here_ != expected_) return false;
    passing_ = true;
    return true;
  }
  void EndPass(bool nothing_left) {
    passing_ = false;
    if (nothing_left && left_ == expected_) over_ = true;
    changed_.notify_all();
  }
  // A pass can become worth while without a word to us: a thread outside that
  // was about to hand over a task has done so. Hence the limit.
  void WaitAMoment(std::unique_lock<Mutex>& lock) {
    changed_.wait_for(lock, std::chrono::milliseconds(1));
  }

  Mutex mutex_;
  CondVar changed_;
  // Guarded by mutex_.
  std::uint32_t expected_;
  std::uint32_t here_ = 0;
  std::uint32_t left_ = 0;
  std::uint32_t exited_ = 0;
  bool passing_ = false;
  bool over_ = false;
};

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_STOP_MEETING_H_
