#include "weft/tools/bench/table.h"

#include "gtest/gtest.h"

namespace weft::bench {
namespace {

using Align = Table::Align;

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{"name", Align::kLeft}, {"ns"}});
  table.AddRow({"a", "1.0"});
  table.AddRow({"longer", "12345.6"});
  EXPECT_EQ(table.ToString(),
            "name         ns\n"
            "---------------\n"
            "a           1.0\n"
            "longer  12345.6\n");
}

TEST(Table, MissingCellsAreEmptyAndLinesEndWithoutSpaces) {
  Table table({{"a", Align::kLeft}, {"b", Align::kLeft}});
  table.AddRow({"x"});
  EXPECT_EQ(table.ToString(), "a  b\n----\nx\n");
}

TEST(Table, AGapIsAnEmptyLine) {
  Table table({{"a"}});
  table.AddRow({"1"});
  table.AddGap();
  table.AddRow({"2"});
  EXPECT_EQ(table.ToString(), "a\n-\n1\n\n2\n");
}

TEST(Table, WithoutRowsThereAreTheTitles) {
  EXPECT_EQ(Table({{"a"}, {"b"}}).ToString(), "a  b\n----\n");
}

}  // namespace
}  // namespace weft::bench
