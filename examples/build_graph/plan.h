// What is to be built, read from a text:
//
//     # a comment
//     TARGET: NEEDED NEEDED ...
//         COMMAND, for the shell
//
// A target without a command is only a name for what it needs.

#ifndef WEFT_EXAMPLES_BUILD_GRAPH_PLAN_H_
#define WEFT_EXAMPLES_BUILD_GRAPH_PLAN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace build_graph {

struct Target {
  std::string name;
  std::string command;
  // Numbers of other targets, all of them less than its own.
  std::vector<std::size_t> needs;
};

/// The targets, each after all that it needs, and else as they are in `text`.
/// An error names the line: a target that is unknown or is there twice, a
/// cycle, a line that is neither target nor command.
absl::StatusOr<std::vector<Target>> ReadPlan(std::string_view text);

}  // namespace build_graph

#endif  // WEFT_EXAMPLES_BUILD_GRAPH_PLAN_H_
