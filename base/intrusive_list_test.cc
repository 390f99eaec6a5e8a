#include "weft/base/intrusive_list.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"

namespace weft {
namespace {

struct Item : IntrusiveListNode<Item> {
  explicit Item(int n) : number(n) {}
  int number;
};

using List = IntrusiveList<Item>;

static_assert(sizeof(IntrusiveListNode<Item>) == 2 * sizeof(void*));
static_assert(sizeof(List) == 2 * sizeof(void*));
static_assert(std::bidirectional_iterator<List::Iterator>);

std::vector<int> Numbers(List& list) {
  std::vector<int> numbers;
  for (const Item& item : list) numbers.push_back(item.number);
  std::vector<int> backward;
  for (auto it = list.end(); it != list.begin();) {
    backward.push_back((--it)->number);
  }
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(numbers, backward) << "the two directions disagree";
  return numbers;
}

void Drain(List& list) {
  while (list.PopFront() != nullptr) {
  }
}

TEST(IntrusiveList, StartsEmpty) {
  List list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.back(), nullptr);
  EXPECT_EQ(list.PopFront(), nullptr);
  EXPECT_EQ(list.PopBack(), nullptr);
  EXPECT_EQ(list.begin(), list.end());
}

TEST(IntrusiveList, KeepsTheOrderOfItsEnds) {
  Item a(1), b(2), c(3);
  List list;
  list.PushBack(&b);
  list.PushBack(&c);
  list.PushFront(&a);
  EXPECT_EQ(Numbers(list), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(list.front(), &a);
  EXPECT_EQ(list.back(), &c);
  EXPECT_EQ(list.PopFront(), &a);
  EXPECT_EQ(list.PopBack(), &c);
  EXPECT_EQ(list.PopBack(), &b);
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveList, AnItemKnowsWhetherItIsLinked) {
  Item a(1);
  List list;
  EXPECT_FALSE(a.linked());
  list.PushBack(&a);
  EXPECT_TRUE(a.linked());
  list.Remove(&a);
  EXPECT_FALSE(a.linked());
  list.PushFront(&a);
  EXPECT_TRUE(a.linked());
  EXPECT_EQ(list.PopFront(), &a);
  EXPECT_FALSE(a.linked());
}

TEST(IntrusiveList, RemovesFromTheFrontTheMiddleAndTheBack) {
  Item a(1), b(2), c(3), d(4), e(5);
  List list;
  for (Item* item : {&a, &b, &c, &d, &e}) list.PushBack(item);
  list.Remove(&c);
  EXPECT_EQ(Numbers(list), (std::vector<int>{1, 2, 4, 5}));
  list.Remove(&a);
  EXPECT_EQ(Numbers(list), (std::vector<int>{2, 4, 5}));
  list.Remove(&e);
  EXPECT_EQ(Numbers(list), (std::vector<int>{2, 4}));
  Drain(list);
}

TEST(IntrusiveList, RemovingWhileIteratingLeavesOtherIteratorsGood) {
  Item a(1), b(2), c(3), d(4);
  List list;
  for (Item* item : {&a, &b, &c, &d}) list.PushBack(item);
  for (auto it = list.begin(); it != list.end();) {
    Item& item = *it++;
    if (item.number % 2 == 0) list.Remove(&item);
  }
  EXPECT_EQ(Numbers(list), (std::vector<int>{1, 3}));
  Drain(list);
}

TEST(IntrusiveList, AppendMovesEverythingInOrder) {
  Item a(1), b(2), c(3), d(4);
  List first, second;
  first.PushBack(&a);
  first.PushBack(&b);
  second.PushBack(&c);
  second.PushBack(&d);
  first.Append(std::move(second));
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(Numbers(first), (std::vector<int>{1, 2, 3, 4}));

  second.Append(std::move(first));  // into an empty one
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(Numbers(second), (std::vector<int>{1, 2, 3, 4}));

  second.Append(std::move(first));  // of an empty one
  EXPECT_EQ(Numbers(second), (std::vector<int>{1, 2, 3, 4}));

  second.Append(std::move(second));  // to itself
  EXPECT_EQ(Numbers(second), (std::vector<int>{1, 2, 3, 4}));
  Drain(second);
}

TEST(IntrusiveList, TakeAllLeavesAListThatCanBeUsed) {
  Item a(1), b(2), c(3);
  List list;
  list.PushBack(&a);
  list.PushBack(&b);
  List taken = list.TakeAll();
  EXPECT_TRUE(list.empty());
  list.PushBack(&c);
  taken.Remove(&a);  // an item leaves the list it was moved to
  EXPECT_EQ(Numbers(taken), (std::vector<int>{2}));
  EXPECT_EQ(Numbers(list), (std::vector<int>{3}));
  List none = List().TakeAll();
  EXPECT_TRUE(none.empty());
  Drain(taken);
  Drain(list);
}

struct WaitTag;
struct OwnedTag;
struct Twice : IntrusiveListNode<Twice, WaitTag>,
               IntrusiveListNode<Twice, OwnedTag> {
  bool waits() const { return IntrusiveListNode<Twice, WaitTag>::linked(); }
  bool owned() const { return IntrusiveListNode<Twice, OwnedTag>::linked(); }
};

TEST(IntrusiveList, AnItemStandsInOneListPerTag) {
  Twice item;
  IntrusiveList<Twice, WaitTag> waits;
  IntrusiveList<Twice, OwnedTag> owned;
  waits.PushBack(&item);
  EXPECT_TRUE(item.waits());
  EXPECT_FALSE(item.owned());
  owned.PushBack(&item);
  waits.Remove(&item);
  EXPECT_FALSE(item.waits());
  EXPECT_TRUE(item.owned());
  EXPECT_EQ(owned.PopFront(), &item);
}

using IntrusiveListDeathTest = testing::Test;

TEST(IntrusiveListDeathTest, AddingTwiceAborts) {
  Item a(1);
  List list;
  list.PushBack(&a);
  EXPECT_DEATH(list.PushBack(&a), "added again");
  EXPECT_DEATH(list.PushFront(&a), "added again");
  List other;
  EXPECT_DEATH(other.PushBack(&a), "added again");
  Drain(list);
}

TEST(IntrusiveListDeathTest, RemovingWhatIsNotThereAborts) {
  Item a(1);
  List list;
  EXPECT_DEATH(list.Remove(&a), "stands in no list");
}

TEST(IntrusiveListDeathTest, AListMustBeEmptyWhenItDies) {
  Item a(1);
  EXPECT_DEATH(
      {
        List list;
        list.PushBack(&a);
      },
      "must be empty");
}

TEST(IntrusiveListDeathTest, AnItemMustLeaveBeforeItDies) {
  if constexpr (kDCheckEnabled) {
    EXPECT_DEATH(
        {
          List list;
          Item a(1);
          list.PushBack(&a);
        },
        "must leave its list");
  }
}

}  // namespace
}  // namespace weft
