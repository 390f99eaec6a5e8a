#include <string>
#include <string_view>
#include <utility>

#include "weft/model/oracle/litmus.h"

namespace weft::model::oracle {
namespace {

Litmus Make(std::string name, std::string_view text, uint64_t graphs) {
  Litmus test;
  test.name = std::move(name);
  test.program = ParseProgram(text);
  test.graphs = graphs;
  return test;
}

/// A writer that stores 1 to `depth` and then a flag, and a reader: a history
/// of any depth can be read when nothing orders it.
Litmus DeepMessagePassing(int depth, bool ordered) {
  std::string text;
  for (int i = 1; i <= depth; ++i) {
    text += "x.store(" + std::to_string(i) + ", rlx); ";
  }
  text += ordered ? "y.store(1, rel)\na = y.load(acq); b = x.load(rlx)"
                  : "y.store(1, rlx)\na = y.load(rlx); b = x.load(rlx)";
  const uint64_t unordered = static_cast<uint64_t>(depth) + 1;
  Litmus test =
      Make("MP-depth-" + std::to_string(depth) + (ordered ? "+ra" : "+rlx"),
           text, ordered ? unordered + 1 : 2 * unordered);
  for (int i = 0; i <= depth; ++i) {
    test.allowed.insert("a=0 b=" + std::to_string(i));
    if (!ordered || i == depth) {
      test.allowed.insert("a=1 b=" + std::to_string(i));
    }
  }
  return test;
}

/// n threads that each add 1: n! orders.
Litmus Additions(int n) {
  std::string text;
  uint64_t factorial = 1;
  for (int i = 1; i <= n; ++i) {
    text += "a" + std::to_string(i) + " = x.add(1, rlx)\n";
    factorial *= static_cast<uint64_t>(i);
  }
  Litmus test = Make("additions-" + std::to_string(n), text, factorial);
  test.outcomes = factorial;
  return test;
}

/// One writer, n readers: each sees the store or does not.
Litmus Readers(int n) {
  std::string text = "x.store(1, rel)\n";
  for (int i = 1; i <= n; ++i) {
    text += "a" + std::to_string(i) + " = x.load(acq)\n";
  }
  Litmus test = Make("readers-" + std::to_string(n), text, uint64_t{1} << n);
  test.outcomes = uint64_t{1} << n;
  return test;
}

/// A ring of n threads that each store to their own and load the next one's.
Litmus StoreBufferingRing(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    text += "x" + std::to_string(i) + ".store(1, rlx); a" + std::to_string(i) +
            " = x" + std::to_string((i + 1) % n) + ".load(rlx)\n";
  }
  Litmus test = Make("SB-ring-" + std::to_string(n), text, uint64_t{1} << n);
  test.outcomes = uint64_t{1} << n;
  return test;
}

/// Happens-before through y, which is not seq_cst, orders x and z, which are.
Litmus SynchronizedStoreBuffering() {
  Litmus test = Make("W+RWC+sc+ra", R"(x.store(1, sc); y.store(1, rel)
                                       a = y.load(acq); b = z.load(sc)
                                       z.store(1, sc); c = x.load(sc))",
                     7);
  test.forbidden = {"a=1 b=0 c=0"};
  test.outcomes = 7;
  return test;
}

Litmus Race(std::string name, std::string_view text, bool races) {
  Litmus test = Make(std::move(name), text, 0);
  test.races = races;
  return test;
}

void AddRaces(std::vector<Litmus>& tests) {
  tests.push_back(Race("cell-MP+ra", R"(c.write(); y.store(1, rel)
                                        a = y.load(acq); if (a == 1) c.read())",
                       false));
  tests.push_back(Race("cell-MP+rlx", R"(c.write(); y.store(1, rlx)
                                         a = y.load(acq); if (a == 1) c.read())",
                       true));
  tests.push_back(Race("cell-MP-without-looking", R"(c.write(); y.store(1, rel)
                                                     a = y.load(acq); c.read())",
                       true));
  tests.push_back(Race("cell-two-readers", R"(c.read()
                                              c.read())",
                       false));
  // An SC fence orders accesses of atomics; alone it hides no race.
  tests.push_back(Race("cell-sc-fences-only", R"(c.write(); fence(sc)
                                                 fence(sc); c.write())",
                       true));
  tests.push_back(Race("cell-MP+fsc", R"(c.write(); fence(sc); y.store(1, rlx)
                             a = y.load(rlx); fence(sc); if (a == 1) c.read())",
                       false));
  for (const bool sc : {false, true}) {
    std::string text =
        R"(x.store(1, rel); a = y.load(acq); if (a == 0) c.write()
                          y.store(1, rel); b = x.load(acq); if (b == 0) c.write())";
    for (std::string_view order : {"rel", "acq"}) {
      for (size_t at = 0; sc && (at = text.find(order)) != std::string::npos;) {
        text.replace(at, order.size(), "sc");
      }
    }
    tests.push_back(Race(sc ? "cell-dekker+sc" : "cell-dekker+ra", text, !sc));
  }
  // A plain store in between breaks the release sequence, a swap does not.
  tests.push_back(Race("cell-RS+store", R"(c.write(); f.store(1, rel)
                           p = f.load(rlx); if (p == 1) f.store(2, rlx)
                           a = f.load(acq); if (a == 2) c.read())",
                       true));
  tests.push_back(Race("cell-RS+swap", R"(c.write(); f.store(1, rel)
                           p = f.load(rlx); if (p == 1) q = f.swap(2, rlx)
                           a = f.load(acq); if (a == 2) c.read())",
                       false));
  // The owner's own later store ends it since C++20.
  tests.push_back(Race("cell-RS+own-store",
                       R"(c.write(); f.store(1, rel); f.store(2, rlx)
                           a = f.load(acq); if (a == 2) c.read())",
                       true));
  tests.push_back(Race("cell-drop-relaxed",
                       R"(c.read(); a = n.add(-1, rlx); if (a == 1) c.write()
                           c.read(); b = n.add(-1, rlx); if (b == -1) c.write())",
                       true));
}

std::vector<Litmus> MakeMoreLitmusTests() {
  std::vector<Litmus> tests;
  for (const int depth : {9, 64}) {
    tests.push_back(DeepMessagePassing(depth, false));
    tests.push_back(DeepMessagePassing(depth, true));
  }
  for (int n = 2; n <= 6; ++n) {
    tests.push_back(Additions(n));
    tests.push_back(Readers(n));
    tests.push_back(StoreBufferingRing(n));
  }
  tests.push_back(SynchronizedStoreBuffering());
  AddRaces(tests);
  return tests;
}

}  // namespace

const std::vector<Litmus>& MoreLitmusTests() {
  static const auto* const tests =
      new std::vector<Litmus>(MakeMoreLitmusTests());
  return *tests;
}

}  // namespace weft::model::oracle
