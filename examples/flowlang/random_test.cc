// Random programs come to the same, in value or error, however they are run;
// and so do random texts, which are no programs.

#include <cstdint>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/examples/flowlang/parser.h"
#include "weft/examples/flowlang/random_program.h"
#include "weft/examples/flowlang/testing.h"

namespace flowlang {
namespace {

TEST(RandomPrograms, ComeToTheSame) {
  weft::XorShift64 seeds(weft::TestSeed());
  int errors = 0;
  const auto programs = static_cast<int>(weft::StressIterations(2000));
  for (int i = 0; i < programs; ++i) {
    const std::string text = RandomProgram(seeds.Next());
    const auto program = Parse(text);
    ASSERT_TRUE(program.ok()) << text << program.error().message;
    const std::string sequential = Outcome(text, 0);
    ASSERT_EQ(Outcome(text, 1 + i % 4), sequential) << text;
    errors += sequential.find(": ") != sequential.npos ? 1 : 0;
  }
  // Both ways to end are common.
  EXPECT_GT(errors, programs / 20);
  EXPECT_LT(errors, programs * 19 / 20);
}

// Words of the language in any order, and pieces of programs: the parser says
// what is wrong, at a place that is there.
TEST(RandomTexts, AreRefusedOrRun) {
  weft::XorShift64 random(weft::TestSeed());
  const char* const kWords[] = {"def ",  "f",      "(",      "x",   ")", " = ",
                                "if ",   " then ", " else ", "fn ", "[", "]",
                                "{",     "}",      ";",      ",",   "+", "-",
                                "\"",    "1",      "2.5",    "<",   "a", "map",
                                " and ", " not ",  "\n",     "#",   "\\"};
  const auto texts = static_cast<int>(weft::StressIterations(3000));
  for (int i = 0; i < texts; ++i) {
    std::string text;
    if (i % 2 == 0) {
      for (std::uint64_t n = random.Next() % 30; n > 0; --n) {
        text += kWords[random.Next() % std::size(kWords)];
      }
    } else {
      text = RandomProgram(random.Next());
      text.erase(random.Next() % text.size(), 1 + random.Next() % 4);
    }
    const auto program = Parse(text);
    if (!program.ok()) {
      ASSERT_LE(program.error().position, text.size()) << text;
      ASSERT_NE(Source("test", text).Describe(program.error()), "");
    }
  }
}

}  // namespace
}  // namespace flowlang
