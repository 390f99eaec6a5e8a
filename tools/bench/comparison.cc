#include "weft/tools/bench/comparison.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "weft/tools/bench/stats.h"

namespace weft::bench {
namespace {

using Part = std::string (*)(const BarGroup& group);

// What tells groups apart beside the benchmark.
constexpr Part kParts[] = {
    [](const BarGroup& group) { return std::string(group.workload->tasks); },
    [](const BarGroup& group) { return std::string(group.workload->style); },
    [](const BarGroup& group) {
      return std::to_string(group.workers) +
             (group.workers == 1 ? " worker" : " workers");
    },
};

bool SameInAll(const std::vector<BarGroup>& groups, Part part) {
  return std::ranges::all_of(groups, [&](const BarGroup& group) {
    return part(group) == part(groups.front());
  });
}

bool BelongTogether(const CellResult& a, const CellResult& b) {
  return a.workload == b.workload && a.workers == b.workers;
}

}  // namespace

Speedup SpeedupOf(const std::vector<double>& old_rounds,
                  const std::vector<double>& new_rounds) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(old_rounds.size(), new_rounds.size());
       ++i) {
    ratios.push_back(old_rounds[i] / new_rounds[i]);
  }
  if (ratios.empty()) return {};
  std::ranges::sort(ratios);
  const std::size_t cut = ratios.size() / 20;
  const double low = ratios[cut];
  const double high = ratios[ratios.size() - 1 - cut];
  return {Summarize(std::move(ratios)).median, low, high};
}

std::vector<BarGroup> CompareWith(std::string_view old,
                                  const RunResult& result) {
  std::vector<BarGroup> groups;
  for (const CellResult& before : result.cells) {
    if (before.scheduler != old) continue;
    BarGroup group{before.workload, before.workers, {}};
    auto add = [&](const CellResult& cell) {
      group.bars.push_back({cell.scheduler, cell.time.median,
                            SpeedupOf(before.rounds, cell.rounds)});
    };
    add(before);
    for (const CellResult& cell : result.cells) {
      if (BelongTogether(cell, before) && cell.scheduler != old) add(cell);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

Titles TitlesOf(const std::vector<BarGroup>& groups) {
  Titles titles{"nanoseconds per operation", {}};
  for (const BarGroup& group : groups) {
    titles.groups.emplace_back(group.workload->benchmark);
  }
  for (Part part : kParts) {
    if (groups.empty()) break;
    if (SameInAll(groups, part)) {
      titles.whole += ", " + part(groups.front());
      continue;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      titles.groups[i] += ", " + part(groups[i]);
    }
  }
  return titles;
}

}  // namespace weft::bench
