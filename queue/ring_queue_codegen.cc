// The hot operations of RingQueue, to be compiled and looked at, never run: see
// weft_codegen_test.

#include <atomic>
#include <cstdint>

#ifdef WEFT_CODEGEN_CONTROL
namespace weft {

// What a seam that costs something would be.
inline unsigned long operations = 0;

template <class T>
struct Counted : std::atomic<T> {
  using std::atomic<T>::atomic;

  T load(std::memory_order order) const {
    ++operations;
    return std::atomic<T>::load(order);
  }
  void store(T value, std::memory_order order) {
    ++operations;
    std::atomic<T>::store(value, order);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure) {
    ++operations;
    return std::atomic<T>::compare_exchange_weak(expected, desired, success,
                                                 failure);
  }
};

}  // namespace weft
#endif

#include WEFT_CODEGEN_HEADER  // ring_queue.h, or its twin

struct Item {
  Item* next;
};

struct Sink {
  void PushBatch(weft::Chain<Item> chain);
};

using Queue = weft::RingQueue<Item>;

extern "C" {

void Push(Queue::Owner* owner, Item* item, Sink* sink) {
  owner->Push(item, *sink);
}

Item* Pop(Queue::Owner* owner) { return owner->Pop(); }

void StealInto(Queue::Thief* thief, Queue::Owner* mine, uint32_t max_take,
               uint32_t leave, weft::Steal<Item>* steal) {
  *steal = thief->StealInto(*mine, max_take, leave);
}

uint32_t OwnerSize(Queue::Owner* owner) { return owner->Size(); }

uint32_t ThiefSize(Queue::Thief* thief) { return thief->Size(); }

}  // extern "C"
