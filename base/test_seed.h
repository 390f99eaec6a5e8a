// The seed of a stress test: printed, so that a failure can be tried again, and
// taken from the environment, so that it can be.

#ifndef WEFT_BASE_TEST_SEED_H_
#define WEFT_BASE_TEST_SEED_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace weft {

/// The value of the environment variable WEFT_SEED (decimal, or hexadecimal
/// after 0x) if it is set, else a fresh random one. Prints it to stdout in the
/// form in which it can be set. Call it once per test, on the test's thread.
inline uint64_t TestSeed() {
  const char* text = std::getenv("WEFT_SEED");
  uint64_t seed;
  if (text != nullptr) {
    seed = std::strtoull(text, nullptr, 0);
  } else {
    std::random_device device;
    seed = (uint64_t{device()} << 32) | device();
  }
  std::printf("WEFT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

/// `full` iterations in an ordinary build; a tenth of them where a sanitizer or
/// model mode makes each some ten times dearer.
constexpr uint64_t StressIterations(uint64_t full) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || \
    (defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE)
  return full / 10;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
  return full / 10;
#else
  return full;
#endif
#else
  return full;
#endif
}

}  // namespace weft

#endif  // WEFT_BASE_TEST_SEED_H_
