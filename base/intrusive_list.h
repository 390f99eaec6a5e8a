// A doubly linked list whose links lie in the items themselves: no allocation,
// and an item leaves in constant time from wherever it stands. For wait lists
// and for the registry of a pool's tasks.

#ifndef WEFT_BASE_INTRUSIVE_LIST_H_
#define WEFT_BASE_INTRUSIVE_LIST_H_

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "weft/base/check.h"

namespace weft {

template <class T, class Tag>
class IntrusiveList;

/// The links of an item. T derives from IntrusiveListNode<T>, publicly; once
/// per `Tag` if it stands in several lists at a time. Two pointers, fixed to
/// its address. An item must have left its list before it dies.
template <class T, class Tag = void>
class IntrusiveListNode {
 public:
  constexpr IntrusiveListNode() noexcept = default;
  IntrusiveListNode(const IntrusiveListNode&) = delete;
  IntrusiveListNode& operator=(const IntrusiveListNode&) = delete;
  ~IntrusiveListNode() {
    DCheck(!linked(), "an item must leave its list before it is destroyed");
  }

  /// Whether the item stands in a list. Guarded by whatever guards that list.
  constexpr bool linked() const noexcept { return next_ != nullptr; }

 private:
  friend class IntrusiveList<T, Tag>;

  // Written and read under whatever guards the list; null when not linked.
  IntrusiveListNode* next_ = nullptr;
  IntrusiveListNode* prev_ = nullptr;
};

/// A list of T, linked through IntrusiveListNode<T, Tag>. Owns nothing. Not
/// synchronised: the caller's lock guards the list and the links of all its
/// items. Every operation but iteration takes constant time. Must be empty
/// when it dies.
template <class T, class Tag = void>
class IntrusiveList {
  using Node = IntrusiveListNode<T, Tag>;

 public:
  /// Visits the items from front to back. Advance past an item before removing
  /// it: removal leaves only the iterators to that item invalid.
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    Iterator() noexcept = default;

    T& operator*() const noexcept { return *Item(node_); }
    T* operator->() const noexcept { return Item(node_); }
    Iterator& operator++() noexcept {
      node_ = node_->next_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator old = *this;
      ++*this;
      return old;
    }
    Iterator& operator--() noexcept {
      node_ = node_->prev_;
      return *this;
    }
    Iterator operator--(int) noexcept {
      Iterator old = *this;
      --*this;
      return old;
    }
    friend bool operator==(Iterator, Iterator) noexcept = default;

   private:
    friend class IntrusiveList;
    explicit Iterator(Node* node) noexcept : node_(node) {}
    Node* node_ = nullptr;
  };

  constexpr IntrusiveList() noexcept { Reset(); }
  /// Takes all items of `other`, which is empty afterwards.
  IntrusiveList(IntrusiveList&& other) noexcept {
    Reset();
    Append(static_cast<IntrusiveList&&>(other));
  }
  IntrusiveList& operator=(IntrusiveList&&) = delete;
  ~IntrusiveList() {
    Check(empty(), "a list must be empty when it is destroyed");
    // The sentinel is a node too, and nodes die unlinked.
    end_.next_ = nullptr;
    end_.prev_ = nullptr;
  }

  bool empty() const noexcept { return end_.next_ == &end_; }

  /// The first item, or null.
  T* front() noexcept { return empty() ? nullptr : Item(end_.next_); }

  /// The last item, or null.
  T* back() noexcept { return empty() ? nullptr : Item(end_.prev_); }

  Iterator begin() noexcept { return Iterator(end_.next_); }
  Iterator end() noexcept { return Iterator(&end_); }

  /// Adds `item`, which must stand in no list of this Tag, at the front.
  void PushFront(T* item) noexcept { InsertAfter(&end_, item); }

  /// Adds `item`, which must stand in no list of this Tag, at the back.
  void PushBack(T* item) noexcept { InsertAfter(end_.prev_, item); }

  /// Removes and returns the first item; null if there is none.
  T* PopFront() noexcept {
    T* item = front();
    if (item != nullptr) Remove(item);
    return item;
  }

  /// Removes and returns the last item; null if there is none.
  T* PopBack() noexcept {
    T* item = back();
    if (item != nullptr) Remove(item);
    return item;
  }

  /// Removes `item`, which must stand in this list.
  void Remove(T* item) noexcept {
    Node* node = item;
    Check(node->linked(), "an item that stands in no list was removed");
    node->prev_->next_ = node->next_;
    node->next_->prev_ = node->prev_;
    node->next_ = nullptr;
    node->prev_ = nullptr;
  }

  /// Moves all items of `other`, in order, behind the items of this list.
  /// Constant time; the items are not touched but for the first and the last.
  void Append(IntrusiveList&& other) noexcept {
    if (other.empty() || this == &other) return;
    Node* first = other.end_.next_;
    Node* last = other.end_.prev_;
    other.Reset();
    first->prev_ = end_.prev_;
    last->next_ = &end_;
    end_.prev_->next_ = first;
    end_.prev_ = last;
  }

  /// Moves all items into the list that is returned and leaves this one empty:
  /// what a caller does under its lock, to work on the items outside it.
  [[nodiscard]] IntrusiveList TakeAll() noexcept {
    return IntrusiveList(static_cast<IntrusiveList&&>(*this));
  }

 private:
  static T* Item(Node* node) noexcept {
    static_assert(std::is_base_of_v<Node, T>,
                  "T must derive from IntrusiveListNode<T, Tag>");
    return static_cast<T*>(node);
  }

  constexpr void Reset() noexcept {
    end_.next_ = &end_;
    end_.prev_ = &end_;
  }

  static void InsertAfter(Node* place, T* item) noexcept {
    Node* node = item;
    Check(!node->linked(), "an item that stands in a list was added again");
    node->next_ = place->next_;
    node->prev_ = place;
    place->next_->prev_ = node;
    place->next_ = node;
  }

  // The sentinel: stands before the first and behind the last item, so that no
  // operation has a special case. Written and read under the caller's lock.
  Node end_;
};

}  // namespace weft

#endif  // WEFT_BASE_INTRUSIVE_LIST_H_
