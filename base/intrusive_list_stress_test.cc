// Random operations on several lists, compared with a reference after each: the
// lists as vectors of numbers.

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/intrusive_list.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"

namespace weft {
namespace {

struct Item : IntrusiveListNode<Item> {
  std::size_t number = 0;
};

TEST(IntrusiveListStress, BehavesLikeVectorsOfNumbers) {
  constexpr std::size_t kItems = 24;
  constexpr std::size_t kLists = 3;
  constexpr std::size_t kNowhere = kLists;
  XorShift64 random(TestSeed());
  const auto pick = [&](std::size_t n) {
    return std::size_t{random.Below(static_cast<uint32_t>(n))};
  };

  std::array<Item, kItems> items;
  std::array<std::size_t, kItems> where;
  std::array<IntrusiveList<Item>, kLists> lists;
  std::array<std::vector<std::size_t>, kLists> models;
  for (std::size_t i = 0; i < kItems; ++i) {
    items[i].number = i;
    where[i] = kNowhere;
  }

  const uint64_t steps = StressIterations(200'000);
  for (uint64_t step = 0; step < steps; ++step) {
    const std::size_t i = pick(kItems);
    const std::size_t l = pick(kLists);
    const std::size_t other = (l + 1 + pick(kLists - 1)) % kLists;
    auto& list = lists[l];
    auto& model = models[l];
    switch (pick(16)) {
      case 0:  // splice
        list.Append(std::move(lists[other]));
        for (const std::size_t n : models[other]) where[n] = l;
        model.insert(model.end(), models[other].begin(), models[other].end());
        models[other].clear();
        break;
      case 1: {  // take all, and pop them one by one
        IntrusiveList<Item> taken = list.TakeAll();
        for (const std::size_t n : model) {
          Item* item = taken.PopFront();
          ASSERT_NE(item, nullptr);
          ASSERT_EQ(item->number, n);
          where[n] = kNowhere;
        }
        ASSERT_TRUE(taken.empty());
        model.clear();
        break;
      }
      case 2: {
        Item* item = list.PopFront();
        ASSERT_EQ(item == nullptr, model.empty());
        if (item == nullptr) break;
        ASSERT_EQ(item->number, model.front());
        where[item->number] = kNowhere;
        model.erase(model.begin());
        break;
      }
      case 3: {
        Item* item = list.PopBack();
        ASSERT_EQ(item == nullptr, model.empty());
        if (item == nullptr) break;
        ASSERT_EQ(item->number, model.back());
        where[item->number] = kNowhere;
        model.pop_back();
        break;
      }
      default:  // a random item joins a random list, or leaves its own
        if (where[i] != kNowhere) {
          lists[where[i]].Remove(&items[i]);
          std::erase(models[where[i]], i);
          where[i] = kNowhere;
        } else if (pick(2) == 0) {
          list.PushBack(&items[i]);
          model.push_back(i);
          where[i] = l;
        } else {
          list.PushFront(&items[i]);
          model.insert(model.begin(), i);
          where[i] = l;
        }
    }
    ASSERT_EQ(items[i].linked(), where[i] != kNowhere);
    ASSERT_EQ(list.empty(), model.empty());
    ASSERT_TRUE(std::equal(
        list.begin(), list.end(), model.begin(), model.end(),
        [](const Item& item, std::size_t n) { return item.number == n; }));
  }
  for (auto& list : lists) {
    while (list.PopFront() != nullptr) {
    }
  }
}

}  // namespace
}  // namespace weft
