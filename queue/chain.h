// Chain<T>: a batch of items linked through their own `next` field.
//
// Queues hand batches to each other as one Chain: linking happens where nobody
// else can see the items, and the receiver splices the whole batch at once.
// A Chain is an ordinary value owned by one thread; it has no atomics and
// allocates nothing. It is move-only because the items in it must be run or
// handed on exactly once.

#ifndef WEFT_QUEUE_CHAIN_H_
#define WEFT_QUEUE_CHAIN_H_

#include <concepts>
#include <cstddef>
#include <utility>

#include "weft/base/check.h"

namespace weft {

/// A type that can stand in a queue of this library: it has a public member
/// `T* next`. The queue that holds the item owns that field; everybody else
/// leaves it alone. T must be a complete type where the concept is checked.
template <class T>
concept Linkable = requires(T& item) {
  { item.next } -> std::same_as<T*&>;
};

/// Singly linked FIFO batch. Every operation is O(1) unless it says otherwise,
/// never throws and never allocates. An item is in at most one Chain.
template <Linkable T>
class Chain {
 public:
  using value_type = T;

  Chain() = default;

  /// A chain of one item. `item` must not be null.
  explicit Chain(T* item) { PushBack(item); }

  Chain(Chain&& other) noexcept
      : head_(std::exchange(other.head_, nullptr)),
        tail_(std::exchange(other.tail_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}

  /// The target must be empty: overwriting items would lose them.
  Chain& operator=(Chain&& other) noexcept {
    DCheck(empty(), "Chain: assignment would lose the items of the target");
    head_ = std::exchange(other.head_, nullptr);
    tail_ = std::exchange(other.tail_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Must be empty: a chain does not own the memory of its items and cannot
  /// know what losing them means.
  ~Chain() { DCheck(empty(), "Chain: destroyed with items in it"); }

  bool empty() const { return head_ == nullptr; }
  std::size_t size() const { return size_; }

  /// Adds `item` behind all others. Overwrites item->next.
  void PushBack(T* item) {
    DCheck(item != nullptr, "Chain: null item");
    item->next = nullptr;
    if (empty()) {
      head_ = item;
    } else {
      tail_->next = item;
    }
    tail_ = item;
    ++size_;
  }

  /// Removes and returns the oldest item, or null if there is none. The item
  /// comes back with next == nullptr.
  T* PopFront() {
    T* const item = head_;
    if (item == nullptr) return nullptr;
    head_ = std::exchange(item->next, nullptr);
    if (head_ == nullptr) tail_ = nullptr;
    --size_;
    return item;
  }

  /// Moves all items of `other` behind the items of this chain.
  void Append(Chain&& other) {
    DCheck(this != &other, "Chain: appended to itself");
    if (other.empty()) return;
    if (empty()) {
      head_ = other.head_;
    } else {
      tail_->next = other.head_;
    }
    tail_ = std::exchange(other.tail_, nullptr);
    size_ += std::exchange(other.size_, 0);
    other.head_ = nullptr;
  }

  /// Detaches the oldest min(n, size()) items, in order. O(1) when that is
  /// nothing or everything, else O(n): it walks to the cut.
  [[nodiscard]] Chain TakeFront(std::size_t n) {
    if (n >= size_) return std::move(*this);
    Chain front;
    if (n == 0) return front;
    T* last = head_;
    for (std::size_t i = 1; i < n; ++i) last = last->next;
    front.head_ = std::exchange(head_, std::exchange(last->next, nullptr));
    front.tail_ = last;
    front.size_ = n;
    size_ -= n;
    return front;
  }

 private:
  // Invariant: head_, tail_ and size_ are all zero or all non-zero, and
  // tail_->next is null.
  T* head_ = nullptr;
  T* tail_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weft

#endif  // WEFT_QUEUE_CHAIN_H_
