// The Cholesky factorisation A = L * L^T by tiles. Each step is a call of its
// tiles that gives a new tile: the loops are those of the textbook, and what
// can run beside what follows from the arguments. Compares the factor with that
// of a plain loop over the whole matrix.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "weft/dataflow/dataflow.h"
#include "weft/pool/pool.h"

namespace {

constexpr std::size_t kTile = 64;

// A square matrix, row by row.
class Matrix {
 public:
  explicit Matrix(std::size_t size) : size_(size), values_(size * size) {}
  std::size_t size() const { return size_; }
  double& operator()(std::size_t i, std::size_t j) {
    return values_[i * size_ + j];
  }
  double operator()(std::size_t i, std::size_t j) const {
    return values_[i * size_ + j];
  }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

// Symmetric and positive definite: the diagonal outweighs its row.
double Element(std::size_t i, std::size_t j) {
  const double distance = std::abs(static_cast<double>(i) -  //
                                   static_cast<double>(j));
  return i == j ? 16 : 1 / (1 + distance);
}

// ---- The steps. ----

// The lower factor of `a`: also the whole algorithm, if there is but one tile.
Matrix Factor(const Matrix& a) {
  Matrix l(a.size());
  for (std::size_t j = 0; j < a.size(); ++j) {
    for (std::size_t i = j; i < a.size(); ++i) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= l(i, k) * l(j, k);
      l(i, j) = i == j ? std::sqrt(sum) : sum / l(j, j);
    }
  }
  return l;
}

// X with X * diagonal^T = a.
Matrix Solve(const Matrix& a, const Matrix& diagonal) {
  Matrix x(kTile);
  for (std::size_t i = 0; i < kTile; ++i) {
    for (std::size_t j = 0; j < kTile; ++j) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= x(i, k) * diagonal(j, k);
      x(i, j) = sum / diagonal(j, j);
    }
  }
  return x;
}

// a - left * right^T.
Matrix Subtract(const Matrix& a, const Matrix& left, const Matrix& right) {
  Matrix rest = a;
  for (std::size_t i = 0; i < kTile; ++i) {
    for (std::size_t j = 0; j < kTile; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < kTile; ++k) sum += left(i, k) * right(j, k);
      rest(i, j) -= sum;
    }
  }
  return rest;
}

Matrix Load(std::size_t row, std::size_t column) {
  Matrix tile(kTile);
  for (std::size_t i = 0; i < kTile; ++i) {
    for (std::size_t j = 0; j < kTile; ++j) {
      tile(i, j) = Element(row * kTile + i, column * kTile + j);
    }
  }
  return tile;
}

// ---- The graph. ----

using Tiles = std::vector<std::vector<weft::Flow<Matrix>>>;

// The tiles on and below the diagonal, at once: they are known later.
Tiles FactorTiles(weft::Pool& pool, std::size_t n) {
  Tiles tile(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      tile[i].push_back(weft::Async(pool, Load, i, j));
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    tile[k][k] = weft::Async(pool, Factor, tile[k][k]);
    for (std::size_t i = k + 1; i < n; ++i) {
      tile[i][k] = weft::Async(pool, Solve, tile[i][k], tile[k][k]);
    }
    for (std::size_t i = k + 1; i < n; ++i) {
      for (std::size_t j = k + 1; j <= i; ++j) {
        tile[i][j] =
            weft::Async(pool, Subtract, tile[i][j], tile[i][k], tile[j][k]);
      }
    }
  }
  return tile;
}

double Milliseconds(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 8;
  const std::size_t size = n * kTile;

  auto begin = std::chrono::steady_clock::now();
  weft::Pool pool;
  const Tiles tiles = FactorTiles(pool, n);
  for (const auto& row : tiles) {
    for (const auto& tile : row) tile.Wait();
  }
  const double parallel = Milliseconds(begin);

  begin = std::chrono::steady_clock::now();
  Matrix whole(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) whole(i, j) = Element(i, j);
  }
  const Matrix expected = Factor(whole);
  const double sequential = Milliseconds(begin);

  double difference = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const Matrix& tile = tiles[i / kTile][j / kTile].value();
      difference = std::max(
          difference, std::abs(tile(i % kTile, j % kTile) - expected(i, j)));
    }
  }
  std::printf(
      "%zu x %zu: %.0f ms by tiles, %.0f ms by one loop; the factors differ by "
      "%.1e\n",
      size, size, parallel, sequential, difference);
  return difference < 1e-10 ? 0 : 1;
}
