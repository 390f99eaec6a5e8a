// The recursive workloads, as tools/compare/workloads.txt has them.

#include <array>
#include <cstdint>
#include <utility>

#include "weft/pool/pool.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

Task<std::int64_t> FibCall(std::int64_t n) {
  if (n < 2) co_return n;
  JoinHandle<std::int64_t> first = Spawn(FibCall(n - 1));
  JoinHandle<std::int64_t> second = Spawn(FibCall(n - 2));
  Outcome<std::int64_t> a = co_await first;
  Outcome<std::int64_t> b = co_await second;
  co_return std::move(a).value() + std::move(b).value();
}

// The sum of the `leaves` leaves from the one numbered `first` on.
Task<std::int64_t> Subtree(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<JoinHandle<std::int64_t>, 10> children;
  for (std::size_t i = 0; i < children.size(); ++i) {
    children[i] = Spawn(Subtree(first, leaves / 10));
    first += leaves / 10;
  }
  std::int64_t sum = 0;
  for (JoinHandle<std::int64_t>& child : children) {
    Outcome<std::int64_t> outcome = co_await child;
    sum += std::move(outcome).value();
  }
  co_return sum;
}

}  // namespace

std::int64_t Fib(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(FibCall(n));
}

std::int64_t Skynet(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(Subtree(0, n));
}

}  // namespace weft::compare
