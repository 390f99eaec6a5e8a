#include "weft/examples/flowlang/command.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/parallel.h"
#include "weft/examples/flowlang/parser.h"
#include "weft/examples/flowlang/picture.h"
#include "weft/examples/flowlang/recorder.h"
#include "weft/examples/flowlang/sequential.h"
#include "weft/examples/flowlang/source.h"
#include "weft/pool/cpu_count.h"
#include "weft/pool/options.h"

namespace flowlang {
namespace {

constexpr std::string_view kHelp =
    "usage: flowlang [FLAGS] FILE\n"
    "Runs a program in which every call is a future, on all processors.\n"
    "\n"
    "  --workers=N     on N threads\n"
    "  --sequential    by a plain recursive evaluator, on one thread\n"
    "  --graph=FILE    draw there, as SVG, what ran where, when, and why\n"
    "  --help          this text\n";

struct Flags {
  std::string file;
  std::string graph;
  int workers = 0;
  bool sequential = false;
  bool help = false;
};

// Or a message.
using Wrong = std::optional<std::string>;

Wrong ParseValue(std::string_view name, std::string_view value, Flags& flags) {
  if (value.empty()) return absl::StrCat("--", name, " wants a value");
  if (name == "graph") {
    flags.graph = std::string(value);
    return std::nullopt;
  }
  if (absl::SimpleAtoi(value, &flags.workers) && flags.workers >= 1 &&
      flags.workers <= weft::Options::kMaxWorkers) {
    return std::nullopt;
  }
  return absl::StrCat("--workers=", value, ": wants a whole number from 1 to ",
                      weft::Options::kMaxWorkers);
}

Wrong ParseFlags(std::span<const char* const> arguments, Flags& flags) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string_view name = argument.substr(0, equals);
    if (argument == "--help" || argument == "-h") {
      flags.help = true;
    } else if (argument == "--sequential") {
      flags.sequential = true;
    } else if (name == "--workers" || name == "--graph") {
      std::string_view value;
      if (equals < argument.size()) {
        value = argument.substr(equals + 1);
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      }
      if (Wrong wrong = ParseValue(name.substr(2), value, flags)) return wrong;
    } else if (argument.starts_with("-")) {
      return absl::StrCat("there is no flag ", argument);
    } else if (!flags.file.empty()) {
      return absl::StrCat("one file at a time, not ", argument, " as well");
    } else {
      flags.file = std::string(argument);
    }
  }
  if (flags.help) return std::nullopt;
  if (flags.file.empty()) return "wants a file";
  if (flags.sequential && !flags.graph.empty()) {
    return "--graph draws what a pool does: not with --sequential";
  }
  return std::nullopt;
}

std::optional<std::string> ReadProgram(const std::string& name) {
  constexpr std::size_t kMostBytes = 1 << 20;
  std::error_code error;
  if (std::filesystem::is_directory(name, error)) return std::nullopt;
  std::ifstream file(name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad() || text.size() > kMostBytes) {
    return std::nullopt;
  }
  return text;
}

bool WriteFile(const std::string& name, const std::string& text) {
  std::ofstream file(name, std::ios::binary);
  file << text;
  file.close();
  return file.good();
}

std::optional<Error> Run(const Program& program, const Flags& flags,
                         Recorder* recorder, std::FILE* out) {
  const std::string folder =
      std::filesystem::path(flags.file).parent_path().string();
  const auto print = [out](const Value& value) {
    const std::string text = ToText(value);
    std::fwrite(text.data(), 1, text.size(), out);
    std::fputc('\n', out);
  };
  if (flags.sequential) return RunSequentially(program, folder, print);
  weft::Options options;
  options.workers = flags.workers;
  return RunInParallel(program, folder, std::move(options), recorder, print);
}

}  // namespace

int Command(std::span<const char* const> arguments, std::FILE* out,
            std::FILE* errors) {
  const auto complain = [errors](const std::string& message) {
    std::fprintf(errors, "flowlang: %s\n", message.c_str());
    return 2;
  };
  Flags flags;
  flags.help = arguments.empty();
  if (Wrong wrong = ParseFlags(arguments, flags)) {
    return complain(*wrong + " (flowlang --help says more)");
  }
  if (flags.help) {
    std::fwrite(kHelp.data(), 1, kHelp.size(), out);
    return 0;
  }
  if (flags.workers == 0) {
    flags.workers = std::min(weft::AvailableCpus(), weft::Options::kMaxWorkers);
  }
  std::optional<std::string> text = ReadProgram(flags.file);
  if (!text.has_value()) {
    return complain("cannot read a program from " + flags.file);
  }
  const Source source(flags.file, *std::move(text));
  const auto report = [&](const Error& error) {
    std::fflush(out);
    std::fputs(source.Describe(error).c_str(), errors);
    return 1;
  };
  const OrError<Program> program = Parse(source.text());
  if (!program.ok()) return report(program.error());

  std::unique_ptr<Recorder> recorder;
  if (!flags.graph.empty()) {
    recorder = std::make_unique<Recorder>(flags.workers);
  }
  const std::optional<Error> error = Run(*program, flags, recorder.get(), out);
  if (recorder != nullptr &&
      !WriteFile(flags.graph, DrawGraph(source, *recorder))) {
    return complain("cannot write " + flags.graph);
  }
  return error.has_value() ? report(*error) : 0;
}

}  // namespace flowlang
