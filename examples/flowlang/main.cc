// A language in which everything is a future. See README.md.

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "weft/examples/flowlang/command.h"

int main(int argc, char** argv) {
  // A path given on the command line of `bazel run` is the caller's.
  if (const char* caller = std::getenv("BUILD_WORKING_DIRECTORY")) {
    if (chdir(caller) != 0) std::perror(caller);
  }
  const std::span<const char* const> arguments(
      argv + 1, argc > 1 ? static_cast<std::size_t>(argc - 1) : 0);
  return flowlang::Command(arguments, stdout, stderr);
}
