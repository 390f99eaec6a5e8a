// The report of a failing execution: at most 60 lines for people.

#ifndef WEFT_MODEL_REPORT_H_
#define WEFT_MODEL_REPORT_H_

#include <cstdint>
#include <string>

#include "weft/model/trace.h"

namespace weft::model {

/// No report has more lines.
inline constexpr int kMaxReportLines = 60;

/// What a report tells besides the execution itself.
struct ReportFacts {
  uint64_t runs = 0;   ///< How often the test was run until it failed.
  std::string token;   ///< To run this execution alone.
  std::string filter;  ///< How to run the test alone; may be empty.
};

/// The report of a failure:
///
///     DATA RACE on data (queue.h:30), after 2 executions
///     replay: MODEL_REPLAY=g1.AQIEBx8
///       #  place       T0                      T1
///       1  queue.h:41                          data written  <- RACES with #4
///       2  queue.h:42                          ready.store(1, relaxed)  <- ...
///       3  queue.h:57  ready.load(acquire) = 1 from #2
///       4  queue.h:58  data read  <- RACES with #1
///     missing edge: #2 -sw-> #3 (store is relaxed, no release fence before it)
///
/// The steps are in one order in which they may have happened. If they are too
/// many, those that matter least are left out. With MODEL_DOT or MODEL_SVG in
/// the environment, the execution is drawn into the file of that name, too.
std::string WriteReport(const Trace& trace, const ReportFacts& facts);

}  // namespace weft::model

#endif  // WEFT_MODEL_REPORT_H_
