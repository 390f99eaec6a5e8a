#include "weft/tools/compare/ports/common/port.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

namespace weft::compare {
namespace {

[[noreturn]] void Usage() {
  std::fprintf(stderr,
               "usage: --workload=NAME --n=N [--tasks=detached|joined|flow] "
               "[--workers=W] [--seconds=S | --rounds=R]\n"
               "tools/compare/workloads.txt has the names.\n");
  std::exit(2);
}

template <class Number>
Number ParseNumber(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || value < 0) Usage();
  return value;
}

// What follows `--key=`, if this argument is that.
std::optional<std::string_view> ValueOf(std::string_view key,
                                        std::string_view argument) {
  if (!argument.starts_with("--")) return std::nullopt;
  argument.remove_prefix(2);
  if (!argument.starts_with(key)) return std::nullopt;
  argument.remove_prefix(key.size());
  if (!argument.starts_with("=")) return std::nullopt;
  return argument.substr(1);
}

std::int64_t Fib(std::int64_t n) {
  std::int64_t a = 0;
  std::int64_t b = 1;
  for (; n > 0; --n) a = std::exchange(b, a + b);
  return a;
}

double Quantile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(
      std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void PrintBegin(std::string_view port, const Request& request) {
  std::printf(
      "{\"port\": \"%.*s\", \"workload\": \"%s\", \"tasks\": \"%s\", "
      "\"workers\": %d, \"n\": %lld, ",
      static_cast<int>(port.size()), port.data(), request.workload.c_str(),
      request.tasks.c_str(), request.workers,
      static_cast<long long>(request.n));
}

double CpuNanoseconds(clockid_t clock) {
  timespec time;
  if (clock_gettime(clock, &time) != 0) std::abort();
  return 1e9 * static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec);
}

double CpuTimeOfOthers() {
  return CpuNanoseconds(CLOCK_PROCESS_CPUTIME_ID) -
         CpuNanoseconds(CLOCK_THREAD_CPUTIME_ID);
}

std::int64_t Queens(std::int64_t n) {
  constexpr std::int64_t kSolutions[] = {
      1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596};
  if (n < 4 || n > 14) Usage();
  return kSolutions[n];
}

}  // namespace

void Recorder::BeginIteration() {
  own_samples_ = false;
  stop_ = {};
  Start();
}

void Recorder::EndIteration(std::int64_t operations) {
  if (own_samples_) return;
  if (stop_ == Clock::time_point()) Stop();
  samples_.push_back(
      std::chrono::duration<double, std::nano>(stop_ - start_).count() /
      static_cast<double>(operations));
}

Amounts Expected(std::string_view workload, std::int64_t n) {
  // What is forked instead of spawned is the same work.
  if (workload.starts_with("fork_")) workload.remove_prefix(5);
  if (workload == "nqueens") return {Queens(n), Queens(n)};
  if (workload == "yield_many") return {200 * n, 200 * n};
  if (workload == "fib") return {2 * Fib(n + 1) - 1, Fib(n)};
  if (workload == "skynet") return {n, n * (n - 1) / 2};
  if (workload == "flow_wavefront") return {n * n, 2 * n - 1};
  if (workload == "mpsc") return {n, n * (n - 1) / 2};
  if (workload == "mutex") return {100 * n, 100 * n};
  return {n, n};
}

std::int64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long long total = 0;
  long long resident = 0;
  if (std::fscanf(file, "%lld %lld", &total, &resident) != 2) resident = 0;
  std::fclose(file);
  return resident * sysconf(_SC_PAGESIZE);
}

void RecordIdleCpu(std::int64_t milliseconds, Recorder& recorder) {
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const double before = CpuTimeOfOthers();
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  const double used = CpuTimeOfOthers() - before;
  recorder.Add(std::max(0.0, used) / static_cast<double>(milliseconds));
}

Request ParseRequest(int argc, char** argv) {
  Request request;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (auto v = ValueOf("workload", argument)) {
      request.workload = *v;
    } else if (auto v = ValueOf("tasks", argument)) {
      request.tasks = *v;
    } else if (auto v = ValueOf("workers", argument)) {
      request.workers = ParseNumber<int>(*v);
    } else if (auto v = ValueOf("n", argument)) {
      request.n = ParseNumber<std::int64_t>(*v);
    } else if (auto v = ValueOf("seconds", argument)) {
      request.seconds = ParseNumber<double>(*v);
    } else if (auto v = ValueOf("rounds", argument)) {
      request.rounds = ParseNumber<std::int64_t>(*v);
    } else {
      Usage();
    }
  }
  if (request.workload.empty() || request.n < 1 || request.workers < 1) {
    Usage();
  }
  return request;
}

void PrintSamples(std::string_view port, const Request& request,
                  std::int64_t operations, std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  PrintBegin(port, request);
  std::printf(
      "\"operations\": %lld, \"samples\": %zu, \"min\": %.3f, "
      "\"median\": %.3f, \"p99\": %.3f}\n",
      static_cast<long long>(operations), sorted.size(), sorted.front(),
      Quantile(sorted, 0.5), Quantile(sorted, 0.99));
}

void PrintMissing(std::string_view port, const Request& request,
                  std::string_view why) {
  PrintBegin(port, request);
  std::printf("\"missing\": \"%.*s\"}\n", static_cast<int>(why.size()),
              why.data());
}

void FailRun(const Request& request, std::int64_t result,
             std::int64_t expected) {
  std::fprintf(stderr, "%s: %lld came out, and not %lld\n",
               request.workload.c_str(), static_cast<long long>(result),
               static_cast<long long>(expected));
  std::exit(1);
}

void FailUnknown(const Request& request) {
  std::fprintf(stderr, "there is no workload '%s' with tasks '%s'\n",
               request.workload.c_str(), request.tasks.c_str());
  std::exit(2);
}

}  // namespace weft::compare
