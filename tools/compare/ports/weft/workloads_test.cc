#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "weft/tools/compare/ports/common/port.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

TEST(WorkloadsTest, EachGivesWhatItShould) {
  for (const Workload<Runtime>& workload : Workloads()) {
    for (int workers : {1, 2}) {
      SCOPED_TRACE(std::string(workload.name) + " " +
                   std::string(workload.tasks) + " " + std::to_string(workers));
      Runtime runtime(workers);
      const std::int64_t n = workload.name.ends_with("skynet") ? 100
                             : workload.name == "fork_nqueens" ? 6
                                                               : 12;
      for (int round = 0; round < 2; ++round) {
        Recorder recorder;
        recorder.BeginIteration();
        EXPECT_EQ(workload.run(runtime, n, recorder),
                  Expected(workload.name, n).result);
        recorder.EndIteration(Expected(workload.name, n).operations);
        EXPECT_FALSE(recorder.samples().empty());
      }
    }
  }
}

}  // namespace
}  // namespace weft::compare
