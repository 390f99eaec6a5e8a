#include "weft/model/replay.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "weft/model/report.h"
#include "weft/model/story.h"
#include "weft/model/token.h"
#include "weft/model/trace.h"

namespace weft::model {
namespace {

/// The test that runs, and how many explorations it has made.
struct RunningTest {
  uint32_t name = 0;  // its hash; 0: unknown
  std::string how;
  uint32_t explorations = 0;
};

RunningTest& Running() {
  static auto* test = new RunningTest;
  return *test;
}

bool Tracing() {
  const char* value = std::getenv("MODEL_TRACE");
  return value != nullptr && *value != '\0' && *value != '0';
}

/// Prints the step made last.
void PrintStep(const Trace& trace) {
  const Story story(trace);
  const Line& line = story.lines().back();
  if (line.number == 0) return;
  const std::string indent(static_cast<size_t>(line.lane) * 4, ' ');
  std::fprintf(stderr, "%4d  %-24s %s%s: %s%s%s\n", line.number,
               line.place.c_str(), indent.c_str(),
               Names::Thread(line.lane).c_str(), line.text.c_str(),
               line.remark.empty() ? "" : "  <- ", line.remark.c_str());
  std::fflush(stderr);
}

std::string WithCommas(double number) {
  std::string text = std::to_string(std::llround(number));
  for (size_t i = text.size(); i > 3;) text.insert(i -= 3, ",");
  return text;
}

/// Says how far the exploration came.
std::string DescribeLimit(const Result& result) {
  std::string text = "NOT EXHAUSTIVE: ";
  const auto complete = static_cast<double>(result.complete);
  if (result.estimated_total > complete) {
    const double percent = 100 * complete / result.estimated_total;
    char share[32];
    std::snprintf(share, sizeof(share), percent < 1 ? "%.2g" : "%.0f", percent);
    text += std::string("about ") + share + " % of about " +
            WithCommas(result.estimated_total) + " executions";
  } else {
    text += "a part";
  }
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.1f", result.seconds);
  text += " after " + WithCommas(complete) + " executions and " + seconds +
          " s: " + result.failure.message + "\n";
  return text +
         "Raise Options::max_time or max_executions, make the test smaller, or "
         "say Options::samples.\n";
}

/// What can be said of a failure that cannot be followed.
std::string DescribeWithoutTrace(const Failure& failure) {
  std::string text(VerdictName(failure.verdict));
  text += ": " + failure.message + "\n";
  if (failure.where.line() != 0) {
    text += "  at " + std::string(failure.where.file_name()) + ":" +
            std::to_string(failure.where.line()) + "\n";
  }
  return text;
}

/// Takes over what the trace says.
void Adopt(Trace trace, Result& result) {
  result.failure = trace.failure;
  result.plain_accesses.clear();
  for (const Step& step : trace.steps) {
    if (!step.is_event()) result.plain_accesses.push_back(step.access);
  }
  result.graph = std::make_shared<Graph>(std::move(trace.graph));
}

Result BadToken(const std::string& why) {
  Result result;
  result.verdict = result.failure.verdict = Verdict::kBadToken;
  result.failure.message = why;
  result.report = "MODEL_REPLAY: " + why + "\n";
  return result;
}

Result Run(const std::function<void()>& body, const Token& token,
           const std::string& text, const Options& options) {
  const StepCallback print = Tracing() ? &PrintStep : StepCallback();
  Trace trace = Follow(body, options, token.schedule, print);
  constexpr char kChanged[] =
      "; the test, or the code that it tests, is not what the token was made "
      "of";
  if (!trace.divergence.empty()) {
    return BadToken("the execution cannot be followed: " + trace.divergence +
                    kChanged);
  }
  if (HashOf(trace) != token.steps) {
    return BadToken(std::string("the steps are others") + kChanged);
  }
  if (trace.failure.verdict != token.verdict) {
    return BadToken("the end is another, \"" +
                    std::string(VerdictName(trace.failure.verdict)) +
                    "\" and not \"" + std::string(VerdictName(token.verdict)) +
                    "\"" + kChanged);
  }
  Result result;
  result.runs = 1;
  result.verdict = trace.failure.verdict;
  result.replay = text;
  if (result.verdict == Verdict::kPassed) {
    result.complete = 1;
    result.outcomes.insert(trace.outcome);
  } else {
    result.report =
        WriteReport(trace, {.runs = 0, .token = text, .filter = {}});
  }
  Adopt(std::move(trace), result);
  return result;
}

}  // namespace

void SetTestName(std::string_view name, std::string_view how) {
  const uint32_t hash = HashOf(name);
  RunningTest& test = Running();
  if (test.name == hash) return;
  test = {.name = hash, .how = std::string(how), .explorations = 0};
}

void DescribeFailure(const std::function<void()>& body, const Options& options,
                     Result& result) {
  if (result.verdict == Verdict::kNotExhaustive) {
    result.report = DescribeLimit(result);
    return;
  }
  if (result.graph == nullptr || result.verdict == Verdict::kNondeterministic) {
    result.report = DescribeWithoutTrace(result.failure);
    return;
  }
  Trace trace = Follow(body, options, *result.graph, result.failure);
  if (!trace.divergence.empty()) {
    // The test does not do the same again; or the checker is at fault.
    result.report = DescribeWithoutTrace(result.failure) +
                    "No replay token: the execution could not be followed (" +
                    trace.divergence + ").\n";
    return;
  }
  const RunningTest& test = Running();
  result.replay = Encode({.test = test.name,
                          .check = test.explorations,
                          .verdict = trace.failure.verdict,
                          .steps = HashOf(trace),
                          .schedule = trace.schedule});
  result.report = WriteReport(
      trace, {.runs = result.runs, .token = result.replay, .filter = test.how});
  Adopt(std::move(trace), result);
}

Result Replay(const std::function<void()>& body, std::string_view token,
              const Options& options) {
  const std::optional<Token> decoded = Decode(token);
  if (!decoded) {
    return BadToken("this is no replay token, or not a whole one");
  }
  return Run(body, *decoded, std::string(token), options);
}

bool ReplayInstead(const std::function<void()>& body, const Options& options,
                   Result* result) {
  RunningTest& test = Running();
  ++test.explorations;
  const char* text = std::getenv("MODEL_REPLAY");
  if (text == nullptr || *text == '\0') return false;
  const std::optional<Token> token = Decode(text);
  if (token && test.name != 0 && token->test != 0) {
    if (token->test != test.name) {
      *result = BadToken("the token is of another test than this one (" +
                         test.how + ")");
      return true;
    }
    if (token->check != test.explorations) {
      std::fprintf(stderr,
                   "weft::model: MODEL_REPLAY is of exploration %u of this "
                   "test; number %u is left out\n",
                   token->check, test.explorations);
      *result = Result();
      return true;
    }
  }
  *result = Replay(body, text, options);
  return true;
}

}  // namespace weft::model
