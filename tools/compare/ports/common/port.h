// What the C++ ports of tools/compare share: the command line, the clock, and
// the one line of JSON. Standard C++ only, so that a port needs nothing of
// Weft's. The ports in other languages do the same in theirs.

#ifndef WEFT_TOOLS_COMPARE_PORTS_COMMON_PORT_H_
#define WEFT_TOOLS_COMPARE_PORTS_COMMON_PORT_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::compare {

using Clock = std::chrono::steady_clock;

/// What the command line asks for.
struct Request {
  std::string workload;
  std::string tasks = "detached";
  int workers = 2;
  std::int64_t n = 0;
  /// How long to repeat the iteration, after one to warm up.
  double seconds = 1;
  /// If not zero: exactly so many iterations, and none to warm up.
  std::int64_t rounds = 0;
};

/// Collects the samples of a run. An iteration is timed from its begin to its
/// end, unless it says `Start` or `Stop` itself or adds samples of its own.
class Recorder {
 public:
  void Start() { start_ = Clock::now(); }
  void Stop() { stop_ = Clock::now(); }
  void Add(double sample) {
    samples_.push_back(sample);
    own_samples_ = true;
  }

  /// For RunPort: around one iteration of `operations` operations.
  void BeginIteration();
  void EndIteration(std::int64_t operations);
  void Forget() { samples_.clear(); }
  const std::vector<double>& samples() const { return samples_; }

 private:
  Clock::time_point start_;
  Clock::time_point stop_;
  bool own_samples_ = false;
  std::vector<double> samples_;
};

/// One workload of a port whose scheduler is a `Runtime`.
template <class Runtime>
struct Workload {
  std::string_view name;
  std::string_view tasks;
  /// Does one iteration and returns what came out: see `Expected`.
  std::int64_t (*run)(Runtime& runtime, std::int64_t n, Recorder& recorder);
};

/// A workload that a port does not have, and why: a sentence for the report.
struct Missing {
  std::string_view name;
  std::string_view tasks;
  std::string_view why;
};

/// How many operations an iteration of a workload is, and what must come out:
/// a sum or a count. Ends the program for a name that is not known.
struct Amounts {
  std::int64_t operations;
  std::int64_t result;
};
Amounts Expected(std::string_view workload, std::int64_t n);

/// The resident memory of this process, in bytes.
std::int64_t ResidentBytes();

/// What all other threads of this process use of the processors while the
/// calling one sleeps for so long: one sample, in microseconds for a second. A
/// tenth of a second goes before, in which a pool comes to rest.
void RecordIdleCpu(std::int64_t milliseconds, Recorder& recorder);

/// Reads the command line; ends the program with status 2 if it is wrong.
Request ParseRequest(int argc, char** argv);

/// Prints the line of JSON; `operations` are those of one iteration.
void PrintSamples(std::string_view port, const Request& request,
                  std::int64_t operations, std::span<const double> samples);
void PrintMissing(std::string_view port, const Request& request,
                  std::string_view why);

/// Ends the program with status 1: something else came out than should.
[[noreturn]] void FailRun(const Request& request, std::int64_t result,
                          std::int64_t expected);
/// Ends the program with status 2: neither there nor missing for a reason.
[[noreturn]] void FailUnknown(const Request& request);

/// The main program of a port: runs what the command line asks for on a
/// `Runtime(workers)` and prints one line.
template <class Runtime>
int RunPort(std::string_view port, std::span<const Workload<Runtime>> workloads,
            std::span<const Missing> missing, int argc, char** argv) {
  const Request request = ParseRequest(argc, argv);
  for (const Missing& m : missing) {
    if (m.name != request.workload || m.tasks != request.tasks) continue;
    PrintMissing(port, request, m.why);
    return 0;
  }
  for (const Workload<Runtime>& w : workloads) {
    if (w.name != request.workload || w.tasks != request.tasks) continue;
    Runtime runtime(request.workers);
    Recorder recorder;
    const Amounts amounts = Expected(w.name, request.n);
    auto iterate = [&] {
      recorder.BeginIteration();
      const std::int64_t result = w.run(runtime, request.n, recorder);
      recorder.EndIteration(amounts.operations);
      if (result != amounts.result) FailRun(request, result, amounts.result);
    };
    if (request.rounds > 0) {
      for (std::int64_t i = 0; i < request.rounds; ++i) iterate();
    } else {
      iterate();
      recorder.Forget();
      const auto end =
          Clock::now() + std::chrono::duration<double>(request.seconds);
      do {
        iterate();
      } while (Clock::now() < end);
    }
    PrintSamples(port, request, amounts.operations, recorder.samples());
    return 0;
  }
  FailUnknown(request);
}

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_COMMON_PORT_H_
