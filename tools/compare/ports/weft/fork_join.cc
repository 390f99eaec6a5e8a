// The recursive workloads, as tools/compare/workloads.txt has them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"
#include "weft/tools/compare/ports/common/queens.h"
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

// ---- The same as fork coroutines. ----

ForkTask<std::int64_t> ForkFibCall(std::int64_t n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(ForkFibCall(n - 1), ForkFibCall(n - 2));
  co_return a + b;
}

ForkTask<std::int64_t> ForkSubtree(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<Forked<std::int64_t>, 10> children;
  for (Forked<std::int64_t>& child : children) {
    child = co_await Fork(ForkSubtree(first, leaves / 10));
    first += leaves / 10;
  }
  co_await Join();
  std::int64_t sum = 0;
  for (Forked<std::int64_t>& child : children) sum += *child;
  co_return sum;
}

ForkTask<std::int64_t> Place(Board board, int rows, int n) {
  if (rows == n) co_return 1;
  std::array<Forked<std::int64_t>, kMaxBoard> children;
  int count = 0;
  for (int column = 0; column < n; ++column) {
    if (!Fits(board, rows, column)) continue;
    board[static_cast<std::size_t>(rows)] = static_cast<char>(column);
    children[static_cast<std::size_t>(count++)] =
        co_await Fork(Place(board, rows + 1, n));
  }
  co_await Join();
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += *children[static_cast<std::size_t>(i)];
  co_return sum;
}

}  // namespace

std::int64_t Fib(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(FibCall(n));
}

std::int64_t Skynet(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(Subtree(0, n));
}

std::int64_t ForkFib(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(ForkFibCall(n));
}

std::int64_t ForkSkynet(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(ForkSubtree(0, n));
}

std::int64_t ForkQueens(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(Place(Board(), 0, static_cast<int>(n)));
}

}  // namespace weft::compare
