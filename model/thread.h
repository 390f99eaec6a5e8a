// The thread type of the model checker. Inside an execution a thread is a fiber
// that the checker schedules; outside it is std::thread.

#ifndef WEFT_MODEL_THREAD_H_
#define WEFT_MODEL_THREAD_H_

#include <compare>
#include <functional>
#include <source_location>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weft/model/execution.h"

namespace weft::model {

/// Identifies a running thread; comparable and hashable.
class ThreadId {
 public:
  ThreadId() noexcept = default;
  explicit ThreadId(std::thread::id real) noexcept : real_(real) {}
  explicit ThreadId(int lane) noexcept : lane_(lane) {}

  friend bool operator==(const ThreadId&, const ThreadId&) noexcept = default;
  friend auto operator<=>(const ThreadId&, const ThreadId&) noexcept = default;

 private:
  friend std::hash<ThreadId>;

  std::thread::id real_;
  int lane_ = -1;
};

/// The identity of the calling thread.
inline ThreadId ThisThreadId() noexcept {
  if (Execution* e = Execution::Current()) return ThreadId(e->lane());
  return ThreadId(std::this_thread::get_id());
}

/// Has `call(argument)` called at the end of the calling thread, the main
/// thread of the test included; the last one first. Inside an execution only.
inline void AtThreadExit(void (*call)(void*), void* argument) {
  Execution::Current()->AtThreadExit(call, argument);
}

/// A std::thread. A test may use 14 of them besides its main thread.
class Thread {
  using Where = std::source_location;

 public:
  using id = ThreadId;
  using native_handle_type = std::thread::native_handle_type;

  Thread() noexcept = default;

  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Thread>) explicit Thread(
      F&& f, Where where = Where::current()) {
    Start(where, std::forward<F>(f));
  }

  template <class F, class Arg, class... Args>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Thread> &&
           !std::is_same_v<std::remove_cvref_t<Arg>,
                           Where>) explicit Thread(F&& f, Arg&& arg,
                                                   Args&&... args) {
    Start(Where::current(), std::forward<F>(f), std::forward<Arg>(arg),
          std::forward<Args>(args)...);
  }

  Thread(Thread&& other) noexcept
      : real_(std::move(other.real_)), lane_(std::exchange(other.lane_, -1)) {}

  Thread& operator=(Thread&& other) noexcept {
    CheckNotJoinable();
    real_ = std::move(other.real_);
    lane_ = std::exchange(other.lane_, -1);
    return *this;
  }

  ~Thread() { CheckNotJoinable(); }

  bool joinable() const noexcept { return lane_ >= 0 || real_.joinable(); }

  id get_id() const noexcept {
    return lane_ >= 0 ? ThreadId(lane_) : ThreadId(real_.get_id());
  }

  /// Of the system's thread; inside an execution, nothing of use.
  native_handle_type native_handle() { return real_.native_handle(); }

  void join(Where where = Where::current()) {
    if (lane_ < 0) return real_.join();
    Execution::Current()->Join(lane_, where);
    lane_ = -1;
  }

  void detach() {
    if (lane_ < 0) return real_.detach();
    lane_ = -1;
  }

  void swap(Thread& other) noexcept {
    std::swap(real_, other.real_);
    std::swap(lane_, other.lane_);
  }

  static unsigned hardware_concurrency() noexcept {
    return std::thread::hardware_concurrency();
  }

 private:
  template <class F, class... Args>
  void Start(const Where& where, F&& f, Args&&... args) {
    using Call = std::tuple<std::decay_t<F>, std::decay_t<Args>...>;
    Execution* e = Execution::Current();
    if (e == nullptr) {
      real_ = std::thread(std::forward<F>(f), std::forward<Args>(args)...);
      return;
    }
    auto* call = new Call(std::forward<F>(f), std::forward<Args>(args)...);
    const auto run = [](void* argument) {
      auto* call = static_cast<Call*>(argument);
      std::apply(
          [](auto& function, auto&... values) {
            std::invoke(std::move(function), std::move(values)...);
          },
          *call);
      delete call;
    };
    lane_ = e->Create(run, call, where);
  }

  void CheckNotJoinable() {
    if (lane_ < 0) return;  // std::thread looks after itself
    if (Execution* e = Execution::Current()) {
      e->Fail(Verdict::kMisuse, "a joinable thread was destroyed", Where());
    }
  }

  std::thread real_;
  int lane_ = -1;
};

}  // namespace weft::model

template <>
struct std::hash<weft::model::ThreadId> {
  size_t operator()(const weft::model::ThreadId& id) const noexcept {
    return std::hash<std::thread::id>()(id.real_) * 31 +
           static_cast<size_t>(id.lane_);
  }
};

#endif  // WEFT_MODEL_THREAD_H_
