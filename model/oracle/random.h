// The random numbers of the program generators: the same on every machine and
// with every library, so that seed n names the same program for everybody.

#ifndef WEFT_MODEL_ORACLE_RANDOM_H_
#define WEFT_MODEL_ORACLE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace weft::model::oracle {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Any seed is good.
class Random {
 public:
  explicit constexpr Random(uint64_t seed) : state_(seed) {}

  constexpr uint64_t Next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }

  /// A number from 0 to n - 1; n is positive.
  constexpr int Below(int n) {
    return static_cast<int>(((Next() >> 32) * static_cast<uint64_t>(n)) >> 32);
  }

  /// True `percent` times out of 100.
  constexpr bool Percent(int percent) { return Below(100) < percent; }

  template <typename T>
  constexpr T OneOf(std::initializer_list<T> choices) {
    return choices.begin()[Below(static_cast<int>(choices.size()))];
  }

  template <typename T>
  T OneOf(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(
        Below(static_cast<int>(choices.size())))];
  }

 private:
  uint64_t state_;
};

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_RANDOM_H_
