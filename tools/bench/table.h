#ifndef WEFT_TOOLS_BENCH_TABLE_H_
#define WEFT_TOOLS_BENCH_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace weft::bench {

/// A table of text, its columns as wide as they must be.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kRight;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Appends a row; cells that are missing are empty, more than there are
  /// columns must not be given.
  void AddRow(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
  }
  /// Appends an empty line.
  void AddGap() { rows_.emplace_back(); }

  /// Titles, a rule, and the rows, each ending with a newline and no spaces
  /// before it.
  std::string ToString() const {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    std::string text = Line(titles);
    text += std::string(text.size() - 1, '-') + "\n";
    for (const auto& row : rows_) text += Line(row);
    return text;
  }

 private:
  std::size_t Width(std::size_t column) const {
    std::size_t width = columns_[column].title.size();
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, row[column].size());
    }
    return width;
  }

  std::string Line(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i != 0) line += "  ";
      const std::string padding(Width(i) - cells[i].size(), ' ');
      const bool right = columns_[i].align == Align::kRight;
      line += right ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  const std::vector<Column> columns_;
  // An empty row is a gap.
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_TABLE_H_
