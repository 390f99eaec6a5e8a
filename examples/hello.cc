// Hello, pool: a coroutine on a pool, and its result back in main.

#include <cstdio>

#include "weft/pool/pool.h"

weft::Task<int> Multiply(int a, int b) { co_return a* b; }

weft::Task<int> Answer() {
  auto twelve = weft::Spawn(Multiply(3, 4));   // runs beside us
  const int thirty = co_await Multiply(5, 6);  // runs here and now
  co_return (co_await twelve).value() + thirty;
}

int main() {
  weft::Pool pool;
  std::printf("The answer is %d, says a pool of %d workers.\n",
              pool.BlockOn(Answer()), pool.workers());
}
