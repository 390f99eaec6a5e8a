// Runs programs for tests.

#ifndef WEFT_EXAMPLES_FLOWLANG_TESTING_H_
#define WEFT_EXAMPLES_FLOWLANG_TESTING_H_

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/parallel.h"
#include "weft/examples/flowlang/parser.h"
#include "weft/examples/flowlang/sequential.h"
#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/value.h"
#include "weft/pool/options.h"

namespace flowlang {

/// All that a program prints, a line each, and then the error, if there is one:
/// "line:column: message". With `workers` of 0 sequentially.
inline std::string Outcome(const std::string& text, int workers) {
  const Source source("test", text);
  const auto line = [&](const Error& error) {
    return absl::StrCat(source.Place(error.position), ": ", error.message,
                        "\n");
  };
  const OrError<Program> program = Parse(source.text());
  if (!program.ok()) return line(program.error());
  std::string out;
  const auto print = [&out](const Value& value) {
    absl::StrAppend(&out, ToSource(value), "\n");
  };
  std::optional<Error> error;
  if (workers == 0) {
    error = RunSequentially(*program, "/nowhere", print);
  } else {
    weft::Options options;
    options.workers = workers;
    error = RunInParallel(*program, "/nowhere", options, nullptr, print);
  }
  if (error.has_value()) out += line(*error);
  return out;
}

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_TESTING_H_
