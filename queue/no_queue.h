// NoLocalQueue and NoSlot: the parts of a scheduler whose workers have no queue
// of their own. Everything goes on to the sink at once, that is, to the one
// queue that all workers share: the first scheduler of "Making the Tokio
// scheduler 10x faster", and the base line of its argument. Strictly first in,
// first out, for one lock an operation that all workers contend for.

#ifndef WEFT_QUEUE_NO_QUEUE_H_
#define WEFT_QUEUE_NO_QUEUE_H_

#include <cstdint>
#include <utility>

#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"

namespace weft {

/// A LocalQueue without room: it is always full and always empty. Nothing here
/// costs anything but the sink. Any thread.
///
/// Use when: tasks must run in the order in which they became runnable.
template <Linkable T>
class NoLocalQueue {
 public:
  using value_type = T;

  /// The owner's side; see LocalQueueOwner.
  class Owner {
   public:
    template <OverflowSink<T> Sink>
    void Push(T* item, Sink&& sink) {
      Chain<T> one;
      one.PushBack(item);
      sink.PushBatch(std::move(one));
    }
    template <OverflowSink<T> Sink>
    void PushBatch(Chain<T> batch, Sink&& sink) {
      if (!batch.empty()) sink.PushBatch(std::move(batch));
    }
    [[nodiscard]] T* Pop() { return nullptr; }
    std::uint32_t Size() const { return 0; }
    std::uint32_t Free() const { return 0; }
  };

  /// Everybody else's side; see LocalQueueThief.
  class Thief {
   public:
    [[nodiscard]] Steal<T> StealInto(Owner&, std::uint32_t, std::uint32_t = 0) {
      return {};
    }
    std::uint32_t Size() const { return 0; }
  };

  Owner owner() { return Owner(); }
  Thief thief() { return Thief(); }

  static constexpr std::uint32_t capacity() { return 0; }
};

/// A NextSlot without room: what is put is displaced at once.
template <Linkable T>
class NoSlot {
 public:
  using value_type = T;

  [[nodiscard]] T* Put(T* item) { return item; }
  [[nodiscard]] T* Take() { return nullptr; }
  [[nodiscard]] T* TakeIf(T*) { return nullptr; }
  T* Peek() const { return nullptr; }
};

}  // namespace weft

#endif  // WEFT_QUEUE_NO_QUEUE_H_
