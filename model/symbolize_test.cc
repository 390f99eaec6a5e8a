// Shows something only if the program is linked with its debug information:
// bazel test -c dbg, or --strip=never.

#include "weft/model/symbolize.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace weft::model {
namespace {

[[gnu::noinline]] const void* Here() { return __builtin_return_address(0); }

TEST(SymbolizeTest, FindsTheLine) {
  const int line = __LINE__ + 1;
  const void* address = Here();
  const std::vector<Frame> frames = Symbolize({{}, {address}})[1];
  if (frames.empty()) GTEST_SKIP() << "no addr2line or no debug information";
  EXPECT_TRUE(frames[0].file.ends_with("symbolize_test.cc")) << frames[0].file;
  EXPECT_EQ(frames[0].line, line);
  EXPECT_EQ(TestPlace(frames), "symbolize_test.cc:" + std::to_string(line));
}

TEST(SymbolizeTest, CanBeSwitchedOff) {
  setenv("MODEL_SYMBOLIZE", "0", 1);
  EXPECT_TRUE(Symbolize({{Here()}})[0].empty());
  unsetenv("MODEL_SYMBOLIZE");
}

TEST(SymbolizeTest, NoAddress) {
  EXPECT_TRUE(Symbolize({}).empty());
  EXPECT_TRUE(Symbolize({{reinterpret_cast<const void*>(1)}})[0].empty());
}

TEST(TestPlaceTest, LeavesOutTheSystemAndTheChecker) {
  EXPECT_EQ(TestPlace({{"operator new", "model/new_delete.cc", 3},
                       {"std::make_unique", "/usr/include/c++/12/memory", 5},
                       {"Leak", "a/b/leak_test.cc", 7},
                       {"main", "a/b/main.cc", 9}}),
            "leak_test.cc:7");
}

TEST(TestPlaceTest, LeavesOutDestructorsIfThereIsACaller) {
  EXPECT_EQ(
      TestPlace({{"Node::~Node()", "node.h", 3}, {"Drop", "node_test.cc", 7}}),
      "node_test.cc:7");
  EXPECT_EQ(TestPlace({{"Node::~Node()", "node.h", 3}}), "node.h:3");
}

TEST(TestPlaceTest, Nothing) {
  EXPECT_EQ(TestPlace({}), "");
  EXPECT_EQ(TestPlace({{"f", "/usr/include/x.h", 3}}), "");
}

}  // namespace
}  // namespace weft::model
