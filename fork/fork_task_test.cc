#include "weft/fork/fork_task.h"

#include "gtest/gtest.h"
#include "weft/pool/pool.h"

namespace weft {
namespace {
ForkTask<int> Fib(int n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(Fib(n - 1), Fib(n - 2));
  co_return a + b;
}
TEST(ForkTask, Fib) {
  Options options; options.workers = 2;
  Pool pool(options);
  for (int i = 0; i < 100; ++i)
  EXPECT_EQ(pool.BlockOn(Fib(20)), 6765);
}
}  // namespace
}  // namespace weft
