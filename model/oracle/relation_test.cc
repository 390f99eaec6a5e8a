#include "weft/model/oracle/relation.h"

#include <vector>

#include "gtest/gtest.h"
#include "weft/model/oracle/random.h"

namespace weft::model::oracle {
namespace {

Relation RandomRelation(Random& random, int size, int percent) {
  Relation result(size);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      if (random.Percent(percent)) result.Add(i, j);
    }
  }
  return result;
}

void ExpectEqual(const Relation& a, const Relation& b) {
  ASSERT_EQ(a.size(), b.size());
  for (int i = 0; i < a.size(); ++i) EXPECT_EQ(a[i], b[i]) << "row " << i;
}

TEST(EventSet, HoldsMembersOnBothSidesOfAWord) {
  EventSet set;
  EXPECT_TRUE(set.Empty());
  for (const int i : {0, 63, 64, 127}) set.Add(i);
  std::vector<int> members;
  set.ForEach([&](int i) { members.push_back(i); });
  EXPECT_EQ(members, (std::vector<int>{0, 63, 64, 127}));
  set.Remove(64);
  EXPECT_FALSE(set.Has(64));
  EXPECT_TRUE(set.Has(63));
  EXPECT_FALSE(set.Empty());
}

// Each operation against its definition, pair by pair.
TEST(Relation, OperationsAreWhatTheirNamesSay) {
  Random random(1);
  for (int round = 0; round < 20; ++round) {
    const int n = 60 + random.Below(10);
    const Relation a = RandomRelation(random, n, 3);
    const Relation b = RandomRelation(random, n, 3);
    EventSet from;
    EventSet to;
    for (int i = 0; i < n; ++i) {
      if (random.Percent(50)) from.Add(i);
      if (random.Percent(50)) to.Add(i);
    }
    const Relation composed = Compose(a, b);
    const Relation restricted = Restrict(from, a, to);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        bool through = false;
        for (int k = 0; k < n; ++k) through |= a.Has(i, k) && b.Has(k, j);
        ASSERT_EQ(composed.Has(i, j), through);
        ASSERT_EQ(restricted.Has(i, j),
                  from.Has(i) && a.Has(i, j) && to.Has(j));
        ASSERT_EQ((a | b).Has(i, j), a.Has(i, j) || b.Has(i, j));
        ASSERT_EQ((a & b).Has(i, j), a.Has(i, j) && b.Has(i, j));
        ASSERT_EQ((a - b).Has(i, j), a.Has(i, j) && !b.Has(i, j));
        ASSERT_EQ(a.Inverse().Has(j, i), a.Has(i, j));
        ASSERT_EQ(a.Reflexive().Has(i, j), i == j || a.Has(i, j));
      }
    }
  }
}

TEST(Relation, ClosureIsTheLeastTransitiveRelationAbove) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    const Relation a = RandomRelation(random, 70, 1);
    // Steps added one at a time until nothing is new.
    Relation expected = a;
    for (;;) {
      Relation more = expected | Compose(expected, a);
      bool same = true;
      for (int i = 0; i < 70; ++i) same &= more[i] == expected[i];
      if (same) break;
      expected = more;
    }
    ExpectEqual(a.TransitiveClosure(), expected);
    EXPECT_EQ(a.Acyclic(), expected.Irreflexive());
  }
}

TEST(Relation, ACycleIsFoundAndAChainIsNone) {
  Relation chain(100);
  for (int i = 0; i + 1 < 100; ++i) chain.Add(i, i + 1);
  EXPECT_TRUE(chain.Acyclic());
  EXPECT_TRUE(chain.TransitiveClosure().Has(0, 99));
  chain.Add(99, 0);
  EXPECT_FALSE(chain.Acyclic());
  EXPECT_TRUE(chain.Irreflexive());
}

TEST(Relation, IdentityHoldsItsEventsOnly) {
  EventSet events;
  events.Add(3);
  events.Add(68);
  const Relation identity = Relation::Identity(events, 70);
  for (int i = 0; i < 70; ++i) {
    for (int j = 0; j < 70; ++j) {
      EXPECT_EQ(identity.Has(i, j), i == j && (i == 3 || i == 68));
    }
  }
}

}  // namespace
}  // namespace weft::model::oracle
