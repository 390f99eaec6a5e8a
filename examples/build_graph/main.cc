// A small make: reads targets and what they need from a file, runs each as soon
// as that is there, and prints in which order they ended. A target that fails
// keeps those from being run that depend on it, and no others.
//
//     tools/bazel run -c opt //examples/build_graph -- FILE
//
// Without a file it shows a plan of its own. A command keeps the worker that
// runs it: there are as many commands at a time as workers.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/examples/build_graph/build.h"
#include "weft/examples/build_graph/plan.h"
#include "weft/pool/pool.h"

namespace {

constexpr char kDemonstration[] =
    R"(# two programs, one of which cannot be built
all: server client

server: server.o common.o
    sleep 0.05
client: client.o common.o
    sleep 0.05

server.o:
    sleep 0.1
client.o:
    echo client.c:7: error: expected a semicolon; exit 1
common.o:
    sleep 0.05
docs:
    sleep 0.02
)";

const char* Word(build_graph::Result result) {
  switch (result) {
    case build_graph::Result::kSkipped:
      return "skipped";
    case build_graph::Result::kBuilt:
      return "built";
    case build_graph::Result::kFailed:
      return "FAILED";
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  std::string text = kDemonstration;
  if (argc > 1) {
    std::ifstream file(argv[1]);
    if (!file) {
      std::cerr << argv[1] << ": cannot be read\n";
      return 2;
    }
    std::stringstream content;
    content << file.rdbuf();
    text = content.str();
  }
  const absl::StatusOr<std::vector<build_graph::Target>> plan =
      build_graph::ReadPlan(text);
  if (!plan.ok()) {
    std::cerr << (argc > 1 ? argv[1] : "demonstration") << ": "
              << plan.status().message() << "\n";
    return 2;
  }

  weft::Pool pool;
  const build_graph::Report report =
      build_graph::Build(pool, *plan, [](const build_graph::Target& target) {
        return target.command.empty() ||
               std::system(target.command.c_str()) == 0;
      });

  std::size_t bad = 0;
  for (std::size_t i : report.order) {
    std::printf("%-8s %s\n", Word(report.results[i]), (*plan)[i].name.c_str());
  }
  for (std::size_t i = 0; i < plan->size(); ++i) {
    if (report.results[i] != build_graph::Result::kBuilt) ++bad;
    if (report.results[i] == build_graph::Result::kSkipped) {
      std::printf("%-8s %s\n", "skipped", (*plan)[i].name.c_str());
    }
  }
  std::printf("%zu of %zu targets were built\n", plan->size() - bad,
              plan->size());
  return argc > 1 && bad > 0 ? 1 : 0;
}
