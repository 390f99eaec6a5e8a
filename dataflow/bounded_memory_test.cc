// Graphs that are larger than memory should be: `Map` with a limit keeps as
// many nodes as it says, however many there are in all.
//
// WEFT_FLOW_NODES=10000000 in the environment makes the graphs that large.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory_resource>
#include <ranges>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/dataflow/dataflow.h"
#include "weft/pool/pool.h"

namespace weft {
namespace {

using Value = std::uint64_t;

// How many blocks are alive, and how many were at once. Any thread.
class CountingMemory final : public std::pmr::memory_resource {
 public:
  std::int64_t alive() const { return alive_.load(std::memory_order_relaxed); }
  std::int64_t peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    const std::int64_t now = alive_.fetch_add(1, std::memory_order_relaxed) + 1;
    std::int64_t peak = peak_.load(std::memory_order_relaxed);
    while (now > peak &&
           !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed,
                                        std::memory_order_relaxed)) {
    }
    return ::operator new (size, std::align_val_t{alignment});
  }
  void do_deallocate(void* memory, std::size_t size,
                     std::size_t alignment) override {
    alive_.fetch_sub(1, std::memory_order_relaxed);
    ::operator delete (memory, size, std::align_val_t{alignment});
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  atomic<std::int64_t> alive_{0};
  atomic<std::int64_t> peak_{0};
};

// The most that was ever resident of this process, in bytes; 0: not known.
std::int64_t PeakResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 0;
  char line[256];
  long long kilobytes = 0;
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, "VmHWM: %lld kB", &kilobytes) == 1) break;
  }
  std::fclose(file);
  return kilobytes * 1024;
}

Value Nodes() {
  const char* const text = std::getenv("WEFT_FLOW_NODES");
  return text != nullptr ? std::strtoull(text, nullptr, 10)
                         : StressIterations(200'000);
}

Value Mix(Value a, Value b) { return (a * 31 + b) * 0x9e3779b97f4a7c15; }

constexpr std::size_t kLimit = 256;
// What the root, the map and what was resolved and not yet freed may add.
constexpr std::int64_t kMore = 64;
// The whole process may grow by so much, with threads' caches and all else. A
// graph of 10^7 nodes that are all kept has more than a gigabyte.
constexpr std::int64_t kMoreResident = 64 << 20;

class BoundedMemory : public ::testing::TestWithParam<int> {
 protected:
  // Runs the task that `make_root` makes, and checks what it took: at most so
  // many blocks.
  template <class MakeRoot>
  void Run(std::int64_t most, MakeRoot make_root) {
    CountingMemory memory;
    Options options;
    options.workers = static_cast<std::uint32_t>(GetParam());
    options.memory_resource = &memory;
    const std::int64_t before = PeakResidentBytes();
    {
      Pool pool(options);
      pool.BlockOn(make_root).Get();
    }
    const std::int64_t grown = PeakResidentBytes() - before;
    std::printf("%llu nodes: %lld blocks at once, %lld kB more resident\n",
                static_cast<unsigned long long>(Nodes()),
                static_cast<long long>(memory.peak()),
                static_cast<long long>(grown / 1024));
    EXPECT_EQ(memory.alive(), 0);
    EXPECT_LE(memory.peak(), most);
    EXPECT_LE(grown, kMoreResident);
  }
};

TEST_P(BoundedMemory, OfNodesThatAreIndependent) {
  const Value n = Nodes();
  atomic<Value> sum{0};
  Run(kLimit + kMore, [&] {
    return Map(std::views::iota(Value{0}, n), kLimit, [&sum](Value i) {
      sum.fetch_add(i, std::memory_order_relaxed);
    });
  });
  EXPECT_EQ(sum.load(std::memory_order_relaxed), n * (n - 1) / 2);
}

// A table row by row, each cell of which depends on the one before it and on
// the one above. The cells are made as the map asks for them; it keeps a node
// of its own for each, and we keep a row.
TEST_P(BoundedMemory, OfNodesThatDependOnTheirNeighbours) {
  constexpr Value kWidth = 100;
  const Value n = Nodes();
  // Touched by the map's task only.
  std::vector<Flow<Value>> row;
  Value last = 0;
  const auto cell = [&row](Value i) {
    Flow<Value>& above = row[i % kWidth];
    Flow<Value> left = i == 0 ? MakeFlow(i) : row[(i - 1) % kWidth];
    above = Async(Mix, std::move(left), std::move(above));
    return above;
  };
  Run(2 * kLimit + kWidth + kMore, [&] {
    for (Value x = 0; x < kWidth; ++x) row.push_back(MakeFlow(x));
    // The calls are in order, since each one's cell waits for the one before.
    return Then(Map(std::views::iota(Value{0}, n) | std::views::transform(cell),
                    kLimit, [](Value) {}),
                [&] {
                  last = row[(n - 1) % kWidth].value();
                  row.clear();
                });
  });

  std::vector<Value> expected;
  for (Value x = 0; x < kWidth; ++x) expected.push_back(x);
  for (Value i = 0; i < n; ++i) {
    expected[i % kWidth] =
        Mix(i == 0 ? i : expected[(i - 1) % kWidth], expected[i % kWidth]);
  }
  EXPECT_EQ(last, expected[(n - 1) % kWidth]);
}

INSTANTIATE_TEST_SUITE_P(Workers, BoundedMemory, ::testing::Values(1, 2));

}  // namespace
}  // namespace weft
