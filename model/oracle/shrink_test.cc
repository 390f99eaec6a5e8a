#include "weft/model/oracle/shrink.h"

#include "gtest/gtest.h"
#include "weft/model/oracle/axiomatic.h"
#include "weft/model/oracle/blocking.h"

namespace weft::model::oracle {
namespace {

TEST(Shrink, LeavesWhatShowsTheFault) {
  const Program program = ParseProgram(
      R"(z.store(1, rel); x.store(1, rlx); fence(acq); a = y.load(rlx)
         y.store(1, rlx); if (q == 0) b = x.load(rlx); c = z.load(acq)
         z.store(c+2, sc); d = x.add(1, ar))",
      "x z");
  // "The fault": a store that a load in another thread can miss twice.
  const auto shows = [](const Program& candidate) {
    for (const std::string& outcome : Judge(candidate).outcomes) {
      if (outcome.find("a=0 b=0") != std::string::npos) return true;
    }
    return false;
  };
  ASSERT_TRUE(shows(program));
  EXPECT_EQ(ToString(Shrink(program, shows)),
            "a = y.load(rlx)\nb = x.load(rlx)\n");
}

TEST(Shrink, TakesLockAndUnlockTogether) {
  const BlockingProgram program = ParseBlockingProgram(
      R"(p.lock(); m.lock(); x.store(1); n.lock(); n.unlock(); m.unlock(); p.unlock()
         y.store(1); n.lock(); m.lock(); m.unlock(); a = x.load(); n.unlock())");
  const auto deadlocks = [](const BlockingProgram& candidate) {
    return !Interleave(candidate).deadlocks.empty();
  };
  ASSERT_TRUE(deadlocks(program));
  EXPECT_EQ(ToString(Shrink(program, deadlocks)),
            "m.lock(); n.lock(); n.unlock(); m.unlock()\n"
            "n.lock(); m.lock(); m.unlock(); n.unlock()\n");
}

}  // namespace
}  // namespace weft::model::oracle
