// A variable that each model thread has for itself. The keyword thread_local
// will not do: all threads of an execution run on one thread of the system.

#ifndef WEFT_MODEL_THREAD_LOCAL_H_
#define WEFT_MODEL_THREAD_LOCAL_H_

#include <type_traits>

#include "weft/model/execution.h"

namespace weft::model {

/// The thread-local variable named by `Tag`, as base/thread_local.h's. Starts
/// as `T{}` in every thread of every execution. Outside executions the keyword.
template <class T, class Tag>
class ThreadLocal {
  static_assert(std::is_trivially_destructible_v<T>,
                "a thread-local must not need a destructor");

 public:
  ThreadLocal() = delete;

  /// The calling thread's variable. The reference is good until the thread
  /// ends.
  [[gnu::noinline]] static T& Get() noexcept {
    if (Execution* e = Execution::Current()) {
      return *static_cast<T*>(e->ThreadLocal(&initial_, &initial_, sizeof(T)));
    }
    T* address = &value_;
    // Opaque and volatile: no two calls are merged around a suspension.
    asm volatile("" : "+r"(address) : : "memory");
    return *address;
  }
  static T& GetHere() noexcept { return Get(); }

 private:
  static constinit const T initial_;
  static constinit thread_local T value_;
};

template <class T, class Tag>
constinit const T ThreadLocal<T, Tag>::initial_{};

template <class T, class Tag>
constinit thread_local T ThreadLocal<T, Tag>::value_{};

}  // namespace weft::model

#endif  // WEFT_MODEL_THREAD_LOCAL_H_
