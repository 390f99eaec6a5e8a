// Holds the engine against the oracles, counts and measures, and prints that as
// the tables of model/README.md. With --write, puts them there. Fails if
// anything is not as it must be.
//
//     bazel run -c opt //model/oracle:table -- --write

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/model/check.h"
#include "weft/model/classic_programs.h"
#include "weft/model/classic_structures.h"
#include "weft/model/oracle/engine_blocking.h"
#include "weft/model/oracle/engine_program.h"
#include "weft/model/oracle/litmus.h"
#include "weft/model/oracle/random_blocking.h"
#include "weft/model/oracle/random_program.h"

namespace weft::model::oracle {
namespace {

constexpr std::string_view kBegin =
    "<!-- Written by `tools/bazel run -c opt //model/oracle:table -- --write`; "
    "do not edit. -->\n";
constexpr std::string_view kEnd = "<!-- End of what is written. -->\n";

/// The text that is being made, and whether all in it is as it must be.
struct Page {
  std::ostringstream text;
  bool good = true;
};

/// "1,234,567".
std::string Grouped(uint64_t n) {
  std::string digits = std::to_string(n);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string Decimals(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f", value);
  return buffer;
}

// --- Against the oracles. ---

/// Some programs, and what came of them.
struct Group {
  uint64_t programs = 0;
  uint64_t agree = 0;
  uint64_t complete = 0;
  uint64_t runs = 0;

  void Add(const std::string& difference, const Result& result) {
    ++programs;
    agree += difference.empty();
    complete += result.complete + result.deadlocked;
    runs += result.runs;
    if (!difference.empty()) std::cerr << difference << "\n";
  }
};

void PrintGroup(Page& page, const std::string& name, const Group& group) {
  page.good &= group.agree == group.programs;
  page.text << "| " << name << " | " << Grouped(group.programs) << " | "
            << Grouped(group.agree) << " | " << Grouped(group.complete) << " | "
            << Grouped(group.runs) << " |\n";
}

void AddLitmus(Page& page, const std::string& name,
               const std::vector<Litmus>& tests) {
  Group group;
  for (const Litmus& test : tests) {
    group.Add(Difference(test.program), ExploreProgram(test.program));
  }
  PrintGroup(page, name, group);
}

void AddRandom(Page& page, const std::string& name, uint64_t programs,
               Flavour flavour) {
  Group group;
  for (uint64_t seed = 0; seed < programs; ++seed) {
    const Program program = RandomProgram(seed, flavour);
    group.Add(Difference(program), ExploreProgram(program));
  }
  PrintGroup(page, name, group);
}

void AddBlocking(Page& page, const std::string& name, BlockOn block_on) {
  Group group;
  for (uint64_t seed = 0; seed < 250; ++seed) {
    const BlockingProgram program = RandomBlockingProgram(seed, block_on);
    group.Add(Difference(program), ExploreBlocking(program));
  }
  PrintGroup(page, name, group);
}

void AgainstTheOracles(Page& page) {
  page.text << "Against the oracles: the same outcomes, deadlocks and races; "
               "without time-outs and blocking also the same number of\n"
               "executions. A run that is no execution ended in a wait that "
               "another execution ends.\n\n"
               "| programs | | agree | executions | runs |\n"
               "|---|---:|---:|---:|---:|\n";
  AddLitmus(page, "litmus tests of the literature", LitmusTests());
  AddLitmus(page, "further litmus tests", MoreLitmusTests());
  AddRandom(page, "random, straight", 10'000, Flavour::kStraight);
  AddRandom(page, "random, conditions", 3'000, Flavour::kFlow);
  AddRandom(page, "random, plain cells", 3'000, Flavour::kCells);
  AddRandom(page, "random, threads that start threads", 3'000,
            Flavour::kThreads);
  AddRandom(page, "random, mutexes and tokens in weak memory", 750,
            Flavour::kBlocking);
  AddRandom(page, "random, large", 200, Flavour::kLarge);
  AddBlocking(page, "blocking: mutexes", BlockOn::kMutex);
  AddBlocking(page, "blocking: condition variables", BlockOn::kCondition);
  AddBlocking(page, "blocking: park", BlockOn::kPark);
  AddBlocking(page, "blocking: futexes, atomic waits, spinning",
              BlockOn::kFutex);
  AddBlocking(page, "blocking: time-outs", BlockOn::kTimed);
  AddBlocking(page, "blocking: everything", BlockOn::kEverything);
}

// --- Counts and ratios. ---

/// A program with its known number of executions, and how many runs for each
/// of them are allowed.
struct Known {
  std::string name;
  std::function<void()> body;
  uint64_t executions;
  double limit;
};

std::vector<Known> KnownPrograms() {
  std::vector<Known> all;
  uint64_t factorial = 6;
  for (int n = 4; n <= 8; ++n) {
    factorial *= static_cast<uint64_t>(n);
    all.push_back({std::to_string(n) + " x fetch_add",
                   [n] { IncrementsProgram(n); }, factorial, 1.5});
  }
  for (int n : {4, 7}) {
    all.push_back({"one writer, " + std::to_string(n) + " readers",
                   [n] { ReadersProgram(n); }, uint64_t{1} << n, 1.5});
  }
  for (int n : {1, 2}) {
    all.push_back({"Chase-Lev deque, thieves: " + std::to_string(n),
                   [n] { ChaseLevProgram(n); }, n == 1 ? 18u : 348u, 1.5});
  }
  for (int n : {1, 2}) {
    all.push_back({"MPMC ring, 2 producers, consumers: " + std::to_string(n),
                   [n] { MpmcProgram(n); }, n == 1 ? 30u : 118u, 1.5});
  }
  factorial = 2;
  for (int n = 3; n <= 6; ++n) {
    factorial *= static_cast<uint64_t>(n);
    all.push_back({"mutex, threads: " + std::to_string(n),
                   [n] { CriticalSectionsProgram(n); }, factorial,
                   // Grows by a quarter with each thread: see the README.
                   n <= 5 ? 2.0 : 2.25});
  }
  return all;
}

void Counts(Page& page) {
  page.text << "\nPrograms whose number of executions is known:\n\n"
               "| program | executions | found | runs | runs per execution "
               "| at most |\n"
               "|---|---:|---:|---:|---:|---:|\n";
  for (const Known& known : KnownPrograms()) {
    const Result result = Explore(known.body);
    const double ratio =
        static_cast<double>(result.runs) / static_cast<double>(result.complete);
    page.good &= result.verdict == Verdict::kPassed &&
                 result.complete == known.executions && ratio <= known.limit;
    page.text << "| " << known.name << " | " << Grouped(known.executions)
              << " | " << Grouped(result.complete) << " | "
              << Grouped(result.runs) << " | " << Decimals(ratio) << " | "
              << Decimals(known.limit) << " |\n";
  }
}

// --- Speed. ---

double ProcessorSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Processor time of one exploration: the median of many, for a second.
double MedianSeconds(const std::function<void()>& body) {
  std::vector<double> times;
  const double end = ProcessorSeconds() + 1;
  do {
    const double start = ProcessorSeconds();
    Explore(body);
    times.push_back(ProcessorSeconds() - start);
  } while (ProcessorSeconds() < end);
  std::nth_element(times.begin(), times.begin() + times.size() / 2,
                   times.end());
  return times[times.size() / 2];
}

void Speed(Page& page) {
  page.text << "\nSpeed, of processor time, medians of explorations for a "
               "second:\n\n"
               "| program | runs | ms | runs/s |\n|---|---:|---:|---:|\n";
  const std::vector<std::pair<std::string, std::function<void()>>> programs = {
      {"two threads, 19 events", [] { TurnsProgram(false); }},
      {"two threads, 27 events, seq_cst fences", [] { TurnsProgram(true); }},
      {"7 x fetch_add, 23 events", [] { IncrementsProgram(7); }},
      {"Chase-Lev deque, 2 thieves", [] { ChaseLevProgram(2); }},
      {"MPMC ring, 2 x 2", [] { MpmcProgram(2); }},
  };
  for (const auto& [name, body] : programs) {
    const uint64_t runs = Explore(body).runs;
    const double seconds = MedianSeconds(body);
    page.text << "| " << name << " | " << Grouped(runs) << " | "
              << Decimals(seconds * 1e3) << " | "
              << Grouped(static_cast<uint64_t>(static_cast<double>(runs) /
                                               seconds / 1e3)) +
                     ",000"
              << " |\n";
  }
}

/// Replaces what stands between the marks in the README of the work tree.
bool Write(const std::string& text) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    std::cerr << "--write: to be run by `bazel run`\n";
    return false;
  }
  const std::string path = std::string(workspace) + "/model/README.md";
  std::stringstream old;
  old << std::ifstream(path).rdbuf();
  std::string readme = old.str();
  const size_t begin = readme.find(kBegin);
  const size_t end = readme.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    std::cerr << path << ": the marks for the table are not there\n";
    return false;
  }
  readme.replace(begin + kBegin.size(), end - begin - kBegin.size(),
                 "\n" + text + "\n");
  std::ofstream out(path);
  out << readme;
  out.close();
  return !out.fail();
}

}  // namespace
}  // namespace weft::model::oracle

int main(int argc, char** argv) {
  const bool write = argc == 2 && std::string_view(argv[1]) == "--write";
  if (argc > 1 && !write) {
    std::cerr << "usage: table [--write]\n";
    return 2;
  }
  weft::model::oracle::Page page;
  weft::model::oracle::AgainstTheOracles(page);
  weft::model::oracle::Counts(page);
  weft::model::oracle::Speed(page);
  std::cout << page.text.str();
  if (!page.good) std::cerr << "WRONG: see the table\n";
  if (write && !weft::model::oracle::Write(page.text.str())) return 1;
  return page.good ? 0 : 1;
}
