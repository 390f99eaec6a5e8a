// Fan out and join: one task for each part of a sum, and what became of a part
// that failed.

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "weft/pool/pool.h"

namespace {

constexpr std::uint64_t kPart = 1'000'000;

weft::Task<std::uint64_t> SumOfSquares(std::uint64_t part) {
  if (part == 13) throw std::runtime_error("part 13 is unlucky");
  std::uint64_t sum = 0;
  for (std::uint64_t i = part * kPart; i < (part + 1) * kPart; ++i) {
    sum += i * i;
  }
  co_return sum;
}

weft::Task<std::uint64_t> Total(std::uint64_t parts) {
  std::vector<weft::Task<std::uint64_t>> bodies;
  for (std::uint64_t i = 0; i < parts; ++i) bodies.push_back(SumOfSquares(i));

  std::uint64_t total = 0;
  for (auto& handle : weft::SpawnBatch(bodies)) {
    auto outcome = co_await handle;  // value, exception or "cancelled"
    if (outcome.ok()) {
      total += outcome.value();
    } else {
      std::printf("A part failed; the others go on.\n");
    }
  }
  co_return total;
}

}  // namespace

int main() {
  weft::Pool pool;
  std::printf("%llu\n",
              static_cast<unsigned long long>(pool.BlockOn(Total(32))));
}
