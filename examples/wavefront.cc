// The longest common subsequence of two random texts, by a table in tiles: each
// tile is a call that waits for three others, and nobody has to say in which
// order or on which thread. Prints the same as a plain loop.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "weft/dataflow/dataflow.h"
#include "weft/pool/pool.h"

namespace {

constexpr std::size_t kTile = 256;
constexpr std::size_t kTiles = 16;

// What a tile leaves to its neighbours: its last row and its last column.
struct Edges {
  std::vector<int> bottom = std::vector<int>(kTile);
  std::vector<int> right = std::vector<int>(kTile);
};

std::string RandomText(unsigned seed) {
  std::mt19937 random(seed);
  std::string text(kTile * kTiles, ' ');
  for (char& c : text) c = static_cast<char>('a' + random() % 4);
  return text;
}

Edges Tile(const std::string* a, const std::string* b, std::size_t y,
           std::size_t x, const Edges& above, const Edges& left,
           const Edges& corner) {
  std::vector<int> row = above.bottom;
  Edges edges;
  for (std::size_t i = 0; i < kTile; ++i) {
    int diagonal = i == 0 ? corner.bottom.back() : left.right[i - 1];
    int before = left.right[i];
    for (std::size_t j = 0; j < kTile; ++j) {
      const bool same = (*a)[y * kTile + i] == (*b)[x * kTile + j];
      const int best = same ? diagonal + 1 : std::max(before, row[j]);
      diagonal = row[j];
      row[j] = before = best;
    }
    edges.right[i] = before;
  }
  edges.bottom = row;
  return edges;
}

int Sequential(const std::string& a, const std::string& b) {
  std::vector<int> row(b.size() + 1);
  for (char c : a) {
    int diagonal = 0;
    for (std::size_t j = 1; j < row.size(); ++j) {
      const int best =
          c == b[j - 1] ? diagonal + 1 : std::max(row[j - 1], row[j]);
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row.back();
}

}  // namespace

int main() {
  const std::string a = RandomText(1);
  const std::string b = RandomText(2);
  weft::Pool pool;

  const weft::Flow<Edges> zeros = weft::MakeFlow(Edges());
  std::vector<weft::Flow<Edges>> above(kTiles, zeros);
  for (std::size_t y = 0; y < kTiles; ++y) {
    weft::Flow<Edges> left = zeros;
    weft::Flow<Edges> corner = zeros;
    for (std::size_t x = 0; x < kTiles; ++x) {
      left = weft::Async(pool, Tile, &a, &b, y, x, above[x], left, corner);
      corner = std::exchange(above[x], left);
    }
  }
  const int parallel = above.back().Get().bottom.back();
  const int sequential = Sequential(a, b);
  std::printf("%d of %zu letters in common; a plain loop says %d\n", parallel,
              a.size(), sequential);
  return parallel == sequential ? 0 : 1;
}
