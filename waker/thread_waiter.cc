#include "weft/waker/thread_waiter.h"

#include <pthread.h>

#include <utility>

#include "weft/base/check.h"
#include "weft/base/thread_local.h"
#include "weft/waker/park_token.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/check.h"
#include "weft/model/thread.h"
#endif

namespace weft {
namespace {

class SleepingWaiter final : public ThreadWaiter {
 public:
  Waker GetWaker() override { return token_.GetWaker(); }
  void Park() override { token_.Park(); }

 private:
  ParkToken token_;
};

struct Waiters {
  ThreadWaiter* installed = nullptr;
  SleepingWaiter* sleeping = nullptr;
};
struct WaitersTag;
using ThisThread = ThreadLocal<Waiters, WaitersTag>;

void DeleteAtThreadExit(void* sleeping) {
  ThisThread::Get().sleeping = nullptr;
  delete static_cast<SleepingWaiter*>(sleeping);
}

// A pthread key and not a thread_local with a destructor: keys are cleared
// after all thread_locals, so that their destructors may still wait, and once
// more if the key was set again meanwhile. The main thread's waiter lives to
// the end of the process.
pthread_key_t ExitKey() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    Check(pthread_key_create(&made, DeleteAtThreadExit) == 0,
          "there is a pthread key left for the thread waiters");
    return made;
  }();
  return key;
}

SleepingWaiter* MakeSleeping() {
  auto* sleeping = new SleepingWaiter;
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
  // The checker's threads are no threads of the system's.
  if (model::InExecution()) {
    model::AtThreadExit(DeleteAtThreadExit, sleeping);
    return sleeping;
  }
#endif
  Check(pthread_setspecific(ExitKey(), sleeping) == 0,
        "there is memory for this thread's key");
  return sleeping;
}

}  // namespace

ThreadWaiter& ThreadWaiter::Current() {
  Waiters& mine = ThisThread::Get();
  if (mine.installed != nullptr) return *mine.installed;
  if (mine.sleeping == nullptr) mine.sleeping = MakeSleeping();
  return *mine.sleeping;
}

ThreadWaiter* ThreadWaiter::ExchangeCurrent(ThreadWaiter* waiter) {
  return std::exchange(ThisThread::Get().installed, waiter);
}

}  // namespace weft
