#include "weft/tools/bench/report.h"

#include <cstdio>
#include <string_view>

#include "weft/pool/cpu_count.h"
#include "weft/tools/bench/json.h"
#include "weft/tools/bench/table.h"

namespace weft::bench {
namespace {

std::string Decimals(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

std::string_view OperationOf(std::string_view benchmark) {
  if (benchmark == kPingPong) return "pair";
  if (benchmark == kYieldMany) return "yield";
  if (benchmark == kFlowTree) return "leaf";
  if (benchmark.starts_with("flow_")) return "flow";
  return "spawn";
}

void AppendComparison(JsonWriter& json, const std::vector<BarGroup>& groups) {
  json.Key("comparison").BeginArray();
  for (const BarGroup& group : groups) {
    for (const Bar& bar : group.bars) {
      json.BeginObject();
      json.Key("benchmark").String(group.workload->benchmark);
      json.Key("tasks").String(group.workload->tasks);
      json.Key("style").String(group.workload->style);
      json.Key("workers").Number(group.workers);
      json.Key("scheduler").String(bar.scheduler);
      json.Key("median_ns").Number(bar.time);
      json.Key("times_as_fast").BeginObject();
      json.Key("median").Number(bar.speedup.median);
      json.Key("low").Number(bar.speedup.low);
      json.Key("high").Number(bar.speedup.high);
      json.EndObject();
      json.EndObject();
    }
  }
  json.EndArray();
}

}  // namespace

Conditions ConditionsHere() {
  Conditions conditions;
  conditions.processors = AvailableCpus();
#if defined(__clang__)
  conditions.compiler = __VERSION__;
#else
  conditions.compiler = "GCC " __VERSION__;
#endif
#if defined(NDEBUG) && defined(__OPTIMIZE__)
  conditions.optimised = true;
#endif
  return conditions;
}

std::string TableOf(const RunResult& result, const Conditions& conditions) {
  std::string text = std::to_string(conditions.processors) + " processors, " +
                     conditions.compiler + "; " +
                     std::to_string(result.rounds) + " rounds in " +
                     Decimals(result.seconds, 1) + " s; a cache line takes " +
                     Decimals(result.line_latency.median, 0) +
                     " ns from one processor to another (" +
                     Decimals(result.line_latency.min, 0) + " to " +
                     Decimals(result.line_latency.p95, 0) + ").\n";
  if (!conditions.optimised) {
    text +=
        "WARNING: not compiled with -c opt; these times say nothing about "
        "Weft.\n";
  }
  text += "Nanoseconds per operation; calls of operator new per operation.\n\n";
  using Align = Table::Align;
  Table table({{"benchmark", Align::kLeft},
               {"per", Align::kLeft},
               {"tasks", Align::kLeft},
               {"style", Align::kLeft},
               {"workers"},
               {"scheduler", Align::kLeft},
               {"median"},
               {"min"},
               {"p95"},
               {"allocs"},
               {"samples"}});
  std::string_view last;
  for (const CellResult& cell : result.cells) {
    const Workload& workload = *cell.workload;
    if (!last.empty() && workload.benchmark != last) table.AddGap();
    last = workload.benchmark;
    table.AddRow({std::string(workload.benchmark),
                  std::string(OperationOf(workload.benchmark)),
                  std::string(workload.tasks), std::string(workload.style),
                  std::to_string(cell.workers), std::string(cell.scheduler),
                  Decimals(cell.time.median, 1), Decimals(cell.time.min, 1),
                  Decimals(cell.time.p95, 1), Decimals(cell.allocations, 2),
                  std::to_string(cell.time.samples)});
  }
  return text + table.ToString();
}

std::string JsonOf(const RunResult& result, const Conditions& conditions,
                   const std::vector<BarGroup>& groups) {
  JsonWriter json;
  json.BeginObject();
  json.Key("program").String("weft bench");
  json.Key("processors").Number(conditions.processors);
  json.Key("compiler").String(conditions.compiler);
  json.Key("optimised").Bool(conditions.optimised);
  json.Key("rounds").Number(result.rounds);
  json.Key("seconds").Number(result.seconds);
  json.Key("line_latency_ns").BeginObject();
  json.Key("median").Number(result.line_latency.median);
  json.Key("min").Number(result.line_latency.min);
  json.Key("p95").Number(result.line_latency.p95);
  json.EndObject();
  json.Key("cells").BeginArray();
  for (const CellResult& cell : result.cells) {
    json.BeginObject();
    json.Key("benchmark").String(cell.workload->benchmark);
    json.Key("operation").String(OperationOf(cell.workload->benchmark));
    json.Key("tasks").String(cell.workload->tasks);
    json.Key("style").String(cell.workload->style);
    json.Key("workers").Number(cell.workers);
    json.Key("scheduler").String(cell.scheduler);
    json.Key("operations").Number(cell.operations);
    json.Key("samples").Number(cell.time.samples);
    json.Key("median_ns").Number(cell.time.median);
    json.Key("min_ns").Number(cell.time.min);
    json.Key("p95_ns").Number(cell.time.p95);
    json.Key("allocations_per_operation").Number(cell.allocations);
    json.EndObject();
  }
  json.EndArray();
  if (!groups.empty()) AppendComparison(json, groups);
  json.EndObject();
  return json.Take();
}

}  // namespace weft::bench
