#include "weft/tools/bench/bench.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "weft/tools/bench/comparison.h"
#include "weft/tools/bench/flags.h"
#include "weft/tools/bench/progress.h"
#include "weft/tools/bench/report.h"
#include "weft/tools/bench/runner.h"

namespace weft::bench {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

int Complain(std::FILE* errors, const std::string& what, int exit_status) {
  std::fprintf(errors, "bench: %s\n", what.c_str());
  return exit_status;
}

int Complain(std::FILE* errors, const absl::Status& status) {
  const bool usage = status.code() == absl::StatusCode::kInvalidArgument;
  return Complain(errors, std::string(status.message()), usage ? 2 : 1);
}

// Where the user means: `bazel run` starts programs elsewhere, and says where
// it was started itself.
std::string FromWorkingDirectory(const std::string& path) {
  const char* const directory = std::getenv("BUILD_WORKING_DIRECTORY");
  if (directory == nullptr || path.starts_with('/')) return path;
  return std::string(directory) + "/" + path;
}

// Null if it cannot be opened.
File OpenToWrite(const std::string& path) {
  return File(std::fopen(FromWorkingDirectory(path).c_str(), "w"));
}

bool Write(std::FILE* file, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
         std::fflush(file) == 0;
}

}  // namespace

int BenchMain(std::span<const char* const> arguments, std::FILE* out,
              std::FILE* errors) {
  const Conditions conditions = ConditionsHere();
  absl::StatusOr<Flags> flags = ParseFlags(arguments, conditions.processors);
  if (!flags.ok()) return Complain(errors, flags.status());
  if (flags->help) return Write(out, HelpText()) ? 0 : 1;

  // Now, and not when all the work is done.
  File json_file;
  File svg_file;
  for (auto [path, file] : {std::pair(&flags->json, &json_file),
                            std::pair(&flags->svg, &svg_file)}) {
    if (path->empty() || *path == "-") continue;
    *file = OpenToWrite(*path);
    if (*file == nullptr) {
      return Complain(errors,
                      "cannot write " + *path + ": " + std::strerror(errno), 1);
    }
  }

  absl::StatusOr<RunResult> result = [&] {
    ProgressLine progress(errors);
    return RunBenchmarks(*flags, progress);
  }();
  if (!result.ok()) return Complain(errors, result.status());

  const bool json_to_out = flags->json == "-";
  std::string text = TableOf(*result, conditions);
  std::vector<BarGroup> groups;
  if (!flags->compare.empty()) {
    groups = CompareWith(flags->compare, *result);
    text += "\n" + BarChart(groups);
  }
  bool written = Write(json_to_out ? errors : out, text);
  if (!flags->json.empty()) {
    written &= Write(json_to_out ? out : json_file.get(),
                     JsonOf(*result, conditions, groups));
  }
  if (svg_file != nullptr) written &= Write(svg_file.get(), SvgChart(groups));
  return written ? 0 : Complain(errors, "cannot write the results", 1);
}

}  // namespace weft::bench
