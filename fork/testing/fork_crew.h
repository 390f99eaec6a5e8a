// A few threads that run fork coroutines, and nothing else: for tests and
// benchmarks of fork/ without a pool.

#ifndef WEFT_FORK_TESTING_FORK_CREW_H_
#define WEFT_FORK_TESTING_FORK_CREW_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/fork/fork_site.h"
#include "weft/fork/fork_task.h"

namespace weft::fork_testing {

/// A coroutine of no scheduler: runs until it first awaits, is resumed in place
/// by whatever it awaits, and says at its end how that was.
class Root {
 public:
  struct promise_type {
    atomic<bool>* done = nullptr;
    std::exception_ptr* exception = nullptr;

    template <class Task, class Result>
    promise_type(Task&, Result&, std::exception_ptr& error, atomic<bool>& flag)
        : done(&flag), exception(&error) {}

    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept {
      // Pairs with done() of the crew.
      done->store(true, std::memory_order_release);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { *exception = std::current_exception(); }
  };
};

template <class T>
Root RunRoot(ForkTask<T>& root, T& result, std::exception_ptr&, atomic<bool>&) {
  result = co_await std::move(root);
}

/// The calling thread and `thieves` others that do nothing but steal.
class ForkCrew {
 public:
  explicit ForkCrew(int thieves = 0) {
    for (int i = 0; i <= thieves; ++i) {
      sites_.push_back(std::make_unique<ForkSite>());
    }
    sites_[0]->Attach(nullptr, nullptr);
    for (int i = 1; i <= thieves; ++i) {
      threads_.emplace_back([this, i] {
        ForkSite& mine = *sites_[static_cast<std::size_t>(i)];
        mine.Attach(nullptr, nullptr);
        while (!stop_.load(std::memory_order_relaxed)) StealOnce(mine);
        mine.Detach();
      });
    }
  }
  ~ForkCrew() {
    stop_.store(true, std::memory_order_relaxed);
    for (Thread& thread : threads_) thread.join();
    sites_[0]->Detach();
  }
  ForkCrew(const ForkCrew&) = delete;
  ForkCrew& operator=(const ForkCrew&) = delete;

  /// Runs `root` to its end, and returns its result or throws its exception.
  template <class T>
  T Run(ForkTask<T> root) {
    T result{};
    std::exception_ptr exception;
    atomic<bool> done{false};
    RunRoot(root, result, exception, done);
    // ORDER: acquire. Pairs with the store in RunRoot: result and exception.
    while (!done.load(std::memory_order_acquire)) StealOnce(*sites_[0]);
    if (exception != nullptr) Rethrow(std::move(exception));
    return result;
  }

  ForkSite& site(std::size_t i = 0) { return *sites_[i]; }

 private:
  void StealOnce(ForkSite& mine) {
    bool busy = false;
    for (const auto& site : sites_) {
      if (TaskHeader* task = site->StealInto(mine, busy)) return task->Run();
    }
    YieldThread();
  }

  std::vector<std::unique_ptr<ForkSite>> sites_;
  std::vector<Thread> threads_;
  atomic<bool> stop_{false};
};

}  // namespace weft::fork_testing

#endif  // WEFT_FORK_TESTING_FORK_CREW_H_
