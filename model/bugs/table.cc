// Prints the bug corpus as a Markdown table: what each bug is found as, how
// many runs of the test that takes, and how many it takes to explore the fixed
// variant completely.
//
//     bazel run -c opt //model/bugs:table
//
// Takes GoogleTest's flags, --gtest_filter for one.

#include <gtest/gtest.h>

#include <cstdio>

#include "weft/model/bugs/corpus.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const int status = RUN_ALL_TESTS();
  std::printf(
      "\n| test | source | found as | runs to find | ms | runs to prove "
      "(complete executions) | ms |\n|---|---|---|---:|---:|---:|---:|\n");
  for (const weft::model::bugs::Row& row : weft::model::bugs::Rows()) {
    std::printf("| %s | %s | %s | %llu | %.2f | %llu (%llu) | %.2f |\n",
                row.test.c_str(), row.source.c_str(), row.verdict.c_str(),
                static_cast<unsigned long long>(row.find_runs),
                row.find_seconds * 1e3,
                static_cast<unsigned long long>(row.prove_runs),
                static_cast<unsigned long long>(row.prove_complete),
                row.prove_seconds * 1e3);
  }
  return status;
}
