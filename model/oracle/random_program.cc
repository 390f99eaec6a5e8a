#include "weft/model/oracle/random_program.h"

#include <string>
#include <string_view>
#include <vector>

#include "weft/model/oracle/random.h"

namespace weft::model::oracle {
namespace {

using Kind = Op::Kind;

constexpr Order kRlx = Order::kRelaxed;
constexpr Order kAcq = Order::kAcquire;
constexpr Order kRel = Order::kRelease;
constexpr Order kAr = Order::kAcqRel;
constexpr Order kSc = Order::kSeqCst;

class Generator {
 public:
  Generator(uint64_t seed, Flavour flavour)
      : random_(seed * 8 + static_cast<uint64_t>(flavour)), flavour_(flavour) {}

  Program Make() {
    program_.locations = {"x", "y"};
    if (random_.Percent(30)) program_.locations.emplace_back("z");
    if (flavour_ == Flavour::kCells) {
      program_.cells = {"c"};
      if (random_.Percent(30)) program_.cells.emplace_back("d");
    }
    const int threads = flavour_ == Flavour::kLarge
                            ? random_.OneOf({3, 4, 5})
                            : random_.OneOf({2, 2, 3, 3, 4});
    for (int t = 0; t < threads; ++t) AddThread(Length(threads));
    if (flavour_ == Flavour::kThreads) {
      for (int t = 1; t < threads; ++t) {
        if (random_.Percent(60)) AddSpawn(random_.Below(t), t);
      }
    }
    const size_t plain_locations = program_.locations.size();
    if (flavour_ == Flavour::kBlocking) {
      AddSections("m");
      if (random_.Percent(30)) AddSections("n");
      if (random_.Percent(60)) AddTokens();
    }
    if (flavour_ != Flavour::kStraight) AddFlow();
    for (size_t i = 0; i < plain_locations; ++i) {
      program_.finals.push_back(static_cast<int>(i));
    }
    return std::move(program_);
  }

 private:
  /// Few threads can be longer, for the same number of executions.
  int Length(int threads) {
    if (flavour_ == Flavour::kLarge) {
      return threads == 3 ? random_.OneOf({4, 5}) : 7 - threads;
    }
    if (flavour_ == Flavour::kBlocking) {
      return threads == 2 ? random_.OneOf({2, 3}) : random_.OneOf({1, 1, 2});
    }
    if (threads == 2) return random_.OneOf({3, 4, 5});
    if (threads == 3) return random_.OneOf({2, 3, 3});
    return random_.OneOf({1, 2, 2});
  }

  void AddThread(int length) {
    std::vector<Op>& ops = program_.threads.emplace_back();
    for (int i = 0; i < length; ++i) ops.push_back(MakeOp());
  }

  Op MakeOp() {
    Op op;
    if (flavour_ == Flavour::kCells && random_.Percent(25)) {
      op.kind = random_.OneOf({Kind::kCellWrite, Kind::kCellRead});
      op.location = random_.Below(static_cast<int>(program_.cells.size()));
      return op;
    }
    op.location = random_.Below(static_cast<int>(program_.locations.size()));
    // More compare-exchanges where they are weak.
    const int what = random_.Below(flavour_ == Flavour::kThreads ? 110 : 100);
    if (what < 36) {
      op.kind = Kind::kWrite;
      op.order = random_.OneOf({kRlx, kRel, kSc});
    } else if (what < 70) {
      op.kind = Kind::kRead;
      op.order = random_.OneOf({kRlx, kAcq, kSc});
    } else if (what < 83) {
      op.kind = Kind::kFence;
      op.order = random_.OneOf({kAcq, kRel, kAr, kSc, kSc});
      op.location = -1;
    } else if (what < 90) {
      op.kind = Kind::kFetchAdd;
      op.order = random_.OneOf({kRlx, kAcq, kRel, kAr, kSc});
    } else if (what < 95) {
      op.kind = Kind::kExchange;
      op.order = random_.OneOf({kRlx, kAcq, kRel, kAr, kSc});
    } else {
      op.kind = flavour_ == Flavour::kThreads ? Kind::kWeakCas : Kind::kCas;
      op.order = random_.OneOf({kRlx, kAcq, kRel, kAr, kSc});
      op.failure = random_.OneOf({kRlx, kAcq, kSc});
      op.expected = random_.OneOf({0, 1, 2, 3});
    }
    // Each value is written once, so that reading it tells who wrote it; sums
    // with 100 tell which additions came before.
    if (op.kind == Kind::kFetchAdd) {
      op.value = 100;
    } else if (op.MayWrite()) {
      op.value = ++last_value_;
    }
    if (op.Reads()) {
      op.result = static_cast<int>(program_.registers.size());
      program_.registers.emplace_back(1, static_cast<char>('a' + op.result));
    }
    return op;
  }

  /// Lets one thread start another and, mostly, join it.
  void AddSpawn(int parent, int child) {
    std::vector<Op>& ops = program_.threads[parent];
    const int size = static_cast<int>(ops.size());
    const int at = random_.Below(size + 1);
    if (random_.Percent(70)) {
      const int join = at + random_.Below(size - at + 1);
      ops.insert(ops.begin() + join, {.kind = Kind::kJoin, .thread = child});
    }
    ops.insert(ops.begin() + at, {.kind = Kind::kSpawn, .thread = child});
  }

  /// Lets threads do some of their operations with a mutex held.
  void AddSections(std::string_view name) {
    const int mutex = static_cast<int>(program_.locations.size());
    program_.locations.emplace_back(name);
    for (std::vector<Op>& ops : program_.threads) {
      if (!random_.Percent(70)) continue;
      const int size = static_cast<int>(ops.size());
      const int begin = random_.Below(size + 1);
      const int end = begin + random_.Below(size - begin + 1);
      ops.insert(ops.begin() + end, {.kind = Kind::kUnlock,
                                     .order = kRel,
                                     .location = mutex,
                                     .value = 0,
                                     .expected = 0});
      ops.insert(ops.begin() + begin, {.kind = Kind::kLock,
                                       .order = kAcq,
                                       .location = mutex,
                                       .value = 1,
                                       .expected = 0});
    }
  }

  /// Lets the first thread wait for the others.
  void AddTokens() {
    const int token = static_cast<int>(program_.locations.size());
    program_.locations.emplace_back("t");
    const int parks = random_.OneOf({1, 1, 2});
    for (int i = 0; i < parks; ++i) {
      InsertSomewhere({.kind = Kind::kPark,
                       .order = kAcq,
                       .location = token,
                       .value = 0,
                       .expected = 1},
                      program_.threads[0]);
    }
    for (size_t t = 1; t < program_.threads.size(); ++t) {
      if (!random_.Percent(80)) continue;
      InsertSomewhere({.kind = Kind::kUnpark,
                       .order = kRel,
                       .location = token,
                       .value = 1,
                       .expected = 0},
                      program_.threads[t]);
    }
  }

  void InsertSomewhere(const Op& op, std::vector<Op>& ops) {
    const int at = random_.Below(static_cast<int>(ops.size()) + 1);
    ops.insert(ops.begin() + at, op);
  }

  /// Lets operations depend on what their thread read before.
  void AddFlow() {
    for (std::vector<Op>& ops : program_.threads) {
      std::vector<const Op*> reads;
      for (Op& op : ops) {
        const bool section = op.kind == Kind::kLock || op.kind == Kind::kUnlock;
        if (!reads.empty() && !section) {
          const int percent = op.IsCell() ? 80 : op.IsBlocking() ? 15 : 35;
          if (random_.Percent(percent)) AddGuard(*random_.OneOf(reads), op);
          if (op.MayWrite() && !op.IsBlocking() && random_.Percent(25)) {
            op.value_from = random_.OneOf(reads)->result;
            if (random_.Percent(50)) op.value = 0;
          }
        }
        if (op.HasResult()) reads.push_back(&op);
      }
    }
  }

  /// Runs `op` only if `read` saw a certain value which it may see.
  void AddGuard(const Op& read, Op& op) {
    std::vector<int> values = {0};
    for (const std::vector<Op>& ops : program_.threads) {
      for (const Op& other : ops) {
        if (other.MayWrite() && other.location == read.location) {
          values.push_back(other.value);
        }
      }
    }
    op.guard = read.result;
    op.guard_value = random_.OneOf(values);
  }

  Random random_;
  const Flavour flavour_;
  Program program_;
  int last_value_ = 0;
};

}  // namespace

Program RandomProgram(uint64_t seed, Flavour flavour) {
  return Generator(seed, flavour).Make();
}

}  // namespace weft::model::oracle
