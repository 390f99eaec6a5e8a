// Tests that the model checker runs: the body of a test is an ordinary function
// over weft::atomic, Cell, Thread and the like. In a weft_model_test it is run
// under every interleaving and every weak behaviour that C++ allows; in an
// ordinary build the same body runs a thousand times on real threads, where
// ThreadSanitizer may watch it.
//
//     TEST(Flag, PublishesTheValue) {
//       ModelCheck([] {
//         Cell<int> value(0);
//         atomic<bool> ready(false);
//         Thread writer([&] {
//           value.Set(1);
//           ready.store(true, std::memory_order_release);
//         });
//         if (ready.load(std::memory_order_acquire)) {
//           model::Assert(value.Get() == 1, "the value is visible");
//         }
//         writer.join();
//       });
//     }

#ifndef WEFT_BASE_MODEL_TEST_H_
#define WEFT_BASE_MODEL_TEST_H_

#include <functional>
#include <source_location>

#include "weft/base/model_mode.h"
#include "weft/base/test_seed.h"
#include "weft/model/gtest.h"

namespace weft {

/// How far a test goes: bounds, search, what may fail (model/check.h).
using ModelOptions = model::Options;

/// Runs `body` under the model checker, and fails the test with its report if
/// some execution fails. In an ordinary build: a thousand times on real
/// threads (a hundred under a sanitizer); `options` are then ignored. The body
/// must do the same thing each time: no clock, no random numbers, no addresses
/// that decide anything. It says what must hold by model::Assert.
inline void ModelCheck(
    const std::function<void()>& body, const ModelOptions& options = {},
    std::source_location where = std::source_location::current()) {
  if constexpr (kModelMode) {
    model::Check(body, options, where);
  } else {
    for (uint64_t i = 0; i < StressIterations(1000); ++i) body();
  }
}

}  // namespace weft

#endif  // WEFT_BASE_MODEL_TEST_H_
