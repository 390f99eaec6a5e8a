#include "weft/model/oracle/litmus.h"

#include <string_view>
#include <utility>

namespace weft::model::oracle {
namespace {

/// What a register or location may hold if nothing but its own program counts.
struct Range {
  std::string_view name;
  std::vector<int> values;
};

/// "a=1 b=0" for the names and these values, in any order of names.
std::string Named(const std::vector<Range>& ranges,
                  const std::vector<int>& values) {
  Outcome outcome;
  for (size_t i = 0; i < ranges.size(); ++i) {
    outcome[std::string(ranges[i].name)] = values[i];
  }
  return ToString(outcome);
}

/// All combinations of the ranges but for `forbidden`.
OutcomeSet AllBut(const std::vector<Range>& ranges,
                  const std::vector<std::vector<int>>& forbidden) {
  std::vector<std::vector<int>> rows = {{}};
  for (const Range& range : ranges) {
    std::vector<std::vector<int>> longer;
    for (const std::vector<int>& row : rows) {
      for (const int value : range.values) {
        longer.push_back(row);
        longer.back().push_back(value);
      }
    }
    rows = std::move(longer);
  }
  OutcomeSet result;
  for (const auto& row : rows) result.insert(Named(ranges, row));
  for (const auto& row : forbidden) result.erase(Named(ranges, row));
  return result;
}

/// Replaces S and L, where they stand for orders, by these.
std::string WithOrders(std::string_view text, std::string_view store,
                       std::string_view load) {
  std::string result;
  for (const char c : text) {
    if (c == 'S') {
      result += store;
    } else if (c == 'L') {
      result += load;
    } else {
      result += c;
    }
  }
  return result;
}

const std::vector<int> kBit = {0, 1};

/// Collects the tests.
class Table {
 public:
  Litmus& Add(std::string name, std::string_view text, std::string_view finals,
              OutcomeSet allowed) {
    Litmus& test = tests_.emplace_back();
    test.name = std::move(name);
    test.program = ParseProgram(text, finals);
    test.allowed = std::move(allowed);
    return test;
  }

  /// A family: the shape `text`, with relaxed, release and acquire, and seq_cst
  /// for S (stores) and L (loads). `bad` is forbidden with seq_cst and,
  /// if so said, with the weaker ones.
  void AddFamily(const std::string& name, std::string_view text,
                 std::string_view finals, const std::vector<Range>& ranges,
                 const std::vector<int>& bad, bool bad_if_rlx, bool bad_if_ra) {
    Add(name + "+rlx", WithOrders(text, "rlx", "rlx"), finals,
        bad_if_rlx ? AllBut(ranges, {bad}) : AllBut(ranges, {}));
    Add(name + "+ra", WithOrders(text, "rel", "acq"), finals,
        bad_if_ra ? AllBut(ranges, {bad}) : AllBut(ranges, {}));
    Add(name + "+sc", WithOrders(text, "sc", "sc"), finals,
        AllBut(ranges, {bad}));
  }

  std::vector<Litmus> Take() { return std::move(tests_); }

 private:
  std::vector<Litmus> tests_;
};

void AddFamilies(Table& t) {
  const std::vector<Range> ab = {{"a", kBit}, {"b", kBit}};
  const std::vector<Range> abc = {{"a", kBit}, {"b", kBit}, {"c", kBit}};
  const std::vector<Range> abcd = {
      {"a", kBit}, {"b", kBit}, {"c", kBit}, {"d", kBit}};
  t.AddFamily("SB", R"(x.store(1, S); a = y.load(L)
                       y.store(1, S); b = x.load(L))",
              "", ab, {0, 0}, false, false);
  t.AddFamily("MP", R"(x.store(1, S); y.store(1, S)
                       a = y.load(L); b = x.load(L))",
              "", ab, {1, 0}, false, true);
  t.AddFamily("IRIW", R"(x.store(1, S)
                         y.store(1, S)
                         a = x.load(L); b = y.load(L)
                         c = y.load(L); d = x.load(L))",
              "", abcd, {1, 0, 1, 0}, false, false);
  t.AddFamily("WRC", R"(x.store(1, S)
                        a = x.load(L); y.store(1, S)
                        b = y.load(L); c = x.load(L))",
              "", abc, {1, 1, 0}, false, true);
  t.AddFamily("2+2W", R"(x.store(1, S); y.store(2, S)
                         y.store(1, S); x.store(2, S))",
              "x y", {{"[x]", {1, 2}}, {"[y]", {1, 2}}}, {1, 1}, false, false);
  t.AddFamily("RWC", R"(x.store(1, S)
                        a = x.load(L); b = y.load(L)
                        y.store(1, S); c = x.load(L))",
              "", abc, {1, 0, 0}, false, false);
  t.AddFamily("ISA2", R"(x.store(1, S); y.store(1, S)
                         a = y.load(L); z.store(1, S)
                         b = z.load(L); c = x.load(L))",
              "", abc, {1, 1, 0}, false, true);
  t.AddFamily("R", R"(x.store(1, S); y.store(1, S)
                      y.store(2, S); a = x.load(L))",
              "y", {{"a", kBit}, {"[y]", {1, 2}}}, {0, 2}, false, false);
  t.AddFamily("S", R"(x.store(2, S); y.store(1, S)
                      a = y.load(L); x.store(1, S))",
              "x", {{"a", kBit}, {"[x]", {1, 2}}}, {1, 2}, false, true);
  // C++20 allows (1, 1) with relaxed. This model does not, by choice: an
  // execution that reads from the future cannot be run.
  t.AddFamily("LB", R"(a = x.load(L); y.store(1, S)
                       b = y.load(L); x.store(1, S))",
              "", ab, {1, 1}, true, true);
}

void AddStoreBuffering(Table& t) {
  const std::vector<Range> ab = {{"a", kBit}, {"b", kBit}};
  const OutcomeSet all = AllBut(ab, {});
  const OutcomeSet ordered = AllBut(ab, {{0, 0}});
  t.Add("SB+fsc", R"(x.store(1, rlx); fence(sc); a = y.load(rlx)
                     y.store(1, rlx); fence(sc); b = x.load(rlx))",
        "", ordered);
  t.Add("SB+far", R"(x.store(1, rlx); fence(ar); a = y.load(rlx)
                     y.store(1, rlx); fence(ar); b = x.load(rlx))",
        "", all);
  t.Add("SB+fsc+sc", R"(x.store(1, rlx); fence(sc); a = y.load(rlx)
                        y.store(1, sc); b = x.load(sc))",
        "", ordered);
  // p and q are always 0: nobody else writes there.
  const OutcomeSet all_pq =
      AllBut({{"a", kBit}, {"b", kBit}, {"p", {0}}, {"q", {0}}}, {});
  t.Add("SB+rmw_ar", R"(p = x.swap(1, ar); a = y.load(acq)
                        q = y.swap(1, ar); b = x.load(acq))",
        "", all_pq);
  t.Add("SB+rmw_sc+ld_rlx", R"(p = x.swap(1, sc); a = y.load(rlx)
                               q = y.swap(1, sc); b = x.load(rlx))",
        "", all_pq);
  t.Add("SB+scW+rlxR", R"(x.store(1, sc); a = y.load(rlx)
                          y.store(1, sc); b = x.load(rlx))",
        "", all);
  t.Add("3SB-ring+fsc", R"(x.store(1, rlx); fence(sc); a = y.load(rlx)
                           y.store(1, rlx); fence(sc); b = z.load(rlx)
                           z.store(1, rlx); fence(sc); c = x.load(rlx))",
        "", AllBut({{"a", kBit}, {"b", kBit}, {"c", kBit}}, {{0, 0, 0}}));
}

void AddMessagePassing(Table& t) {
  const std::vector<Range> ab = {{"a", kBit}, {"b", kBit}};
  const OutcomeSet passed = AllBut(ab, {{1, 0}});
  t.Add("MP+frel+facq", R"(x.store(1, rlx); fence(rel); y.store(1, rlx)
                           a = y.load(rlx); fence(acq); b = x.load(rlx))",
        "", passed);
  t.Add("MP+rel+facq", R"(x.store(1, rlx); y.store(1, rel)
                          a = y.load(rlx); fence(acq); b = x.load(rlx))",
        "", passed);
  t.Add("MP+frel+acq", R"(x.store(1, rlx); fence(rel); y.store(1, rlx)
                          a = y.load(acq); b = x.load(rlx))",
        "", passed);
  t.Add("MP+frel+rlx", R"(x.store(1, rlx); fence(rel); y.store(1, rlx)
                          a = y.load(rlx); b = x.load(rlx))",
        "", AllBut(ab, {}));
  t.Add("MP+fsc", R"(x.store(1, rlx); fence(sc); y.store(1, rlx)
                     a = y.load(rlx); fence(sc); b = x.load(rlx))",
        "", passed);
}

void AddOtherFences(Table& t) {
  const std::vector<Range> abc = {{"a", kBit}, {"b", kBit}, {"c", kBit}};
  const std::vector<Range> abcd = {
      {"a", kBit}, {"b", kBit}, {"c", kBit}, {"d", kBit}};
  t.Add("IRIW+fsc", R"(x.store(1, rlx)
                       y.store(1, rlx)
                       a = x.load(rlx); fence(sc); b = y.load(rlx)
                       c = y.load(rlx); fence(sc); d = x.load(rlx))",
        "", AllBut(abcd, {{1, 0, 1, 0}}));
  t.Add("IRIW+acq-sc", R"(x.store(1, sc)
                          y.store(1, sc)
                          a = x.load(acq); b = y.load(sc)
                          c = y.load(acq); d = x.load(sc))",
        "", AllBut(abcd, {}));
  t.Add("WRC+po-fences", R"(x.store(1, rlx)
                            a = x.load(rlx); fence(ar); y.store(1, rlx)
                            b = y.load(rlx); fence(acq); c = x.load(rlx))",
        "", AllBut(abc, {{1, 1, 0}}));
  t.Add("2+2W+fsc", R"(x.store(1, rlx); fence(sc); y.store(2, rlx)
                       y.store(1, rlx); fence(sc); x.store(2, rlx))",
        "x y", AllBut({{"[x]", {1, 2}}, {"[y]", {1, 2}}}, {{1, 1}}));
  t.Add("R+fsc", R"(x.store(1, rlx); fence(sc); y.store(1, rlx)
                    y.store(2, rlx); fence(sc); a = x.load(rlx))",
        "y", AllBut({{"a", kBit}, {"[y]", {1, 2}}}, {{0, 2}}));
  t.Add("RWC+fsc", R"(x.store(1, rlx)
                      a = x.load(rlx); fence(sc); b = y.load(rlx)
                      y.store(1, rlx); fence(sc); c = x.load(rlx))",
        "", AllBut(abc, {{1, 0, 0}}));
  t.Add("W+RWC+fsc", R"(x.store(1, rlx); z.store(1, rel)
                        a = z.load(acq); fence(sc); b = y.load(rlx)
                        y.store(1, rlx); fence(sc); c = x.load(rlx))",
        "", AllBut(abc, {{1, 0, 0}}));
  // The read-modify-write by itself is no SC fence: between the relaxed read
  // of 3 and the seq_cst read of 0 stands no order.
  t.Add("Z6.U", R"(x.store(1, sc); y.store(1, rel)
                   a = y.add(1, sc); b = y.load(rlx)
                   y.store(3, sc); c = x.load(sc))",
        "",
        {
            // The addition comes first (1), or after 1 (2), or after 3 (4);
            // then b reads its sum or what overwrote that.
            "a=0 b=1 c=0",
            "a=0 b=1 c=1",
            "a=0 b=3 c=0",
            "a=0 b=3 c=1",
            "a=1 b=2 c=0",
            "a=1 b=2 c=1",
            "a=1 b=3 c=0",
            "a=1 b=3 c=1",
            "a=3 b=1 c=0",
            "a=3 b=1 c=1",
            "a=3 b=4 c=0",
            "a=3 b=4 c=1",
        });
}

void AddCoherence(Table& t) {
  t.Add("CoRR", R"(x.store(1, rlx); x.store(2, rlx)
                   a = x.load(rlx); b = x.load(rlx))",
        "",
        AllBut({{"a", {0, 1, 2}}, {"b", {0, 1, 2}}}, {{1, 0}, {2, 0}, {2, 1}}));
  Litmus& two_readers = t.Add("CoRR2", R"(x.store(1, rlx)
                                          x.store(2, rlx)
                                          a = x.load(rlx); b = x.load(rlx)
                                          c = x.load(rlx); d = x.load(rlx))",
                              "", {});
  // No reader goes back to 0, and they agree on which of 1 and 2 came first.
  two_readers.forbidden = {"a=1 b=0 c=0 d=0", "a=2 b=0 c=0 d=0",
                           "a=0 b=0 c=1 d=0", "a=0 b=0 c=2 d=0",
                           "a=1 b=2 c=2 d=1", "a=2 b=1 c=1 d=2"};
  two_readers.outcomes = 47;
  t.Add("CoWR", R"(x.store(1, rlx); a = x.load(rlx)
                   x.store(2, rlx))",
        "x", {"[x]=1 a=1", "[x]=2 a=1", "[x]=2 a=2"});
  t.Add("CoRW", R"(a = x.load(rlx); x.store(1, rlx)
                   x.store(2, rlx))",
        "x", {"[x]=1 a=0", "[x]=2 a=0", "[x]=1 a=2"});
  t.Add("CoHist4",
        R"(x.store(1, rlx); x.store(2, rlx); x.store(3, rlx); x.store(4, rlx)
                      a = x.load(rlx))",
        "", AllBut({{"a", {0, 1, 2, 3, 4}}}, {}));
  t.Add(
      "CoHist9",
      R"(x.store(1, rlx); x.store(2, rlx); x.store(3, rlx); x.store(4, rlx); x.store(5, rlx); x.store(6, rlx); x.store(7, rlx); x.store(8, rlx); x.store(9, rlx)
                      a = x.load(rlx))",
      "", AllBut({{"a", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}}, {}));
  // Reading back its own 2, or 1 if that came later.
  t.Add("WWR-mo", R"(x.store(1, rlx)
                     x.store(2, rlx); a = x.load(rlx)
                     b = x.load(rlx))",
        "x",
        AllBut({{"a", {1, 2}}, {"b", {0, 1, 2}}, {"[x]", {1, 2}}},
               {{1, 0, 2}, {1, 1, 2}, {1, 2, 2}}));
}

void AddReleaseSequences(Table& t) {
  // The addition keeps the release of what it read, and only then.
  t.Add("RS+rmw", R"(d.store(1, rlx); f.store(1, rel)
                     p = f.add(1, rlx)
                     a = f.load(acq); b = d.load(rlx))",
        "",
        {"a=0 b=0 p=0", "a=0 b=1 p=0", "a=1 b=0 p=0", "a=1 b=1 p=0",
         "a=0 b=0 p=1", "a=0 b=1 p=1", "a=1 b=1 p=1", "a=2 b=1 p=1"});
  // Since C++20 (P0982) the thread's own later store is no part of it.
  t.Add("RS+samethread", R"(d.store(1, rlx); f.store(1, rel); f.store(2, rlx)
                            a = f.load(acq); b = d.load(rlx))",
        "", AllBut({{"a", {0, 1, 2}}, {"b", kBit}}, {{1, 0}}));
  t.Add("RS+otherstore", R"(d.store(1, rlx); f.store(1, rel)
                            p = f.load(rlx); f.store(2, rlx)
                            a = f.load(acq); b = d.load(rlx))",
        "",
        AllBut({{"a", {0, 1, 2}}, {"b", kBit}, {"p", kBit}},
               {{1, 0, 0}, {1, 0, 1}}));
}

void AddReadModifyWrites(Table& t) {
  t.Add("RMW2", R"(a = x.add(1, rlx)
                   b = x.add(1, rlx))",
        "x", {"[x]=2 a=0 b=1", "[x]=2 a=1 b=0"});
  t.Add("CAS2", R"(a = x.cas(0, 1, rlx, rlx)
                   b = x.cas(0, 2, rlx, rlx))",
        "x", {"[x]=1 a=0 b=1", "[x]=2 a=2 b=0"});
  // A compare-exchange that fails is a load, and may be as stale as one.
  t.Add("CASfailstale", R"(x.store(1, rlx); x.store(2, rlx)
                           a = x.cas(9, 3, ar, acq))",
        "x", {"[x]=2 a=0", "[x]=2 a=1", "[x]=2 a=2"});
  t.Add("CASfailSB", R"(x.store(1, rlx); a = y.cas(7, 8, ar, acq)
                        y.store(1, rlx); b = x.cas(7, 8, ar, acq))",
        "", AllBut({{"a", kBit}, {"b", kBit}}, {}));
  // Nothing comes between what the addition reads and what it writes.
  t.Add("RMW-mo", R"(x.store(1, rlx)
                     a = x.add(10, rlx)
                     x.store(2, rlx))",
        "x",
        {"[x]=1 a=0", "[x]=2 a=0", "[x]=11 a=1", "[x]=2 a=1", "[x]=12 a=2",
         "[x]=1 a=2"});
}

std::vector<Litmus> MakeLitmusTests() {
  Table table;
  AddFamilies(table);
  AddStoreBuffering(table);
  AddMessagePassing(table);
  AddOtherFences(table);
  AddCoherence(table);
  AddReleaseSequences(table);
  AddReadModifyWrites(table);
  std::vector<Litmus> tests = table.Take();
  const std::vector<std::pair<std::string_view, uint64_t>> graphs = {
      {"SB+rlx", 4},    {"MP+ra", 3},        {"WRC+rlx", 8}, {"IRIW+rlx", 16},
      {"IRIW+fsc", 15}, {"3SB-ring+fsc", 7}, {"CoRR2", 72},  {"Z6.U", 24},
  };
  for (Litmus& test : tests) {
    for (const auto& [name, count] : graphs) {
      if (test.name == name) test.graphs = count;
    }
  }
  return tests;
}

}  // namespace

const std::vector<Litmus>& LitmusTests() {
  static const auto* const tests = new std::vector<Litmus>(MakeLitmusTests());
  return *tests;
}

}  // namespace weft::model::oracle
