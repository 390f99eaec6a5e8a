// From text to a tree that can be run: what is refused, and where.

#include <cstddef>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "weft/examples/flowlang/lexer.h"
#include "weft/examples/flowlang/limits.h"
#include "weft/examples/flowlang/parser.h"
#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {
namespace {

// "line:column: message" of the first mistake, or nothing.
std::string Mistake(const std::string& text) {
  const Source source("test", text);
  const OrError<Program> program = Parse(text);
  if (program.ok()) return "";
  return source.Place(program.error().position) + ": " +
         program.error().message;
}

std::string Repeated(std::size_t n, const std::string& part) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += part;
  return text;
}

TEST(Source, DescribesAPlace) {
  const Source source("a.flow", "one;\n\tt\xc3\xa4st + x;\nthree");
  EXPECT_EQ(source.Place(0), "1:1");
  EXPECT_EQ(source.Place(5), "2:1");
  EXPECT_EQ(source.Place(14), "2:9");
  EXPECT_EQ(source.Describe({14, "bad"}),
            "a.flow:2:9: bad\n  \tt\xc3\xa4st + x;\n  \t       ^\n");
  EXPECT_EQ(source.Describe({4, "end"}), "a.flow:1:5: end\n  one;\n      ^\n");
  EXPECT_EQ(source.Describe({21, "end"}),
            "a.flow:3:5: end\n  three\n      ^\n");
  EXPECT_EQ(Source("e", "").Describe({0, "end"}), "e:1:1: end\n  \n  ^\n");
}

TEST(Lexer, Tokens) {
  const auto tokens =
      Lex("if x1 <= 12 # no\n\"a\\n\\t\\\"\\\\b\" 1.5e-3 2e3 =");
  ASSERT_TRUE(tokens.ok());
  ASSERT_EQ(tokens->size(), 9u);
  const std::vector<Token>& t = *tokens;
  EXPECT_TRUE(t[0].Is("if"));
  EXPECT_EQ(t[1].kind, Token::Kind::kName);
  EXPECT_EQ(t[1].text, "x1");
  EXPECT_TRUE(t[2].Is("<="));
  EXPECT_EQ(t[3].integer, 12);
  EXPECT_EQ(t[4].text, "a\n\t\"\\b");
  EXPECT_EQ(t[4].position, 17u);
  EXPECT_EQ(t[5].number, 1.5e-3);
  EXPECT_EQ(t[6].number, 2000);
  EXPECT_TRUE(t[7].Is("="));
  EXPECT_EQ(t[8].kind, Token::Kind::kEnd);
}

TEST(Lexer, Mistakes) {
  EXPECT_EQ(Mistake("x = \"abc"), "1:5: this string has no end on its line");
  EXPECT_EQ(Mistake("x = \"abc\ny\";"),
            "1:5: this string has no end on its line");
  EXPECT_EQ(Mistake("\"\\q\";"),
            "1:2: after a backslash comes n, t, \" or another backslash");
  EXPECT_EQ(Mistake("1 ? 2;"), "1:3: '?' means nothing here");
  EXPECT_EQ(Mistake("\n \xc3\xa4;"), "2:2: '\xc3\xa4' means nothing here");
  EXPECT_EQ(Mistake("\x01;"), "1:1: '\\x01' means nothing here");
  EXPECT_EQ(Mistake("!true;"), "1:1: '!' means nothing here");
  EXPECT_EQ(Mistake("12ab;"), "1:3: 'a' does not belong to a number");
  EXPECT_EQ(Mistake("1.2.3;"), "1:4: '.' does not belong to a number");
  EXPECT_EQ(Mistake("9223372036854775808;"),
            "1:1: this integer does not fit in 64 bits");
  EXPECT_EQ(Mistake("1e999;"), "1:1: this number is out of a float's range");
}

TEST(Parser, Mistakes) {
  EXPECT_EQ(Mistake("x = ;"), "1:5: expected an expression, not ';'");
  EXPECT_EQ(Mistake("1 + "),
            "1:5: expected an expression, not the end of the program");
  EXPECT_EQ(Mistake("(1 + 2;"),
            "1:7: expected ')' after the expression, not "
            "';'");
  EXPECT_EQ(Mistake("x = 1 y = 2;"),
            "1:7: expected ';' after a statement, not 'y'");
  EXPECT_EQ(Mistake("if true then 1;"),
            "1:15: expected 'else' after the first branch: an 'if' has two, "
            "not ';'");
  EXPECT_EQ(Mistake("[1, 2;"), "1:6: expected ']' after the elements, not ';'");
  EXPECT_EQ(Mistake("len(1, 2;"),
            "1:9: expected ')' after the arguments, not ';'");
  EXPECT_EQ(Mistake("1 < 2 < 3;"),
            "1:7: comparisons do not chain: write a < b and b < c");
  EXPECT_EQ(Mistake("def (x) = x;"),
            "1:5: expected the function's name after 'def', not '('");
  EXPECT_EQ(Mistake("def f(\"x\") = x;"),
            "1:7: expected a parameter's name, not a string");
  EXPECT_EQ(Mistake("x = { def f() = 1; 2 };"),
            "1:7: a function is defined at the top level; within an expression "
            "write fn (x) = ...");
  EXPECT_EQ(Mistake("{ a = 1; a; };"),
            "1:11: a block ends with an expression, and that without a ';'");
  EXPECT_EQ(Mistake("{ a = 1; };"), "1:10: expected an expression, not '}'");
}

TEST(Parser, Limits) {
  const std::size_t most = kMaxHeight;
  EXPECT_EQ(Mistake(Repeated(most - 2, "(") + "1" + Repeated(most - 2, ")")),
            "");
  const std::string too_high = "more than " + std::to_string(kMaxHeight) +
                               " expressions one in the other";
  for (const std::string part : {"(", "-", "not ", "[", "{", "fn () = ",
                                 "if true then 1 else ", "f(", "x["}) {
    EXPECT_TRUE(Mistake(Repeated(10'000, part)).ends_with(too_high)) << part;
  }
  // High trees, though nothing recurses to parse them.
  EXPECT_EQ(Mistake(Repeated(most - 1, "1+") + "1;"), "");
  for (const std::string part : {"+ 1", " and true", "[0]", "()"}) {
    EXPECT_TRUE(Mistake("1" + Repeated(10'000, part) + ";").ends_with(too_high))
        << part;
  }
}

TEST(Names, MustBeKnownBefore) {
  EXPECT_EQ(Mistake("a = 1; b = a + c;"), "1:16: 'c' is not known");
  EXPECT_EQ(Mistake("a = b; b = 1;"), "1:5: 'b' is assigned to only below");
  EXPECT_EQ(Mistake("a = a;"), "1:5: 'a' is assigned to only below");
  EXPECT_EQ(Mistake("def f(x) = x + n; n = 1; f(1);"),
            "1:16: 'n' is assigned to only below");
  EXPECT_EQ(Mistake("n = 1; def f(x) = x + n; f(1);"), "");
  EXPECT_EQ(Mistake("f(1); def f(x) = x;"), "1:1: 'f' is defined only below");
  EXPECT_EQ(Mistake("x = fn () = f(1); def f(x) = x;"),
            "1:13: 'f' is defined only below");
  EXPECT_EQ(Mistake("{ a = { b = 1; b }; b };"), "1:21: 'b' is not known");
}

TEST(Names, FunctionsMayCallEachOther) {
  EXPECT_EQ(Mistake("def f(x) = g(x); def g(x) = f(x); f(1);"), "");
  EXPECT_EQ(Mistake("def f(x) = g(x); 5; def g(x) = f(x); f(1);"), "");
  EXPECT_EQ(Mistake("def f(x) = g(x); f(1); n = 1; def g(x) = n;"),
            "1:12: 'g' is defined only below, where 'n' has been assigned to");
}

TEST(Names, AreAssignedToOnce) {
  EXPECT_EQ(Mistake("a = 1; a = 2;"), "1:8: 'a' has been assigned to above");
  EXPECT_EQ(Mistake("len = 2;"), "1:1: 'len' is a function");
  EXPECT_EQ(Mistake("def f() = 1; f = 2;"), "1:14: 'f' is a function");
  EXPECT_EQ(Mistake("def f() = 1; def f() = 2;"), "1:18: 'f' is defined twice");
  EXPECT_EQ(Mistake("def map() = 1;"),
            "1:5: 'map' is a function of the language");
  EXPECT_EQ(Mistake("def f(a, a) = 1;"),
            "1:10: 'a' has a value in this function");
  EXPECT_EQ(Mistake("def f(a) = { b = 1; a = 2; a };"),
            "1:21: 'a' has a value in this function");
  EXPECT_EQ(Mistake("a = 1; def f(a) = { len = 2; len + a }; f(a);"), "");
}

TEST(Names, NumberOfArguments) {
  EXPECT_EQ(Mistake("def f(a) = a; 1 + f(1, 2);"),
            "1:19: f takes 1 argument, not 2");
  EXPECT_EQ(Mistake("range(1);"), "1:1: range takes 2 arguments, not 1");
}

TEST(Names, TheFirstMistakeIsTold) {
  EXPECT_EQ(Mistake("def f() = 1;\na = b;\nc = d;"), "2:5: 'b' is not known");
}

}  // namespace
}  // namespace flowlang
