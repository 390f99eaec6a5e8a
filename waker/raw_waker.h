#ifndef WEFT_WAKER_RAW_WAKER_H_
#define WEFT_WAKER_RAW_WAKER_H_

#include <type_traits>
#include <utility>

#include "weft/waker/waker.h"

namespace weft {

/// The two words of a waker, without its ownership: what a slot stores when a
/// protocol, and not a C++ object, says who owns the waker in it. Forgetting
/// one leaks the waker's reference; adopting it twice gives the reference up
/// twice.
///
/// A plain value: no synchronisation, no cost.
struct RawWaker {
  const WakerVTable* vtable = nullptr;
  void* data = nullptr;

  /// Takes the words out of `waker`. The caller owes one `Adopt`.
  static RawWaker Release(Waker waker) noexcept {
    const RawWaker raw{waker.vtable(), waker.data()};
    // A union member is not destroyed with the union: the reference stays.
    union Kept {
      explicit Kept(Waker&& from) noexcept : waker(std::move(from)) {}
      ~Kept() {}
      Waker waker;
    };
    [[maybe_unused]] Kept kept(std::move(waker));
    return raw;
  }

  /// The owned waker again.
  Waker Adopt() const noexcept { return Waker(vtable, data); }

  /// See `Waker::WillWake`. Compares words and touches no target, so it may be
  /// asked about a waker that somebody else owns by now.
  bool WillWake(const WakerRef& other) const noexcept {
    return vtable == other.vtable() && data == other.data();
  }
};

static_assert(std::is_trivially_copyable_v<RawWaker>);
static_assert(sizeof(RawWaker) == sizeof(Waker));

}  // namespace weft

#endif  // WEFT_WAKER_RAW_WAKER_H_
