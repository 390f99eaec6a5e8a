#include "weft/tools/bench/runner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "weft/base/xorshift.h"
#include "weft/pool/executor.h"
#include "weft/pool/options.h"
#include "weft/tools/bench/allocation_counter.h"
#include "weft/tools/bench/line_latency.h"
#include "weft/tools/bench/schedulers.h"

namespace weft::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kVisit{2};
constexpr int kMinSamples = 2;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

int Scaled(int count, double scale) {
  return std::max(1, static_cast<int>(std::lround(count * scale)));
}

struct Cell {
  const Workload* workload;
  std::string_view scheduler;
  int workers;
  std::int64_t operations;
  double allocations = 0;
  std::vector<double> samples = {};
  std::vector<double> rounds = {};
};

std::string NameOf(const Cell& cell) {
  const Workload& workload = *cell.workload;
  return std::string(workload.benchmark) + " (" + std::string(workload.style) +
         ", " + std::string(workload.tasks) + ", " +
         std::string(cell.scheduler) + ", " + std::to_string(cell.workers) +
         (cell.workers == 1 ? " worker)" : " workers)");
}

// The table, line by line.
std::vector<Cell> CellsFor(const Flags& flags, const Sizes& sizes) {
  auto asked_for = [&flags](const Workload& workload) {
    return std::ranges::count(flags.styles, workload.style) != 0 &&
           std::ranges::count(flags.tasks, workload.tasks) != 0;
  };
  std::vector<Cell> cells;
  for (std::string_view benchmark : flags.benchmarks) {
    for (std::string_view tasks : kTaskKinds) {
      for (const auto& workloads :
           {CoroutineWorkloads(), PollWorkloads(), FlowWorkloads()}) {
        for (const Workload& workload : workloads) {
          if (workload.benchmark != benchmark || workload.tasks != tasks ||
              !asked_for(workload)) {
            continue;
          }
          for (int workers : flags.workers) {
            for (std::string_view scheduler : flags.schedulers) {
              cells.push_back(
                  {&workload, scheduler, workers, workload.operations(sizes)});
            }
          }
        }
      }
    }
  }
  return cells;
}

class Runner {
 public:
  Runner(const Flags& flags, ProgressLine& progress)
      : flags_(flags),
        sizes_(SizesFor(flags)),
        progress_(progress),
        cells_(CellsFor(flags, sizes_)) {}

  absl::StatusOr<RunResult> Run() {
    if (cells_.empty()) {
      return absl::InvalidArgumentError(
          "no benchmark fits the flags: yield_many has detached tasks only, "
          "and "
          "those of flows have joined ones");
    }
    while (rounds_ == 0 || (Elapsed() < flags_.seconds &&
                            (flags_.rounds == 0 || rounds_ < flags_.rounds))) {
      if (absl::Status status = Round(); !status.ok()) return status;
      ++rounds_;
    }
    progress_.Clear();
    return Results();
  }

 private:
  double Elapsed() const { return SecondsSince(begin_); }

  absl::Status Round() {
    line_latency_.push_back(MeasureLineLatency());
    std::vector<std::size_t> order(cells_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size() - 1; i > 0; --i) {
      std::swap(order[i], order[random_.Below(static_cast<uint32_t>(i + 1))]);
    }
    for (std::size_t i : order) {
      ShowProgress(cells_[i]);
      if (absl::Status status = Visit(cells_[i]); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Visit(Cell& cell) {
    Options options;
    options.workers = cell.workers;
    const auto pool = CreatePool(cell.scheduler, std::move(options));
    if (!pool.ok()) return pool.status();
    Executor& executor = (*pool)->executor();
    if (absl::Status s = Iterate(cell, executor); !s.ok()) return s;
    if (rounds_ == 0) {
      AllocationCounter::Start();
      absl::Status status = Iterate(cell, executor);
      cell.allocations = static_cast<double>(AllocationCounter::Stop());
      if (!status.ok()) return status;
    }
    std::vector<double> samples;
    const auto begin = Clock::now();
    for (int i = 0; i < kMinSamples || Clock::now() - begin < kVisit; ++i) {
      const auto before = Clock::now();
      absl::Status status = Iterate(cell, executor);
      const std::chrono::duration<double, std::nano> time =
          Clock::now() - before;
      if (!status.ok()) return status;
      samples.push_back(time.count() / static_cast<double>(cell.operations));
    }
    std::ranges::copy(samples, std::back_inserter(cell.samples));
    cell.rounds.push_back(Summarize(std::move(samples)).median);
    return absl::OkStatus();
  }

  absl::Status Iterate(const Cell& cell, Executor& executor) {
    const std::int64_t done = cell.workload->run(executor, sizes_);
    if (done == cell.operations) return absl::OkStatus();
    return absl::InternalError(NameOf(cell) + " did " + std::to_string(done) +
                               " operations instead of " +
                               std::to_string(cell.operations));
  }

  void ShowProgress(const Cell& cell) {
    if (!progress_.visible()) return;
    char clock[64];
    std::snprintf(clock, sizeof(clock), "%3.0f s of %.0f  round %d  ",
                  Elapsed(), flags_.seconds, rounds_ + 1);
    progress_.Show(clock + NameOf(cell));
  }

  RunResult Results() {
    RunResult result;
    result.rounds = rounds_;
    result.seconds = Elapsed();
    result.line_latency = Summarize(std::move(line_latency_));
    for (Cell& cell : cells_) {
      result.cells.push_back({
          .workload = cell.workload,
          .scheduler = cell.scheduler,
          .workers = cell.workers,
          .operations = cell.operations,
          .time = Summarize(std::move(cell.samples)),
          .rounds = std::move(cell.rounds),
          .allocations =
              cell.allocations / static_cast<double>(cell.operations),
      });
    }
    return result;
  }

  const Flags& flags_;
  const Sizes sizes_;
  ProgressLine& progress_;
  const Clock::time_point begin_ = Clock::now();
  std::vector<Cell> cells_;
  std::vector<double> line_latency_;
  int rounds_ = 0;
  XorShift64 random_{1};
};

}  // namespace

Sizes SizesFor(const Flags& flags) {
  Sizes sizes;
  sizes.deep_chain = flags.deep;
  for (int* count :
       {&sizes.chain, &sizes.deep_chain, &sizes.pairs, &sizes.spawns,
        &sizes.yielders, &sizes.yields, &sizes.flows, &sizes.side}) {
    *count = Scaled(*count, flags.scale);
  }
  return sizes;
}

absl::StatusOr<RunResult> RunBenchmarks(const Flags& flags,
                                        ProgressLine& progress) {
  return Runner(flags, progress).Run();
}

}  // namespace weft::bench
