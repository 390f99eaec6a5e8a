#include "weft/waker/park_token.h"

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/futex.h"
#include "weft/base/mutex.h"
#include "weft/waker/waker.h"

namespace weft {

namespace waker_internal {

struct ParkState {
  // No token, nobody sleeps.
  static constexpr std::uint32_t kEmpty = 0;
  // No token, the owner sleeps or is about to.
  static constexpr std::uint32_t kParked = 1;
  // A token.
  static constexpr std::uint32_t kToken = 2;

  // Written by: wakers (kToken), the owner (kEmpty, kParked). Read by: both,
  // and by the kernel.
  atomic<std::uint32_t> word{kEmpty};
  // How many wakers there are, and one for the ParkToken. Written by: all.
  atomic<std::uint32_t> refs{1};
  // Written by: the owner. Read by: wakers. Guarded by: mutex.
  ParkToken::Hook hook = nullptr;
  void* hook_arg = nullptr;
  Mutex mutex;

  void Ref() noexcept {
    // Relaxed: a new reference is made from an existing one; nothing is read
    // because of it.
    refs.fetch_add(1, std::memory_order_relaxed);
  }

  void Unref() noexcept {
    // Release: our use of the state precedes its deletion by another thread.
    // Acquire: the last one, who deletes, comes after all other uses.
    if (refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  void Unpark() noexcept {
    // Release: pairs with the acquire exchange in `Consume`, for which it
    // publishes what the waker's caller did. An exchange and never "skip it if
    // the token is there": each wake must be seen by the owner, and exchanges
    // continue one another's release sequence.
    if (word.exchange(kToken, std::memory_order_release) == kParked) {
      FutexWake(word, 1);
    }
    // The lock also orders this wake against SetHook: a wake that comes first
    // has put its token before SetHook returns.
    MutexLock lock(mutex);
    if (hook != nullptr) hook(hook_arg);
  }

  bool Consume() noexcept {
    // Acquire: pairs with the release in `Unpark` of every wake so far (a
    // release sequence of exchanges). Nobody else takes the token away, so the
    // load tells whether there is one, and the exchange finds it: the load
    // alone would miss wakes that come between the two.
    return word.load(std::memory_order_relaxed) == kToken &&
           word.exchange(kEmpty, std::memory_order_acquire) == kToken;
  }

  void Park() noexcept {
    if (Consume()) return;
    std::uint32_t state = kEmpty;
    // Relaxed: success publishes nothing and learns nothing; failure means that
    // a token has come meanwhile, and `Consume` acquires.
    if (!word.compare_exchange_strong(state, kParked, std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
      Consume();
      return;
    }
    // The kernel may wake us for no reason; the word then still says kParked.
    do {
      FutexWait(word, kParked);
    } while (!Consume());
  }
};

namespace {

ParkState* StateOf(void* data) { return static_cast<ParkState*>(data); }

Waker CloneWaker(void* data);
void Wake(void* data) noexcept {
  StateOf(data)->Unpark();
  StateOf(data)->Unref();
}
void WakeByRef(void* data) noexcept { StateOf(data)->Unpark(); }
void Drop(void* data) noexcept { StateOf(data)->Unref(); }

constexpr WakerVTable kParkVTable = {
    .clone = CloneWaker, .wake = Wake, .wake_by_ref = WakeByRef, .drop = Drop};

Waker CloneWaker(void* data) {
  StateOf(data)->Ref();
  return Waker(&kParkVTable, data);
}

}  // namespace
}  // namespace waker_internal

ParkToken::ParkToken() : state_(new waker_internal::ParkState) {}

ParkToken::~ParkToken() {
  ClearHook();
  state_->Unref();
}

Waker ParkToken::GetWaker() const { return waker_internal::CloneWaker(state_); }

void ParkToken::Park() noexcept { state_->Park(); }

bool ParkToken::Consume() noexcept { return state_->Consume(); }

void ParkToken::SetHook(Hook hook, void* arg) {
  MutexLock lock(state_->mutex);
  state_->hook = hook;
  state_->hook_arg = arg;
}

void ParkToken::ClearHook() { SetHook(nullptr, nullptr); }

}  // namespace weft
