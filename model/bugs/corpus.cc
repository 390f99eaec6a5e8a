#include "weft/model/bugs/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "weft/model/check.h"

namespace weft::model::bugs {
namespace {

using Place = std::source_location;

bool Same(const Place& a, const Place& b) {
  return a.line() == b.line() && std::strcmp(a.file_name(), b.file_name()) == 0;
}

// As a report prints it: "file.cc:12".
std::string ShortName(const Place& place) {
  const std::string file = place.file_name();
  return file.substr(file.find_last_of('/') + 1) + ":" +
         std::to_string(place.line());
}

// The places that Suspect was called from. An array, since it is called inside
// executions, whose memory is the checker's.
constexpr size_t kMaxSuspects = 32;
Place suspects[kMaxSuspects];
size_t suspect_count = 0;

bool IsSuspect(const Place& place) {
  for (size_t i = 0; i < suspect_count; ++i) {
    if (Same(suspects[i], place)) return true;
  }
  return false;
}

std::vector<Row>& MutableRows() {
  static auto* rows = new std::vector<Row>;
  return *rows;
}

/// The places that the failure names. Of a deadlock those of the threads that
/// wait for something, and not just for each other's end.
std::vector<Place> PlacesOf(const Result& result) {
  const Failure& failure = result.failure;
  std::vector<Place> places = {failure.where};
  if (failure.verdict == Verdict::kDeadlock) {
    for (const Failure::Waiting& waiting : failure.waiting) {
      if (waiting.location >= 0) places.push_back(waiting.where);
    }
  } else {
    places.push_back(failure.first.where);
    places.push_back(failure.second.where);
    for (EventId id : {failure.first_event, failure.second_event}) {
      if (id) places.push_back(result.graph->at(id).where);
    }
  }
  std::erase_if(places, [](const Place& place) { return place.line() == 0; });
  return places;
}

void ExpectFound(const Bug& bug, const Result& result) {
  ASSERT_EQ(result.verdict, bug.verdict)
      << VerdictName(result.verdict) << " instead of "
      << VerdictName(bug.verdict) << "\n"
      << result.report;
  EXPECT_THAT(result.failure.message, ::testing::HasSubstr(bug.message));
  EXPECT_FALSE(result.report.empty());
  // Of an assertion the message says enough.
  if (suspect_count == 0 || bug.verdict == Verdict::kAssertion) return;
  const std::vector<Place> places = PlacesOf(result);
  EXPECT_FALSE(places.empty()) << "the failure names no place";
  for (const Place& place : places) {
    EXPECT_TRUE(IsSuspect(place)) << ShortName(place) << " is named wrongly\n"
                                  << result.report;
    EXPECT_THAT(result.report, ::testing::HasSubstr(ShortName(place)));
  }
}

/// Its token must lead back to the failure, and its report must be short.
void ExpectReplayable(const Result& found, const Options& options,
                      const std::function<void()>& body) {
  if (found.verdict == Verdict::kPassed) return;
  const Result again = Replay(body, found.replay, options);
  EXPECT_EQ(again.verdict, found.verdict) << again.report << found.report;
  EXPECT_LE(found.replay.size(), 2048u);
  EXPECT_LE(std::count(found.report.begin(), found.report.end(), '\n'), 60);
}

}  // namespace

std::source_location Suspect(std::source_location where) {
  if (!IsSuspect(where) && suspect_count < kMaxSuspects) {
    suspects[suspect_count++] = where;
  }
  return where;
}

void Examine(const Bug& bug, const std::function<void(bool fixed)>& program) {
  suspect_count = 0;
  const Result buggy = Explore([&] { program(false); }, bug.options);
  ExpectFound(bug, buggy);
  ExpectReplayable(buggy, bug.options, [&] { program(false); });
  const Result fixed = Explore([&] { program(true); }, bug.options);
  EXPECT_TRUE(fixed.verdict == Verdict::kPassed && fixed.complete > 0)
      << "the repair: " << VerdictName(fixed.verdict) << "\n"
      << fixed.report;
  MutableRows().push_back({
      .test = ::testing::UnitTest::GetInstance()->current_test_info()->name(),
      .source = bug.source,
      .verdict = std::string(VerdictName(buggy.verdict)),
      .find_runs = buggy.runs,
      .find_seconds = buggy.seconds,
      .prove_runs = fixed.runs,
      .prove_complete = fixed.complete,
      .prove_seconds = fixed.seconds,
  });
}

const std::vector<Row>& Rows() { return MutableRows(); }

}  // namespace weft::model::bugs
