#include "weft/tools/bench/flags.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weft::bench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

absl::StatusOr<Flags> Parse(std::vector<const char*> arguments, int cpus = 4) {
  return ParseFlags(arguments, cpus);
}

std::string Error(std::vector<const char*> arguments) {
  const auto flags = Parse(std::move(arguments));
  EXPECT_EQ(flags.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(flags.status().message());
}

TEST(Flags, WithoutAnyEverythingIsRun) {
  const Flags flags = *Parse({});
  EXPECT_EQ(flags.benchmarks.size(), kBenchmarks.size());
  EXPECT_THAT(flags.styles, ElementsAre("coroutine", "poll", "flow"));
  EXPECT_THAT(flags.tasks, ElementsAre("detached", "joined"));
  EXPECT_LE(flags.seconds, 30);
  EXPECT_FALSE(flags.help);
}

TEST(Flags, WorkersAreOneTwoAndTheProcessorsEachOnce) {
  EXPECT_THAT(Parse({}, 8)->workers, ElementsAre(1, 2, 8));
  EXPECT_THAT(Parse({}, 2)->workers, ElementsAre(1, 2));
  EXPECT_THAT(Parse({}, 1)->workers, ElementsAre(1, 2));
  EXPECT_THAT(Parse({"--workers=4,1,4"})->workers, ElementsAre(1, 4));
}

TEST(Flags, AValueComesAfterAnEqualsSignOrAsTheNextArgument) {
  const Flags flags = *Parse({"--seconds", "1.5", "--rounds=7", "--json", "-"});
  EXPECT_EQ(flags.seconds, 1.5);
  EXPECT_EQ(flags.rounds, 7);
  EXPECT_EQ(flags.json, "-");
}

TEST(Flags, NamesKeepTheOrderOfTheTable) {
  const Flags flags = *Parse({"--benchmarks=yield_many,ping_pong"});
  EXPECT_THAT(flags.benchmarks, ElementsAre("ping_pong", "yield_many"));
}

TEST(Flags, WithoutAnyThePoolIsWeft) {
  const Flags flags = *Parse({});
  EXPECT_THAT(flags.schedulers, ElementsAre("weft"));
  EXPECT_EQ(flags.compare, "");
}

TEST(Flags, SchedulersAreAListOrAll) {
  EXPECT_THAT(Parse({"--scheduler=single_queue,weft"})->schedulers,
              ElementsAre("weft", "single_queue"));
  EXPECT_THAT(Parse({"--scheduler=all"})->schedulers,
              ElementsAreArray(kSchedulers));
  EXPECT_THAT(Error({"--scheduler=fifo"}),
              AllOf(HasSubstr("there is no 'fifo'"),
                    HasSubstr("weft,single_queue"), HasSubstr("or all")));
}

TEST(Flags, WhatIsComparedWithIsRunAsWell) {
  EXPECT_THAT(Parse({"--compare=single_queue"})->schedulers,
              ElementsAre("weft", "single_queue"));
  EXPECT_THAT(Parse({"--compare=weft", "--scheduler=single_queue"})->schedulers,
              ElementsAre("weft", "single_queue"));
  EXPECT_EQ(Parse({"--compare=single_queue"})->compare, "single_queue");
}

TEST(Flags, AComparisonNeedsTwoAndAPictureNeedsAComparison) {
  EXPECT_THAT(Error({"--compare=all"}), HasSubstr("one of weft,"));
  EXPECT_THAT(Error({"--compare=weft"}), HasSubstr("another scheduler"));
  EXPECT_THAT(Error({"--svg=a.svg"}), HasSubstr("--compare=OLD"));
  EXPECT_EQ(Parse({"--svg=a.svg", "--compare=single_queue"})->svg, "a.svg");
}

TEST(Flags, AnUnknownFlagIsRefusedWithAListOfFlags) {
  const std::string error = Error({"--speed=9"});
  EXPECT_THAT(error, HasSubstr("no flag --speed"));
  EXPECT_THAT(error, HasSubstr("--benchmarks, --scheduler"));
  EXPECT_THAT(Error({"fast"}), HasSubstr("'fast' is not a flag"));
}

TEST(Flags, AnUnknownNameIsRefusedWithAListOfNames) {
  const std::string error = Error({"--benchmarks=ping_pong,fib"});
  EXPECT_THAT(error, HasSubstr("there is no 'fib'"));
  EXPECT_THAT(error, HasSubstr("chained_spawn,"));
  EXPECT_THAT(Error({"--styles=callable"}), HasSubstr("coroutine,poll"));
}

TEST(Flags, ANumberOutOfItsRangeIsRefusedWithTheRange) {
  EXPECT_THAT(Error({"--workers=0"}), HasSubstr("from 1 to 1024"));
  EXPECT_THAT(Error({"--workers=1,two"}), HasSubstr("from 1 to 1024"));
  EXPECT_THAT(Error({"--rounds=-1"}), HasSubstr("from 0 to"));
  EXPECT_THAT(Error({"--seconds=nan"}), HasSubstr("from 0 to 86400"));
  EXPECT_THAT(Error({"--scale=100"}), HasSubstr("from 0.001 to 10"));
}

TEST(Flags, AMissingValueIsRefusedWithAnExample) {
  EXPECT_THAT(Error({"--json"}), HasSubstr("--json=FILE"));
  EXPECT_THAT(Error({"--workers="}), HasSubstr("--workers=1,2"));
}

TEST(Flags, HelpNamesEveryFlagAndEveryBenchmark) {
  EXPECT_TRUE(Parse({"--help"})->help);
  const std::string help = HelpText();
  for (const char* flag :
       {"benchmarks", "scheduler", "compare", "workers", "styles", "tasks",
        "seconds", "rounds", "deep", "scale", "json", "svg"}) {
    EXPECT_THAT(help, HasSubstr(std::string("--") + flag + "="));
  }
  for (std::string_view name : kBenchmarks) {
    EXPECT_THAT(help, HasSubstr(std::string(name)));
  }
}

}  // namespace
}  // namespace weft::bench
