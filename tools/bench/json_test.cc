#include "weft/tools/bench/json.h"

#include <limits>

#include "gtest/gtest.h"

namespace weft::bench {
namespace {

TEST(Json, ObjectsAndArraysNest) {
  JsonWriter json;
  json.BeginObject();
  json.Key("a").Number(1);
  json.Key("b").BeginArray().Number(2).Bool(true).EndArray();
  json.Key("c").BeginObject().Key("d").String("e").EndObject();
  json.EndObject();
  EXPECT_EQ(json.Take(), R"({
  "a": 1,
  "b": [
    2,
    true
  ],
  "c": {
    "d": "e"
  }
}
)");
}

TEST(Json, EmptyOnesTakeOneLine) {
  JsonWriter json;
  json.BeginArray().BeginObject().EndObject().BeginArray().EndArray();
  json.EndArray();
  EXPECT_EQ(json.Take(), "[\n  {},\n  []\n]\n");
}

TEST(Json, WhatWouldEndAStringIsEscaped) {
  JsonWriter json;
  EXPECT_EQ(json.String("a\"b\\c\nd\x01\x1f").Take(),
            "\"a\\\"b\\\\c\\nd\\u0001\\u001f\"\n");
}

TEST(Json, NumbersReadBackAsTheyWere) {
  JsonWriter json;
  EXPECT_EQ(json.Number(0.1).Take(), "0.1\n");
  EXPECT_EQ(json.Number(1e300).Take(), "1e+300\n");
  EXPECT_EQ(json.Number(std::numeric_limits<long long>::min()).Take(),
            "-9223372036854775808\n");
}

TEST(Json, WhatIsNoNumberIsNull) {
  JsonWriter json;
  EXPECT_EQ(json.Number(std::numeric_limits<double>::infinity()).Take(),
            "null\n");
  EXPECT_EQ(json.Number(std::numeric_limits<double>::quiet_NaN()).Take(),
            "null\n");
}

}  // namespace
}  // namespace weft::bench
