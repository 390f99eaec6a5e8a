// Fork and join: a merge sort whose two halves are sorted in parallel.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"

namespace {

constexpr std::size_t kSmall = 1'000;

weft::ForkTask<> Sort(std::span<std::uint32_t> numbers) {
  if (numbers.size() <= kSmall) {
    std::sort(numbers.begin(), numbers.end());
    co_return;
  }
  const auto low = numbers.first(numbers.size() / 2);
  const auto high = numbers.subspan(low.size());
  co_await weft::ForkJoin(Sort(low), Sort(high));
  std::vector<std::uint32_t> merged(numbers.size());
  std::merge(low.begin(), low.end(), high.begin(), high.end(), merged.begin());
  std::copy(merged.begin(), merged.end(), numbers.begin());
}

weft::ForkTask<std::uint64_t> PrimesIn(std::uint64_t begin, std::uint64_t end) {
  std::uint64_t primes = 0;
  for (std::uint64_t n = std::max<std::uint64_t>(begin, 2); n < end; ++n) {
    bool prime = true;
    for (std::uint64_t d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    if (prime) ++primes;
  }
  co_return primes;
}

// Any number of children: fork them one by one, join them all.
weft::ForkTask<std::uint64_t> PrimesBelow(std::uint64_t end) {
  constexpr std::uint64_t kPart = 10'000;
  std::vector<weft::Forked<std::uint64_t>> parts;
  for (std::uint64_t begin = 0; begin < end; begin += kPart) {
    parts.push_back(
        co_await weft::Fork(PrimesIn(begin, std::min(begin + kPart, end))));
  }
  co_await weft::Join();

  std::uint64_t primes = 0;
  for (auto& part : parts) primes += *part;
  co_return primes;
}

}  // namespace

int main() {
  weft::Pool pool;

  std::vector<std::uint32_t> numbers(1'000'000);
  std::generate(numbers.begin(), numbers.end(), std::mt19937(1));
  pool.BlockOn(Sort(numbers));
  std::printf("sorted: %s\n", std::ranges::is_sorted(numbers) ? "yes" : "no");

  std::printf(
      "primes below a million: %llu\n",
      static_cast<unsigned long long>(pool.BlockOn(PrimesBelow(1'000'000))));
}
