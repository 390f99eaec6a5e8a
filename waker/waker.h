#ifndef WEFT_WAKER_WAKER_H_
#define WEFT_WAKER_WAKER_H_

#include <utility>

namespace weft {

class Waker;

/// What a waker can do, chosen by whoever makes it (an executor, a test, a
/// blocked thread). All four may be called from any thread at any time, must
/// not throw except `clone`, and must stay harmless when called more often
/// than needed or after the task is gone.
///
/// Source: `std::task` in "Making the Tokio scheduler 10x faster", 2019.
struct WakerVTable {
  /// A second waker for the same target.
  Waker (*clone)(void* data);
  /// Wakes and gives up what `data` holds: never needs a second reference.
  void (*wake)(void* data) noexcept;
  /// Wakes; `data` stays usable.
  void (*wake_by_ref)(void* data) noexcept;
  /// Gives up what `data` holds.
  void (*drop)(void* data) noexcept;
};

/// Two pointers that can make something runnable again.
///
/// Owned and move-only: `Clone()` says where a reference count is paid. An
/// empty (default-made or moved-from) waker does nothing.
///
/// Threads: a `Waker` object is used by one thread at a time; different
/// wakers of one target may be used at once.
///
/// Memory ordering: what a thread did before it wakes is visible to the
/// target's next poll. Each vtable provides this, also when the target had
/// been woken already (Tokio #7622).
class Waker {
 public:
  Waker() = default;
  /// Takes over what `data` holds.
  Waker(const WakerVTable* vtable, void* data) : vtable_(vtable), data_(data) {}

  Waker(Waker&& other) noexcept
      : vtable_(std::exchange(other.vtable_, nullptr)), data_(other.data_) {}
  Waker& operator=(Waker&& other) noexcept {
    Waker old(std::move(*this));
    vtable_ = std::exchange(other.vtable_, nullptr);
    data_ = other.data_;
    return *this;
  }
  ~Waker() {
    if (vtable_ != nullptr) vtable_->drop(data_);
  }

  /// Another waker of the same target. Costs what the vtable's `clone` costs,
  /// for a task one relaxed read-modify-write.
  Waker Clone() const {
    return vtable_ == nullptr ? Waker() : vtable_->clone(data_);
  }

  /// Wakes the target and uses this waker up.
  void Wake() && noexcept {
    if (const WakerVTable* vtable = std::exchange(vtable_, nullptr)) {
      vtable->wake(data_);
    }
  }

  /// Wakes the target; the waker can be used again.
  void WakeByRef() const noexcept {
    if (vtable_ != nullptr) vtable_->wake_by_ref(data_);
  }

  /// Whether both surely wake the same target, so that a stored waker need
  /// not be replaced. May answer `false` for the same target, never `true`
  /// for different ones.
  bool WillWake(const Waker& other) const {
    return vtable_ == other.vtable_ && data_ == other.data_;
  }

  /// Whether there is a target.
  explicit operator bool() const { return vtable_ != nullptr; }

  const WakerVTable* vtable() const { return vtable_; }
  void* data() const { return data_; }

 private:
  const WakerVTable* vtable_ = nullptr;
  void* data_ = nullptr;
};

static_assert(sizeof(Waker) == 2 * sizeof(void*));

/// A waker lent for the time of one poll: no reference is taken or given up,
/// so that polling costs no read-modify-write. Trivially copyable. The lender
/// keeps the target alive until the poll returns.
class WakerRef {
 public:
  constexpr WakerRef(const WakerVTable* vtable, void* data)
      : vtable_(vtable), data_(data) {}
  WakerRef(const Waker& waker)  // NOLINT: lending is implicit
      : vtable_(waker.vtable()), data_(waker.data()) {}

  /// An owned waker of the same target, to be kept after the poll.
  Waker Clone() const {
    return vtable_ == nullptr ? Waker() : vtable_->clone(data_);
  }
  void WakeByRef() const noexcept {
    if (vtable_ != nullptr) vtable_->wake_by_ref(data_);
  }
  /// See `Waker::WillWake`; owned and lent wakers of one target agree (T2).
  bool WillWake(const Waker& other) const {
    return vtable_ == other.vtable() && data_ == other.data();
  }

  const WakerVTable* vtable() const { return vtable_; }
  void* data() const { return data_; }

 private:
  const WakerVTable* vtable_;
  void* data_;
};

}  // namespace weft

#endif  // WEFT_WAKER_WAKER_H_
