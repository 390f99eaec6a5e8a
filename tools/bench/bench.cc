#include "weft/tools/bench/bench.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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
  File file;
  if (!flags->json.empty() && flags->json != "-") {
    file.reset(std::fopen(flags->json.c_str(), "w"));
    if (file == nullptr) {
      return Complain(
          errors, "cannot write " + flags->json + ": " + std::strerror(errno),
          1);
    }
  }

  absl::StatusOr<RunResult> result = [&] {
    ProgressLine progress(errors);
    return RunBenchmarks(*flags, progress);
  }();
  if (!result.ok()) return Complain(errors, result.status());

  const bool json_to_out = flags->json == "-";
  bool written =
      Write(json_to_out ? errors : out, TableOf(*result, conditions));
  if (!flags->json.empty()) {
    written &=
        Write(json_to_out ? out : file.get(), JsonOf(*result, conditions));
  }
  return written ? 0 : Complain(errors, "cannot write the results", 1);
}

}  // namespace weft::bench
