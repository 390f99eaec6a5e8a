#ifndef WEFT_POOL_STOP_MEETING_H_
#define WEFT_POOL_STOP_MEETING_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "weft/base/mutex.h"

namespace weft::pool_internal {

/// Where the workers of a stopping pool meet, so that tasks are cancelled only
/// when no worker runs user code: first all stop, then one makes a pass, in
/// which it cancels everything (Tokio #3228: stopped one after the other, a
/// task on one worker waits for a task of another for ever).
///
/// A worker that blocks inside a task comes too, and stays until what it waits
/// for has been cancelled. One that blocks in a destructor during its own pass
/// lets go of the pass meanwhile, so that those who wait for the cancelled may
/// go on: the destructor may be waiting for one of them. Nobody but the passer
/// runs user code beside a pass.
///
/// Passes are made by workers that have left their loop, as long as there is
/// one: on the stack of a worker that waits inside a task a destructor that
/// waits for that task would wait for ever.
///
/// All on one mutex: this is the end, nothing here is fast. Called by the
/// workers, except where it says otherwise.
class StopMeeting {
 public:
  /// What is known of one worker. Written by that worker under the lock.
  class Member {
    friend StopMeeting;
    // Whether it has left its loop.
    bool left = false;
    // Whether it is inside a pass of its own.
    bool passing = false;
  };

  explicit StopMeeting(std::uint32_t workers) : expected_(workers) {}

  /// Only so many workers could be started; none of them has come here yet. By
  /// the thread that starts them.
  void Expect(std::uint32_t workers) {
    MutexLock lock(mutex_);
    expected_ = workers;
  }

  /// A worker whose thread has ended will not come: the system refuses it
  /// another. None has left the meeting for good yet. Any thread.
  void ExpectOneLess() {
    MutexLock lock(mutex_);
    --expected_;
    changed_.notify_all();
  }

  /// A worker has left its loop for good. When all are here, one calls
  /// `pass()`, which returns whether nothing is left; again and again until it
  /// does. Returns when that is so and nobody will come back from inside.
  template <class Pass>
  void Leave(Member& me, Pass&& pass) {
    MutexLock lock(mutex_);
    me.left = true;
    ++here_;
    ++left_;
    while (!over_) {
      if (watcher_ == nullptr) watcher_ = &me;
      if (watcher_ != &me) {
        changed_.wait(lock);
      } else if (!MayPass(me) || !MakePass(lock, me, pass)) {
        WaitAMoment(lock);
      }
    }
  }

  /// A worker waits inside a task until `done()`, which is called under the
  /// lock.
  template <class Done, class Pass>
  void WaitInside(Member& me, Done&& done, Pass&& pass) {
    MutexLock lock(mutex_);
    if (me.passing) {
      passing_ = false;
      if (watcher_ == &me) watcher_ = nullptr;
      changed_.notify_all();
    } else {
      ++here_;
    }
    while (!done()) {
      if (!MayPass(me) || !MakePass(lock, me, pass)) WaitAMoment(lock);
    }
    // We come before any new pass, else they might keep us here for long.
    ++going_on_;
    while (passing_ || (me.passing && here_ != expected_)) WaitAMoment(lock);
    --going_on_;
    if (me.passing) {
      passing_ = true;
    } else {
      --here_;
    }
  }

  /// The last act of a worker. True for the last worker.
  bool Exit() {
    MutexLock lock(mutex_);
    ++exited_;
    changed_.notify_all();
    return exited_ == expected_;
  }

  /// Waits until all workers have ended. False: the time is over. Any thread.
  bool WaitForEnd(std::optional<std::chrono::nanoseconds> timeout) {
    // What is longer cannot be added to the time of day.
    constexpr std::chrono::hours kForever{24 * 365 * 100};
    MutexLock lock(mutex_);
    const auto ended = [this] { return exited_ == expected_; };
    if (!timeout || *timeout > kForever) {
      changed_.wait(lock, ended);
      return true;
    }
    return changed_.wait_for(lock, *timeout, ended);
  }

  /// How many workers have not ended. Any thread.
  std::uint32_t StillThere() {
    MutexLock lock(mutex_);
    return expected_ - exited_;
  }

 private:
  bool MayPass(const Member& me) const {
    if (here_ != expected_ || passing_ || going_on_ != 0) return false;
    if (!me.left) return left_ == 0;
    return watcher_ == nullptr || watcher_ == &me;
  }

  // Returns whether that was the end.
  template <class Pass>
  bool MakePass(MutexLock& lock, Member& me, Pass&& pass) {
    // It may be a pass in a destructor in a pass.
    const bool outer = std::exchange(me.passing, true);
    passing_ = true;
    lock.unlock();
    const bool nothing_left = pass();
    lock.lock();
    passing_ = false;
    me.passing = outer;
    if (nothing_left && left_ == expected_) over_ = true;
    changed_.notify_all();
    return over_;
  }

  // A pass can become worth while without a word to us: a thread outside that
  // was about to hand over a task has done so. So can `done()`. Hence the
  // limit.
  void WaitAMoment(MutexLock& lock) {
    changed_.wait_for(lock, std::chrono::milliseconds(1));
  }

  Mutex mutex_;
  CondVar changed_;
  // Guarded by mutex_.
  std::uint32_t expected_;
  // Workers that run no user code: those that left, and those that wait.
  std::uint32_t here_ = 0;
  std::uint32_t left_ = 0;
  std::uint32_t exited_ = 0;
  // Workers that have what they waited for and are about to go on.
  std::uint32_t going_on_ = 0;
  // The one that makes the passes, of those that left and are free to.
  const Member* watcher_ = nullptr;
  bool passing_ = false;
  bool over_ = false;
};

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_STOP_MEETING_H_
