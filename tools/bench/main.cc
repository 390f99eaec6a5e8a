// The four scheduler benchmarks of "Making the Tokio scheduler 10x faster".

#include <cstddef>
#include <cstdio>
#include <span>

#include "weft/tools/bench/bench.h"

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(
      argv + 1, argc > 1 ? static_cast<std::size_t>(argc - 1) : 0);
  return weft::bench::BenchMain(arguments, stdout, stderr);
}
