// The roles a queue can play in a scheduler, one named concept each. Every
// concept has at least two models and one conformance suite in queue/testing/
// that all its models run. (NoLocalQueue and NoSlot, which have no room, and
// PrivateQueue, which is never full, have tests of their own: no_queue_test.cc,
// private_queue_test.cc.)
//
//   role            models                               suite
//   LocalQueue      RingQueue, ChaseLevDeque, local_queue_conformance.h
//                   MutexLocalQueue
//   InjectorQueue   Injector, ShardedInjector,           injector_conformance.h
//                   DequeInjector
//   NextSlot        LifoSlot, MutexSlot                  slot_conformance.h
//
// A concept checks names and types only; the sentences here are the contract.

#ifndef WEFT_QUEUE_CONCEPTS_H_
#define WEFT_QUEUE_CONCEPTS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "weft/queue/chain.h"
#include "weft/queue/steal.h"

namespace weft {

/// Where a local queue sends what it has no room for. PushBatch is called on
/// the owner's thread, with no lock held, and takes the items for good. It must
/// return void: a queue that can refuse items (an injector after Close) is not
/// a sink, because nobody here could do anything with what it gives back.
template <class S, class T>
concept OverflowSink = Linkable<T> && requires(S& sink, Chain<T> batch) {
  { sink.PushBatch(std::move(batch)) } -> std::same_as<void>;
};

namespace queue_internal {

/// The least sink there can be; stands for "any sink" in the concepts below.
template <Linkable T>
struct AnySink {
  void PushBatch(Chain<T> batch);
};

}  // namespace queue_internal

/// What the one owning thread may do with its queue of T.
///   Push       appends; when full, hands the newer half plus the item to the
///              sink as one chain (or the item alone while a thief is at work).
///   PushBatch  appends what fits, in order; the rest goes to the sink in one
///              call.
///   Pop        the oldest item, or null.
///   Size       items that Pop could still return.
///   Free       items that can be pushed before the sink is called; a lower
///              bound for as long as the owner pushes nothing.
template <class O, class T>
concept LocalQueueOwner = std::copyable<O> &&
    requires(O& owner, T* item, Chain<T> batch,
             queue_internal::AnySink<T>& sink) {
  { owner.Push(item, sink) } -> std::same_as<void>;
  { owner.PushBatch(std::move(batch), sink) } -> std::same_as<void>;
  { owner.Pop() } -> std::same_as<T*>;
  { owner.Size() } -> std::same_as<uint32_t>;
  { owner.Free() } -> std::same_as<uint32_t>;
};

/// What any other thread, the owner of a queue of its own, may do.
///   StealInto  if more than `leave` items are queued, moves the oldest
///              min(ceil(n/2), max_take) of the n items: the first is returned,
///              the others go to the thief's own queue `mine`, which must be
///              another queue. Takes less if `mine` lacks room, but never zero.
///   Size       a hint; never less than what the caller has been told of.
template <class Th, class O, class T>
concept LocalQueueThief = std::copyable<Th> &&
    requires(Th& thief, O& mine, uint32_t max_take, uint32_t leave) {
  { thief.StealInto(mine, max_take) } -> std::same_as<Steal<T>>;
  { thief.StealInto(mine, max_take, leave) } -> std::same_as<Steal<T>>;
  { thief.Size() } -> std::same_as<uint32_t>;
};

/// A bounded FIFO run queue with one owner and any number of thieves. The queue
/// does not move; the handles are cheap copies of its address. It must be empty
/// when it is destroyed.
template <class Q>
concept LocalQueue = std::default_initializable<Q> &&
    Linkable<typename Q::value_type> &&
    LocalQueueOwner<typename Q::Owner, typename Q::value_type> &&
    LocalQueueThief<typename Q::Thief, typename Q::Owner,
                    typename Q::value_type> && requires(Q& queue) {
  { queue.owner() } -> std::same_as<typename Q::Owner>;
  { queue.thief() } -> std::same_as<typename Q::Thief>;
  { Q::capacity() } -> std::same_as<uint32_t>;
};

/// An unbounded FIFO queue that any thread may use at any time.
///   Push       false if closed: the caller still has the item.
///   PushBatch  returns what was refused: all of it if closed, else nothing.
///   Pop        the oldest item (of the shard nearest to `home`), or null.
///   PopBatch   up to n items; at least one if there is one, even for n == 0.
///   Close      no push succeeds any more; true for exactly one caller. What is
///              queued stays and can be popped.
///   closed     true only when every later push will be refused.
///   Size, Empty  without a lock; Empty is one load.
template <class I>
concept InjectorQueue = Linkable<typename I::value_type> &&
    requires(I& injector, const I& view, typename I::value_type* item,
             Chain<typename I::value_type> batch, uint32_t n, uint32_t home) {
  { injector.Push(item) } -> std::same_as<bool>;
  {
    injector.PushBatch(std::move(batch))
    } -> std::same_as<Chain<typename I::value_type>>;
  { injector.Pop() } -> std::same_as<typename I::value_type*>;
  { injector.Pop(home) } -> std::same_as<typename I::value_type*>;
  { injector.PopBatch(n) } -> std::same_as<Chain<typename I::value_type>>;
  { injector.PopBatch(n, home) } -> std::same_as<Chain<typename I::value_type>>;
  { injector.Close() } -> std::same_as<bool>;
  { view.closed() } -> std::same_as<bool>;
  { view.Size() } -> std::same_as<std::size_t>;
  { view.Empty() } -> std::same_as<bool>;
};

/// Room for the one item its owner will run next.
///   Put     owner: stores `item`, returns the item it displaced, or null.
///   Take    owner: empties the slot.
///   Peek    anyone: what is in it, for comparison only.
///   TakeIf  anyone: empties the slot if it holds `seen`, and returns it;
///           else null.
template <class S>
concept NextSlot = std::default_initializable<S> &&
    Linkable<typename S::value_type> &&
    requires(S& slot, const S& view, typename S::value_type* item) {
  { slot.Put(item) } -> std::same_as<typename S::value_type*>;
  { slot.Take() } -> std::same_as<typename S::value_type*>;
  { slot.TakeIf(item) } -> std::same_as<typename S::value_type*>;
  { view.Peek() } -> std::same_as<typename S::value_type*>;
};

}  // namespace weft

#endif  // WEFT_QUEUE_CONCEPTS_H_
