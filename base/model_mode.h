// Says which of the two builds this is. In the ordinary build the seam's types
// (weft::atomic, Mutex, Thread, ...) are the standard library's own. In model
// mode they are Weft's, so that something else than the hardware and the
// kernel can choose the schedule: see base/README.md.
//
// The switch is the Bazel setting //base:model_mode, which defines
// WEFT_MODEL_MODE=1 for every target above //base:atomic. It is set by the rule
// weft_model_test for a whole program: the two modes never meet in one.

#ifndef WEFT_BASE_MODEL_MODE_H_
#define WEFT_BASE_MODEL_MODE_H_

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

inline namespace model_mode {
/// True in a build where //base:model_mode is set. A compile-time constant, for
/// `if constexpr` and for tests.
inline constexpr bool kModelMode = true;
}  // namespace model_mode

#else

/// True in a build where //base:model_mode is set. A compile-time constant, for
/// `if constexpr` and for tests.
inline constexpr bool kModelMode = false;

#endif

}  // namespace weft

#endif  // WEFT_BASE_MODEL_MODE_H_
