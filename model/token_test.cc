#include "weft/model/token.h"

#include <gtest/gtest.h>

namespace weft::model {
namespace {

Token Example() {
  Token token;
  token.test = HashOf("Suite.Name");
  token.check = 2;
  token.verdict = Verdict::kDeadlock;
  token.steps = 0xfedcba98;
  token.schedule.lanes = {{0, 0}, {0, 1}};
  token.schedule.answers = {0, 0, 2, 0, 300, 5, 0, 0, 0};
  return token;
}

TEST(TokenTest, EncodesAndDecodes) {
  const Token token = Example();
  const std::string text = Encode(token);
  EXPECT_TRUE(text.starts_with("g1."));
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-_."),
            std::string::npos);
  const std::optional<Token> decoded = Decode(text);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, token);
}

TEST(TokenTest, KeepsUnusualLanes) {
  Token token = Example();
  token.schedule.lanes = {{0, 0}, {1, 0}, {-1, 0}, {0, 1}};
  const std::optional<Token> decoded = Decode(Encode(token));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, token);
}

TEST(TokenTest, KeepsEmptySchedules) {
  const std::optional<Token> decoded = Decode(Encode(Token()));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, Token());
}

TEST(TokenTest, ObviousDecisionsCostNothing) {
  Token token = Example();
  const size_t size = Encode(token).size();
  token.schedule.answers.resize(1000, 0);
  EXPECT_LE(Encode(token).size(), size + 3);
}

// Whatever letter is changed or left out, nothing wrong comes of it.
TEST(TokenTest, DamageIsSeen) {
  const std::string text = Encode(Example());
  EXPECT_FALSE(Decode("").has_value());
  EXPECT_FALSE(Decode("g1.").has_value());
  EXPECT_FALSE(Decode("g2." + text.substr(3)).has_value());
  for (size_t i = 3; i < text.size(); ++i) {
    EXPECT_FALSE(Decode(text.substr(0, i)).has_value()) << i;
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const std::optional<Token> decoded = Decode(changed);
    // The last letter has bits that say nothing.
    EXPECT_EQ(decoded.value_or(Example()), Example()) << i;
    changed[i] = '?';
    EXPECT_FALSE(Decode(changed).has_value()) << i;
  }
}

TEST(TokenTest, Hashes) {
  EXPECT_EQ(HashOf("a"), HashOf("a"));
  EXPECT_NE(HashOf("a"), HashOf("b"));
  EXPECT_NE(HashOf(""), 0u);
}

}  // namespace
}  // namespace weft::model
