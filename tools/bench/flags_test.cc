#include "weft/tools/bench/flags.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weft::bench {
namespace {

using ::testing::ElementsAre;
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
  EXPECT_THAT(flags.styles, ElementsAre("coroutine", "poll"));
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

TEST(Flags, AnUnknownFlagIsRefusedWithAListOfFlags) {
  const std::string error = Error({"--speed=9"});
  EXPECT_THAT(error, HasSubstr("no flag --speed"));
  EXPECT_THAT(error, HasSubstr("--benchmarks, --workers"));
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
  for (const char* flag : {"benchmarks", "workers", "styles", "tasks",
                           "seconds", "rounds", "deep", "scale", "json"}) {
    EXPECT_THAT(help, HasSubstr(std::string("--") + flag + "="));
  }
  for (std::string_view name : kBenchmarks) {
    EXPECT_THAT(help, HasSubstr(std::string(name)));
  }
}

}  // namespace
}  // namespace weft::bench
