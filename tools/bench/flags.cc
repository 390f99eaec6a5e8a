#include "weft/tools/bench/flags.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "weft/pool/options.h"

namespace weft::bench {
namespace {

// `wanted` ends the sentence "... wants".
absl::Status BadValue(std::string_view flag, std::string_view value,
                      const std::string& wanted) {
  return absl::InvalidArgumentError("--" + std::string(flag) + "=" +
                                    std::string(value) + ": wants " + wanted);
}

// The parts of `text` between its commas; at least one, perhaps empty.
std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == text.npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::string Join(std::span<const std::string_view> parts,
                 std::string_view separator) {
  std::string text;
  for (std::string_view part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

// A list of names out of `known`, or "all"; keeps the order of `known`.
absl::Status ParseNames(std::string_view flag, std::string_view value,
                        std::span<const std::string_view> known,
                        std::vector<std::string_view>& names) {
  const std::vector<std::string_view> asked = SplitAtCommas(value);
  const bool all = value == "all";
  for (std::string_view name : asked) {
    if (!all && std::ranges::count(known, name) == 0) {
      return BadValue(flag, value,
                      "one or more of " + Join(known, ",") +
                          ", or all; there is no '" + std::string(name) + "'");
    }
  }
  names.clear();
  for (std::string_view name : known) {
    if (all || std::ranges::count(asked, name) != 0) names.push_back(name);
  }
  return absl::OkStatus();
}

// One name out of `known`, as `known` has it.
absl::Status ParseName(std::string_view flag, std::string_view value,
                       std::span<const std::string_view> known,
                       std::string_view& name) {
  const auto found = std::ranges::find(known, value);
  if (found == known.end()) {
    return BadValue(flag, value, "one of " + Join(known, ","));
  }
  name = *found;
  return absl::OkStatus();
}

// Whether all of `text` is a number between `least` and `most`, the one that
// `number` is set to.
template <class T>
bool ReadNumber(std::string_view text, T least, T most, T& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return at == end && error == std::errc() && number >= least && number <= most;
}

absl::Status ParseInt(std::string_view flag, std::string_view value, int least,
                      int most, int& number) {
  if (ReadNumber(value, least, most, number)) return absl::OkStatus();
  return BadValue(flag, value,
                  "a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most));
}

// The bounds in words, too.
absl::Status ParseDouble(std::string_view flag, std::string_view value,
                         double least, double most, const char* bounds,
                         double& number) {
  if (ReadNumber(value, least, most, number)) return absl::OkStatus();
  return BadValue(flag, value, std::string("a number ") + bounds);
}

absl::Status ParseWorkers(std::string_view flag, std::string_view value,
                          std::vector<int>& workers) {
  workers.clear();
  for (std::string_view part : SplitAtCommas(value)) {
    int number = 0;
    if (!ReadNumber(part, 1, Options::kMaxWorkers, number)) {
      return BadValue(flag, value,
                      "whole numbers from 1 to " +
                          std::to_string(Options::kMaxWorkers) +
                          " with commas between");
    }
    workers.push_back(number);
  }
  return absl::OkStatus();
}

void SortAndDeduplicate(std::vector<int>& numbers) {
  std::ranges::sort(numbers);
  const auto rest = std::ranges::unique(numbers);
  numbers.erase(rest.begin(), rest.end());
}

struct Flag {
  std::string_view name;
  std::string_view value;
  std::string_view help;
  absl::Status (*parse)(std::string_view name, std::string_view value,
                        Flags& flags);
};

constexpr int kMaxCount = std::numeric_limits<int>::max();

constexpr Flag kFlags[] = {
    {"benchmarks", "A,B", "which to run; all, if not given",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseNames(name, value, kBenchmarks, flags.benchmarks);
     }},
    {"scheduler", "A,B", "which scheduler to run them on, or all (weft)",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseNames(name, value, kSchedulers, flags.schedulers);
     }},
    {"compare", "OLD", "run OLD as well, and draw the others beside it",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseName(name, value, kSchedulers, flags.compare);
     }},
    {"workers", "1,2",
     "sizes of pool; if not given, 1, 2 and one per processor",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseWorkers(name, value, flags.workers);
     }},
    {"styles", "A,B", "how tasks are written: coroutine,poll,flow",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseNames(name, value, kStyles, flags.styles);
     }},
    {"tasks", "A,B", "what spawners do with them: detached,joined",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseNames(name, value, kTaskKinds, flags.tasks);
     }},
    {"seconds", "S", "begin no round after S seconds (20)",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseDouble(name, value, 0, 86'400, "from 0 to 86400",
                          flags.seconds);
     }},
    {"rounds", "N", "nor after N rounds; 0: no limit (0)",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseInt(name, value, 0, kMaxCount, flags.rounds);
     }},
    {"deep", "N", "links of chained_spawn_deep (100000)",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseInt(name, value, 1, 10'000'000, flags.deep);
     }},
    {"scale", "F", "multiply all counts of tasks and yields by F (1)",
     [](std::string_view name, std::string_view value, Flags& flags) {
       return ParseDouble(name, value, 0.001, 10, "from 0.001 to 10",
                          flags.scale);
     }},
    {"json", "FILE", "write the results there as well; - is stdout",
     [](std::string_view, std::string_view value, Flags& flags) {
       flags.json = std::string(value);
       return absl::OkStatus();
     }},
    {"svg", "FILE", "write what --compare draws there, as a picture",
     [](std::string_view, std::string_view value, Flags& flags) {
       flags.svg = std::string(value);
       return absl::OkStatus();
     }},
};

// Ends the sentences about flags that do not exist.
std::string FlagsAre() {
  std::string text = "; flags are ";
  for (const Flag& flag : kFlags) {
    text += "--" + std::string(flag.name) + ", ";
  }
  return text + "--help";
}

// The flags that say something about each other.
absl::Status Complete(Flags& flags) {
  SortAndDeduplicate(flags.workers);
  if (flags.compare.empty()) {
    if (flags.svg.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--svg wants --compare=OLD beside it: there is nothing to draw");
  }
  std::vector<std::string_view> run;
  for (std::string_view name : kSchedulers) {
    if (name == flags.compare || std::ranges::count(flags.schedulers, name)) {
      run.push_back(name);
    }
  }
  if (run.size() < 2) {
    return absl::InvalidArgumentError(
        "--compare=" + std::string(flags.compare) +
        " wants another scheduler beside it: --scheduler=" +
        Join(kSchedulers, ","));
  }
  flags.schedulers = std::move(run);
  return absl::OkStatus();
}

std::string Usage(const Flag& flag) {
  return "--" + std::string(flag.name) + "=" + std::string(flag.value);
}

}  // namespace

absl::StatusOr<Flags> ParseFlags(std::span<const char* const> arguments,
                                 int cpus) {
  Flags flags;
  flags.workers = {1, 2, cpus};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      flags.help = true;
      continue;
    }
    if (!argument.starts_with("--")) {
      return absl::InvalidArgumentError("'" + std::string(argument) +
                                        "' is not a flag" + FlagsAre());
    }
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string_view name = argument.substr(2, equals - 2);
    const auto flag = std::ranges::find(kFlags, name, &Flag::name);
    if (flag == std::end(kFlags)) {
      return absl::InvalidArgumentError("there is no flag --" +
                                        std::string(name) + FlagsAre());
    }
    std::string_view value;
    if (equals < argument.size()) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    if (value.empty()) {
      return absl::InvalidArgumentError("--" + std::string(name) +
                                        " wants a value: " + Usage(*flag));
    }
    if (absl::Status status = flag->parse(name, value, flags); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = Complete(flags); !status.ok()) return status;
  return flags;
}

std::string HelpText() {
  std::string text =
      "Runs the four scheduler benchmarks of \"Making the Tokio scheduler 10x "
      "faster\", and five of dataflow.\n\n"
      "  tools/bazel run -c opt //tools/bench -- [flags]\n\n";
  for (const Flag& flag : kFlags) {
    std::string usage = Usage(flag);
    usage.resize(std::max<std::size_t>(usage.size(), 18), ' ');
    text += "  " + usage + " " + std::string(flag.help) + "\n";
  }
  text += "  --help             this text\n\n";
  text += "Benchmarks: " + Join(kBenchmarks, ", ") + ".\n";
  text += "Schedulers: " + Join(kSchedulers, ", ") + ".\n";
  text +=
      "Each is run once in every round, so that whatever disturbs the machine "
      "disturbs all.\n";
  return text;
}

}  // namespace weft::bench
