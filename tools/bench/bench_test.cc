#include "weft/tools/bench/bench.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "weft/tools/bench/line_latency.h"
#include "weft/tools/bench/names.h"
#include "weft/tools/bench/progress.h"
#include "weft/tools/bench/report.h"

namespace weft::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A file that can be read back.
class TextFile {
 public:
  TextFile() : file_(std::tmpfile()) {}
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { std::fclose(file_); }

  std::FILE* file() const { return file_; }
  std::string Text() const {
    std::string text;
    std::rewind(file_);
    for (int c; (c = std::fgetc(file_)) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* const file_;
};

struct Ran {
  int status;
  std::string out;
  std::string errors;
};

Ran RunWith(std::vector<const char*> arguments) {
  TextFile out;
  TextFile errors;
  const int status = BenchMain(arguments, out.file(), errors.file());
  return {status, out.Text(), errors.Text()};
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Bench, OneRoundOfEverythingFillsTheTable) {
  const Ran ran = RunWith({"--rounds=1", "--scale=0.01", "--workers=1,3"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.errors, IsEmpty());
  for (std::string_view name : kBenchmarks) {
    EXPECT_THAT(ran.out, HasSubstr("\n" + std::string(name) + " "));
  }
  // Eleven workloads in two styles on two sizes of pool, and five of flows.
  EXPECT_EQ(Count(ran.out, "  spawn  "), 4u * 4 * 2);
  EXPECT_EQ(Count(ran.out, "  pair  "), 4u * 2);
  EXPECT_EQ(Count(ran.out, "  yield  "), 2u * 2);
  EXPECT_EQ(Count(ran.out, "  flow  "), 4u * 2 + 5 * 2) << "and five styles";
  EXPECT_THAT(ran.out, HasSubstr("1 rounds in"));
}

TEST(Bench, FlagsChooseTheLinesOfTheTable) {
  const Ran ran =
      RunWith({"--rounds=2", "--scale=0.001", "--workers=2",
               "--benchmarks=ping_pong", "--styles=poll", "--tasks=joined"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(Count(ran.out, "ping_pong"), 1u);
  EXPECT_THAT(ran.out,
              AllOf(Not(HasSubstr("coroutine")), Not(HasSubstr("detached"))));
}

TEST(Bench, JsonGoesToStdoutAloneAndTheTableToStderr) {
  const Ran ran = RunWith({"--rounds=1", "--scale=0.001", "--workers=1",
                           "--benchmarks=yield_many", "--json=-"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, StartsWith("{\n"));
  EXPECT_EQ(Count(ran.out, "\"median_ns\": "), 2u);
  EXPECT_THAT(ran.errors, HasSubstr("yield_many  yield"));
}

TEST(Bench, JsonGoesToAFileAndTheTableToStdout) {
  const std::string path = ::testing::TempDir() + "/weft_bench_test.json";
  const Ran ran = RunWith({"--rounds=1", "--scale=0.001", "--workers=1",
                           "--benchmarks=yield_many", "--json", path.c_str()});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("yield_many  yield"));
  std::FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(std::fgetc(file), '{');
  std::fclose(file);
  std::remove(path.c_str());
}

TEST(Bench, AComparisonIsDrawnBelowTheTableAndInAFile) {
  const std::string path = ::testing::TempDir() + "/weft_bench_test.svg";
  const Ran ran = RunWith({"--rounds=2", "--scale=0.001", "--workers=1",
                           "--benchmarks=yield_many", "--styles=poll",
                           "--compare=single_queue", "--svg", path.c_str()});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.errors, IsEmpty());
  EXPECT_EQ(Count(ran.out, "single_queue"), 2u);
  EXPECT_EQ(Count(ran.out, "times as fast"), 1u);
  std::FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(std::fgetc(file), '<');
  std::fclose(file);
  std::remove(path.c_str());
}

TEST(Bench, AWrongFlagIsExplainedAndEndsWithTwo) {
  const Ran ran = RunWith({"--benchmarks=fib"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.errors, AllOf(StartsWith("bench: --benchmarks=fib"),
                                HasSubstr("chained_spawn,")));
}

TEST(Bench, FilesAreWhereBazelWasStarted) {
  ASSERT_EQ(setenv("BUILD_WORKING_DIRECTORY", "/nowhere/at", 1), 0);
  const Ran ran = RunWith({"--json=all.json"});
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.errors, HasSubstr("cannot write all.json"));
}

TEST(Bench, FlagsThatLeaveNothingToRunAreWrong) {
  const Ran ran = RunWith({"--benchmarks=yield_many", "--tasks=joined"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.errors, HasSubstr("no benchmark fits"));
}

TEST(Bench, AFileThatCannotBeWrittenEndsWithOneBeforeAnythingIsRun) {
  const Ran ran = RunWith({"--json=/nowhere/at/all"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.errors, HasSubstr("cannot write /nowhere/at/all"));
}

TEST(Bench, HelpGoesToStdout) {
  const Ran ran = RunWith({"--help"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("--benchmarks=A,B"));
}

TEST(Progress, NothingIsShownWhereThereIsNoTerminal) {
  TextFile file;
  {
    ProgressLine progress(file.file());
    EXPECT_FALSE(progress.visible());
    progress.Show("half way");
  }
  EXPECT_THAT(file.Text(), IsEmpty());
}

TEST(Report, ABuildWithoutOptimisationIsWarnedOf) {
  const RunResult nothing;
  EXPECT_THAT(TableOf(nothing, {.processors = 2, .compiler = "c"}),
              HasSubstr("WARNING"));
  EXPECT_THAT(
      TableOf(nothing, {.processors = 2, .compiler = "c", .optimised = true}),
      Not(HasSubstr("WARNING")));
}

TEST(LineLatency, IsMoreThanNothing) { EXPECT_GT(MeasureLineLatency(), 0); }

}  // namespace
}  // namespace weft::bench
