#include "weft/model/source_text.h"

#include <gtest/gtest.h>

namespace weft::model {
namespace {

// `mark` says where the place is: its '^' stands below the column.
unsigned Column(std::string_view mark) {
  return static_cast<unsigned>(mark.find('^')) + 1;
}

TEST(ObjectOfCallTest, AtTheParenthesis) {
  EXPECT_EQ(ObjectOfCall("  x.store(1);",  //
                         Column("         ^")),
            "x");
  EXPECT_EQ(ObjectOfCall("  y.store(x.load(), 2);",  //
                         Column("                ^")),
            "x");
  EXPECT_EQ(ObjectOfCall("  y.store(x.load(), 2);",  //
                         Column("         ^")),
            "y");
  EXPECT_EQ(ObjectOfCall("  if (node->next.load(kRelaxed) != nullptr) {",  //
                         Column("                     ^")),
            "node->next");
  EXPECT_EQ(ObjectOfCall("  slots_[i & (n() - 1)].value.Set(7);",  //
                         Column("                                 ^")),
            "value");
  EXPECT_EQ(ObjectOfCall("  (*p).a->Get();",  //
                         Column("             ^")),
            "(*p).a");
}

TEST(ObjectOfCallTest, AtTheBeginning) {
  EXPECT_EQ(ObjectOfCall("  x.store(1);",  //
                         Column("  ^")),
            "x");
  EXPECT_EQ(ObjectOfCall("  y.store(x.load(), 2);",  //
                         Column("          ^")),
            "x");
  EXPECT_EQ(ObjectOfCall("  if (this->head_.load(kRelaxed) == 1) {",  //
                         Column("      ^")),
            "head_");
  EXPECT_EQ(ObjectOfCall("  arr[f(1)].store(2);",  //
                         Column("  ^")),
            "arr[f(1)]");
}

TEST(ObjectOfCallTest, NoObject) {
  EXPECT_EQ(ObjectOfCall("  AtomicThreadFence(order);", 3), "");
  EXPECT_EQ(ObjectOfCall("  AtomicThreadFence(order);", 20), "");
  EXPECT_EQ(ObjectOfCall("      .store(1);",  //
                         Column("            ^")),
            "");
  EXPECT_EQ(ObjectOfCall("", 1), "");
  EXPECT_EQ(ObjectOfCall("x", 0), "");
  EXPECT_EQ(ObjectOfCall("x.store(", 100), "");
}

TEST(NameOfDeclarationTest, Names) {
  constexpr std::string_view kTwo = "  Atomic<int> x(0), flag(f());";
  EXPECT_EQ(NameOfDeclaration(kTwo,  //
                              Column("                 ^")),
            "x");
  EXPECT_EQ(NameOfDeclaration(kTwo,  //
                              Column("              ^")),
            "x");
  EXPECT_EQ(NameOfDeclaration(kTwo,  //
                              Column("                    ^")),
            "flag");
  EXPECT_EQ(NameOfDeclaration(kTwo,  //
                              Column("                            ^")),
            "flag");
  constexpr std::string_view kBraces = "  Cell<Job> job{7};";
  EXPECT_EQ(NameOfDeclaration(kBraces,  //
                              Column("                ^")),
            "job");
  constexpr std::string_view kEqual = "  weft::atomic<int> z = 4;";
  EXPECT_EQ(NameOfDeclaration(kEqual,  //
                              Column("                        ^")),
            "z");
  EXPECT_EQ(NameOfDeclaration("  Mutex m;", 9), "m");
  EXPECT_EQ(NameOfDeclaration("  Mutex first, second;", 16), "second");
  EXPECT_EQ(NameOfDeclaration("  Flag a{1}, b(f(2)), c = 3, d;", 30), "d");
  EXPECT_EQ(NameOfDeclaration("  Call(x, y);", 11), "");
  EXPECT_EQ(NameOfDeclaration("  const Atomic<Node*> head(new Node);", 23),
            "head");
}

TEST(NameOfDeclarationTest, NoName) {
  EXPECT_EQ(NameOfDeclaration("  auto q = new Node;", 16), "");
  EXPECT_EQ(NameOfDeclaration("", 1), "");
  EXPECT_EQ(NameOfDeclaration("struct Node { Atomic<int> a; };", 8), "");
  EXPECT_EQ(NameOfDeclaration("  Node() : value_(7) {}", 20), "");
  EXPECT_EQ(NameOfDeclaration("  explicit Ring(int n) : n_(n) {}", 12), "");
}

TEST(SourceLineTest, MissingFile) {
  EXPECT_EQ(SourceLine("no/such/file.cc", 1), "");
}

TEST(IsForeignTest, TheSystemAndTheChecker) {
  EXPECT_TRUE(IsForeign("/usr/include/c++/12/bits/std_mutex.h"));
  EXPECT_TRUE(IsForeign("model/mutex.h"));
  EXPECT_TRUE(IsForeign("out/_virtual_includes/atomic/weft/model/atomic.h"));
  EXPECT_TRUE(IsForeign(""));
  EXPECT_FALSE(IsForeign("sync/mutex.h"));
  EXPECT_FALSE(IsForeign("model/check_test.cc"));
  EXPECT_TRUE(IsForeign(std::source_location()));
  EXPECT_FALSE(IsForeign(std::source_location::current()));
}

TEST(ShortPlaceTest, LastPart) {
  const std::source_location here = std::source_location::current();
  EXPECT_EQ(ShortPlace(here),
            "source_text_test.cc:" + std::to_string(here.line()));
  EXPECT_EQ(ShortPlace(std::source_location()), "?");
}

}  // namespace
}  // namespace weft::model
