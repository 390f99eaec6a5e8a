// What programs come to, by both evaluators.

#include <string>

#include "gtest/gtest.h"
#include "weft/examples/flowlang/testing.h"

namespace flowlang {
namespace {

// What all ways to run `text` give; complains if they differ.
std::string Outcome(const std::string& text) {
  const std::string sequential = flowlang::Outcome(text, 0);
  for (int workers : {1, 3}) {
    EXPECT_EQ(flowlang::Outcome(text, workers), sequential)
        << text << "\non " << workers;
  }
  return sequential;
}

TEST(Evaluators, Numbers) {
  EXPECT_EQ(Outcome("1 + 2 * 3 - -4;"), "11\n");
  EXPECT_EQ(Outcome("7 / 2; -7 / 2; 7 % -2; -7 % 2;"), "3\n-3\n1\n-1\n");
  EXPECT_EQ(Outcome("7 / 2.0; 1.5 + 1; 7.5 % 2; 2e0;"), "3.5\n2.5\n1.5\n2.0\n");
  EXPECT_EQ(Outcome("1 == 1.0; 1 < 1.5; 2 >= 3; -0.0 == 0;"),
            "true\ntrue\nfalse\ntrue\n");
  EXPECT_EQ(
      Outcome("0.1 + 0.2; 1e300; sqrt(2); int(2.9); int(-2.9); float(3);"),
      "0.30000000000000004\n1e+300\n1.4142135623730951\n2\n-2\n3.0\n");
}

TEST(Evaluators, NumbersHaveBounds) {
  const std::string most = "9223372036854775807";
  EXPECT_EQ(Outcome(most + " + 1;"),
            "1:21: the result does not fit in a 64-bit integer\n");
  EXPECT_EQ(Outcome("-" + most + " - 1; -(-" + most + " - 1);"),
            "-9223372036854775808\n"
            "1:27: the result does not fit in a 64-bit integer\n");
  EXPECT_EQ(Outcome("a = -" + most + " - 1; a % -1; a / -1;"),
            "0\n1:41: the result does not fit in a 64-bit integer\n");
  EXPECT_EQ(Outcome("3037000500 * 3037000500;"),
            "1:12: the result does not fit in a 64-bit integer\n");
  EXPECT_EQ(Outcome("1 / 0;"), "1:3: division by zero\n");
  EXPECT_EQ(Outcome("1 % 0;"), "1:3: division by zero\n");
  EXPECT_EQ(Outcome("1.0 / 0;"), "1:5: division by zero\n");
  EXPECT_EQ(Outcome("1e308 * 10;"),
            "1:7: the result is out of a float's range\n");
  EXPECT_EQ(Outcome("int(1e300);"),
            "1:1: the float does not fit in a 64-bit integer\n");
  EXPECT_EQ(Outcome("sqrt(-1);"), "1:1: the square root of less than zero\n");
}

TEST(Evaluators, StringsAndLists) {
  EXPECT_EQ(Outcome("\"a\" + \"b\"; [1] + [\"x\\n\", [true]];"),
            "\"ab\"\n[1, \"x\\n\", [true]]\n");
  EXPECT_EQ(Outcome("\"abc\"[1]; [1, 2, 3][2]; len(\"abc\"); len([]);"),
            "\"b\"\n3\n3\n0\n");
  EXPECT_EQ(Outcome("slice(\"abcd\", 1, 3); slice([1, 2], 2, 2);"),
            "\"bc\"\n[]\n");
  EXPECT_EQ(Outcome("split(\" a bc,d \", \" ,\");"),
            "[\"a\", \"bc\", \"d\"]\n");
  EXPECT_EQ(Outcome("str(1.5) + str([1]) + str(\"x\"); int(\"-12\");"),
            "\"1.5[1]x\"\n-12\n");
  EXPECT_EQ(Outcome("[1, [2]] == [1.0, [2]]; [1] == [2]; 1 == \"1\";"
                    "\"a\" < \"b\"; true != false;"),
            "true\nfalse\nfalse\ntrue\ntrue\n");
  EXPECT_EQ(Outcome("hash(\"\"); hash(\"a\");"),
            "\"cbf29ce484222325\"\n\"af63dc4c8601ec8c\"\n");
  EXPECT_EQ(Outcome("range(2, 5); range(5, 2);"), "[2, 3, 4]\n[]\n");
}

TEST(Evaluators, TypesAreChecked) {
  EXPECT_EQ(Outcome("1 + \"a\";"),
            "1:3: '+' does not take an integer and a string"
            "\n");
  EXPECT_EQ(Outcome("[1] < [2];"),
            "1:5: '<' does not take a list and a list\n");
  EXPECT_EQ(Outcome("-\"a\";"), "1:1: '-' does not take a string\n");
  EXPECT_EQ(Outcome("not 1;"), "1:1: 'not' takes a boolean, not an integer\n");
  EXPECT_EQ(Outcome("if 1 then 2 else 3;"),
            "1:1: 'if' takes a boolean, not an integer\n");
  EXPECT_EQ(Outcome("true and 1;"),
            "1:6: 'and' or 'or' takes a boolean, not an integer\n");
  EXPECT_EQ(Outcome("1 or true;"),
            "1:3: 'or' takes a boolean, not an integer\n");
  EXPECT_EQ(Outcome("len == len;"), "1:5: functions cannot be compared\n");
  EXPECT_EQ(Outcome("[1][1];"),
            "1:4: there is no element 1: there are 1, from 0"
            "\n");
  EXPECT_EQ(Outcome("\"\"[-1];"),
            "1:3: there is no element -1: there are 0, from 0\n");
  EXPECT_EQ(Outcome("5[0];"), "1:2: an integer has no elements\n");
  EXPECT_EQ(Outcome("[5][1.0];"), "1:4: an index is an integer, not a float\n");
  EXPECT_EQ(Outcome("5(1);"), "1:1: an integer cannot be called\n");
  EXPECT_EQ(Outcome("f = fn (a) = a; f(1, 2);"),
            "1:17: fn takes 1 argument, not 2\n");
  EXPECT_EQ(Outcome("range(0, \"a\");"),
            "1:1: range wants an integer, not a string"
            "\n");
  EXPECT_EQ(Outcome("range(0, 2000000);"),
            "1:1: a list of more than 1000000 elements\n");
  EXPECT_EQ(Outcome("slice([1], 1, 0);"),
            "1:1: there is nothing from 1 to 0 of 1 elements\n");
  EXPECT_EQ(Outcome("int(\"x\");"), "1:1: \"x\" is no integer\n");
  EXPECT_EQ(Outcome("x =\n  read_file(\"a\");"),
            "2:3: cannot read the file \"a\"\n");
}

TEST(Evaluators, OnlyTheBranchTakenIsEvaluated) {
  EXPECT_EQ(Outcome("if true then 1 else 1 / 0;"), "1\n");
  EXPECT_EQ(Outcome("false and 1 / 0 == 1; true or 1 / 0 == 1;"),
            "false\ntrue\n");
  EXPECT_EQ(Outcome("def loop(n) = loop(n); 1 == 1 or loop(1);"), "true\n");
}

TEST(Evaluators, Functions) {
  EXPECT_EQ(Outcome("def fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2);"
                    "fib(12);"),
            "144\n");
  EXPECT_EQ(Outcome("def even(n) = n == 0 or odd(n - 1);"
                    "def odd(n) = n != 0 and even(n - 1); even(101);"),
            "false\n");
  EXPECT_EQ(Outcome("def f(a) = { b = a * 2; c = { d = b + 1; d * d }; b + c };"
                    "f(3);"),
            "55\n");
  EXPECT_EQ(Outcome("def adder(n) = fn (x) = x + n; f = adder(5); f(1);"
                    "adder(1)(2); f; len;"),
            "6\n3\n<fn>\n<len>\n");
  EXPECT_EQ(Outcome("def f(n) = { g = fn (x) = fn (y) = [n, x, y]; g(2)(3) };"
                    "f(1);"),
            "[1, 2, 3]\n");
  EXPECT_EQ(
      Outcome("n = 1; f = { n = 2; fn (x) = { y = n; n = 3; x + y + n } };"
              "f(10) + n;"),
      "16\n");
}

TEST(Evaluators, FunctionsOfLists) {
  EXPECT_EQ(Outcome("map(fn (x) = x * x, range(0, 5)); map(len, [\"a\", []]);"),
            "[0, 1, 4, 9, 16]\n[1, 0]\n");
  EXPECT_EQ(Outcome("filter(fn (x) = x % 3 == 0, range(0, 10));"),
            "[0, 3, 6, 9]\n");
  EXPECT_EQ(Outcome("reduce(fn (a, b) = \"(\" + a + b + \")\", "
                    "split(\"a b c d e\", \" \"));"),
            "\"((ab)(c(de)))\"\n");
  EXPECT_EQ(
      Outcome("fold(fn (a, b) = a - b, 10, [1, 2, 3]); fold(len, 5, []);"),
      "4\n5\n");
  EXPECT_EQ(Outcome("reduce(len, [7]);"), "7\n");
  EXPECT_EQ(Outcome("reduce(len, []);"),
            "1:1: reduce wants a list that is not empty\n");
  EXPECT_EQ(Outcome("map(map, [1]);"), "1:1: map takes 2 arguments, not 1\n");
  EXPECT_EQ(Outcome("map(1, [1]);"),
            "1:1: map wants a function, not an integer\n");
  EXPECT_EQ(Outcome("fold(len, 0, 5);"),
            "1:1: fold wants a list, not an integer"
            "\n");
  EXPECT_EQ(Outcome("filter(fn (x) = x, [true, 5]);"),
            "1:1: 'filter' takes a boolean, not an integer\n");
  // More than are in flight at a time.
  EXPECT_EQ(Outcome("len(map(fn (x) = x + 1, range(0, 5000)));"), "5000\n");
}

TEST(Evaluators, TheFirstErrorInTheOrderOfTheTextIsTold) {
  const std::string slow =
      "def slow(n) = if n == 0 then 1 / 0 else slow(n - 1);";
  EXPECT_EQ(Outcome(slow + "\n[slow(50), [1][9]];"),
            "1:32: division by zero\n");
  EXPECT_EQ(Outcome(slow + "\n[1][9] + slow(50);"),
            "2:4: there is no element 9: there are 1, from 0\n");
  EXPECT_EQ(Outcome(slow + "\nmap(fn (x) = if x == 1 then slow(50) else [][x],"
                           "[1, 2, 3]);"),
            "1:32: division by zero\n");
  EXPECT_EQ(Outcome(slow + "\na = slow(50);\n\"a\" - 1;"),
            "1:32: division by zero\n");
  EXPECT_EQ(Outcome(slow + "\nfilter(fn (x) = if x == 0 then 7 else slow(9),"
                           "[0, 1]);"),
            "2:1: 'filter' takes a boolean, not an integer\n");
  EXPECT_EQ(Outcome("{ a = 1 / 0; 5 };"), "1:9: division by zero\n");
  EXPECT_EQ(Outcome("1; 2; [1 / 0]; 3;"), "1\n2\n1:10: division by zero\n");
  EXPECT_EQ(Outcome("fold(fn (a, b) = a / b, 1, [1, 0, \"x\"]);"),
            "1:20: division by zero\n");
}

// ThreadSanitizer keeps the whole stack for every allocation: for the
// sequential evaluator, where it is deepest, that is gigabytes.
std::string DeepOutcome(const std::string& text) {
#if defined(__SANITIZE_THREAD__)
  constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)
  constexpr bool kThreadSanitizer = __has_feature(thread_sanitizer);
#else
  constexpr bool kThreadSanitizer = false;
#endif
  return kThreadSanitizer ? flowlang::Outcome(text, 3) : Outcome(text);
}

TEST(Evaluators, RecursionHasALimit) {
  const std::string down =
      "def down(n) = if n == 0 then 0 else 1 + down(n - 1)"
      ";\n";
  EXPECT_EQ(DeepOutcome(down + "down(10000);"), "10000\n");
  EXPECT_EQ(DeepOutcome(down + "down(1000000);"),
            "1:41: too many calls one in the other: does the recursion end?\n");
  EXPECT_EQ(DeepOutcome("def f(n) = 0 + (0 + (0 + map(f, [n])[0]));\nf(1);"),
            "1:26: too many calls one in the other: does the recursion end?\n");
  EXPECT_EQ(DeepOutcome("def f(n) = f(n);\n0 == f(1);"),
            "1:12: too many calls one in the other: does the recursion end?\n");
  // Not a recursion, however long.
  EXPECT_EQ(Outcome("fold(fn (a, b) = a + b, 0, range(0, 30000));"),
            "449985000\n");
}

TEST(Evaluators, ValuesHaveLimits) {
  EXPECT_EQ(Outcome("fold(fn (a, b) = [a], [], range(0, 1000));"),
            "1:18: a value has more than 100 lists and functions one in the "
            "other\n");
  EXPECT_EQ(Outcome("fold(fn (f, i) = fn (x) = f(x), len, range(0, 1000));"),
            "1:18: a value has more than 100 lists and functions one in the "
            "other\n");
  EXPECT_EQ(Outcome("fold(fn (a, b) = a + a, [1], range(0, 40));"),
            "1:20: a list of more than 1000000 elements\n");
  EXPECT_EQ(Outcome("fold(fn (a, b) = a + a, \"abc\", range(0, 40));"),
            "1:20: a string of more than 67108864 bytes\n");
}

}  // namespace
}  // namespace flowlang
