#ifndef WEFT_TOOLS_COMPARE_PORTS_COMMON_QUEENS_H_
#define WEFT_TOOLS_COMPARE_PORTS_COMMON_QUEENS_H_

#include <array>
#include <cstddef>

namespace weft::compare {

/// For fork_nqueens: the column of the queen in each row that is filled.
inline constexpr int kMaxBoard = 14;
using Board = std::array<char, kMaxBoard>;

/// Whether a queen can stand in `column` of row `rows`, below those that do.
inline bool Fits(const Board& board, int rows, int column) {
  for (int row = 0; row < rows; ++row) {
    const int queen = board[static_cast<std::size_t>(row)];
    const int distance = rows - row;
    if (queen == column || queen == column - distance ||
        queen == column + distance) {
      return false;
    }
  }
  return true;
}

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_COMMON_QUEENS_H_
