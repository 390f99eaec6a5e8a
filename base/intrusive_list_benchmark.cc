// The registry's and the wait lists' work per item: enter and leave. Both are a
// handful of stores; a rise means that a check or a size crept in.

#include <memory>

#include "benchmark/benchmark.h"
#include "weft/base/intrusive_list.h"
#include "weft/base/xorshift.h"

namespace weft {
namespace {

struct Item : IntrusiveListNode<Item> {};

void BM_IntrusiveList_PushPop(benchmark::State& state) {
  IntrusiveList<Item> list;
  Item item;
  for (auto _ : state) {
    list.PushBack(&item);
    benchmark::DoNotOptimize(list.PopFront());
  }
}
BENCHMARK(BM_IntrusiveList_PushPop);

// Removes a random item and adds it again: the links of its neighbours are cold
// once the list outgrows the cache.
void BM_IntrusiveList_RemoveAnywhere(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  const auto items = std::make_unique<Item[]>(size);
  IntrusiveList<Item> list;
  for (uint32_t i = 0; i < size; ++i) list.PushBack(&items[i]);
  XorShift64 random(1);
  for (auto _ : state) {
    Item* item = &items[random.Below(size)];
    list.Remove(item);
    list.PushBack(item);
  }
  while (list.PopFront() != nullptr) {
  }
}
BENCHMARK(BM_IntrusiveList_RemoveAnywhere)
    ->ArgName("items")
    ->Arg(64)
    ->Arg(1 << 20);

void BM_IntrusiveList_Append(benchmark::State& state) {
  Item a, b;
  IntrusiveList<Item> list, other;
  list.PushBack(&a);
  for (auto _ : state) {
    other.PushBack(&b);
    list.Append(static_cast<IntrusiveList<Item>&&>(other));
    list.Remove(&b);
  }
  list.Remove(&a);
}
BENCHMARK(BM_IntrusiveList_Append);

}  // namespace
}  // namespace weft
