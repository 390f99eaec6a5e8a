#include "weft/pool/options.h"

#include <chrono>
#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace weft {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

absl::Status With(const std::function<void(Options&)>& change) {
  Options options;
  change(options);
  return options.Validate();
}

// Says what was wrong: the field and its value.
void ExpectRefused(const absl::Status& status, const std::string& field,
                   const std::string& value) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  const std::string message(status.message());
  EXPECT_NE(message.find(field), std::string::npos) << message;
  EXPECT_NE(message.find(value), std::string::npos) << message;
}

TEST(Options, TheDefaultsAreValid) { EXPECT_TRUE(Options().Validate().ok()); }

TEST(Options, WorkersAreFromZeroToTheMost) {
  for (int good : {0, 1, 64, Options::kMaxWorkers}) {
    EXPECT_TRUE(With([&](Options& o) { o.workers = good; }).ok()) << good;
  }
  ExpectRefused(With([](Options& o) { o.workers = -1; }), "workers", "-1");
  ExpectRefused(With([](Options& o) { o.workers = 1025; }), "workers", "1025");
}

TEST(Options, TheWatchdogsPeriodIsNotNegativeAndNotForever) {
  for (nanoseconds good :
       {nanoseconds(0), nanoseconds(1), nanoseconds(hours(1))}) {
    EXPECT_TRUE(With([&](Options& o) { o.watchdog_period = good; }).ok());
  }
  ExpectRefused(With([](Options& o) { o.watchdog_period = nanoseconds(-3); }),
                "watchdog_period", "-3 ns");
  ExpectRefused(
      With([](Options& o) { o.watchdog_period = nanoseconds::max(); }),
      "watchdog_period", "hour");
}

TEST(Options, ShardsAreAPowerOfTwo) {
  for (int good : {0, 1, 2, 16, 64}) {
    EXPECT_TRUE(With([&](Options& o) { o.injector_shards = good; }).ok());
  }
  for (int bad : {-1, 3, 24, 128}) {
    ExpectRefused(With([&](Options& o) { o.injector_shards = bad; }),
                  "injector_shards", std::to_string(bad));
  }
}

}  // namespace
}  // namespace weft
