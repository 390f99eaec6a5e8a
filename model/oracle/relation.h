// Sets of events and relations between them, as bits, with the operations that
// the axioms of a memory model are written in.

#ifndef WEFT_MODEL_ORACLE_RELATION_H_
#define WEFT_MODEL_ORACLE_RELATION_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace weft::model::oracle {

/// The largest number of events, initial writes included.
inline constexpr int kMaxEvents = 128;

/// A set of event numbers below kMaxEvents.
class EventSet {
 public:
  constexpr EventSet() = default;

  constexpr void Add(int event) { words_[event / 64] |= Bit(event); }
  constexpr void Remove(int event) { words_[event / 64] &= ~Bit(event); }
  constexpr bool Has(int event) const {
    return (words_[event / 64] & Bit(event)) != 0;
  }
  constexpr bool Empty() const { return (words_[0] | words_[1]) == 0; }

  constexpr EventSet& operator|=(const EventSet& other) {
    words_[0] |= other.words_[0];
    words_[1] |= other.words_[1];
    return *this;
  }
  constexpr EventSet& operator&=(const EventSet& other) {
    words_[0] &= other.words_[0];
    words_[1] &= other.words_[1];
    return *this;
  }
  constexpr EventSet& operator-=(const EventSet& other) {
    words_[0] &= ~other.words_[0];
    words_[1] &= ~other.words_[1];
    return *this;
  }
  friend constexpr EventSet operator|(EventSet a, const EventSet& b) {
    return a |= b;
  }
  friend constexpr EventSet operator&(EventSet a, const EventSet& b) {
    return a &= b;
  }
  friend constexpr EventSet operator-(EventSet a, const EventSet& b) {
    return a -= b;
  }
  constexpr bool operator==(const EventSet&) const = default;

  /// Calls `f` with each member, the lowest first.
  template <typename F>
  constexpr void ForEach(F f) const {
    for (int half = 0; half < 2; ++half) {
      for (uint64_t rest = words_[half]; rest != 0; rest &= rest - 1) {
        f(half * 64 + std::countr_zero(rest));
      }
    }
  }

 private:
  static constexpr uint64_t Bit(int event) {
    return uint64_t{1} << (event % 64);
  }

  std::array<uint64_t, 2> words_{};
};

/// A relation between the events 0 to size - 1. Only relations of one size are
/// combined.
class Relation {
 public:
  explicit Relation(int size = 0) : size_(size) {
    std::fill_n(rows_.begin(), size, EventSet());
  }
  Relation(const Relation& other) : size_(other.size_) {
    std::copy_n(other.rows_.begin(), size_, rows_.begin());
  }
  Relation& operator=(const Relation& other) {
    size_ = other.size_;
    std::copy_n(other.rows_.begin(), size_, rows_.begin());
    return *this;
  }

  int size() const { return size_; }

  void Add(int from, int to) { rows_[from].Add(to); }
  bool Has(int from, int to) const { return rows_[from].Has(to); }

  /// Everything that `from` is related to.
  EventSet& operator[](int from) { return rows_[from]; }
  const EventSet& operator[](int from) const { return rows_[from]; }

  /// a | b: the union.
  friend Relation operator|(const Relation& a, const Relation& b) {
    Relation result = a;
    for (int i = 0; i < a.size_; ++i) result[i] |= b[i];
    return result;
  }

  /// a; b: x to z if x a y and y b z for some y.
  friend Relation Compose(const Relation& a, const Relation& b) {
    Relation result(a.size_);
    for (int i = 0; i < a.size_; ++i) {
      a[i].ForEach([&](int j) { result[i] |= b[j]; });
    }
    return result;
  }

  /// [from]; a; [to]: the pairs that begin and end in these sets.
  friend Relation Restrict(const EventSet& from, const Relation& a,
                           const EventSet& to) {
    Relation result(a.size_);
    from.ForEach([&](int i) { result[i] = a[i] & to; });
    return result;
  }

  /// a without the pairs of b.
  friend Relation operator-(const Relation& a, const Relation& b) {
    Relation result = a;
    for (int i = 0; i < a.size_; ++i) result[i] -= b[i];
    return result;
  }

  /// The pairs of both.
  friend Relation operator&(const Relation& a, const Relation& b) {
    Relation result = a;
    for (int i = 0; i < a.size_; ++i) result[i] &= b[i];
    return result;
  }

  Relation Inverse() const {
    Relation result(size_);
    for (int i = 0; i < size_; ++i) {
      rows_[i].ForEach([&](int j) { result.Add(j, i); });
    }
    return result;
  }

  /// a+: one step or more (Warshall's algorithm).
  Relation TransitiveClosure() const {
    Relation result = *this;
    for (int k = 0; k < size_; ++k) {
      for (int i = 0; i < size_; ++i) {
        if (result.Has(i, k)) result[i] |= result[k];
      }
    }
    return result;
  }

  /// a?: a step or none.
  Relation Reflexive() const {
    Relation result = *this;
    for (int i = 0; i < size_; ++i) result.Add(i, i);
    return result;
  }

  bool Irreflexive() const {
    for (int i = 0; i < size_; ++i) {
      if (Has(i, i)) return false;
    }
    return true;
  }

  bool Acyclic() const { return TransitiveClosure().Irreflexive(); }

  /// The identity on `events`.
  static Relation Identity(const EventSet& events, int size) {
    Relation result(size);
    events.ForEach([&](int i) { result.Add(i, i); });
    return result;
  }

 private:
  int size_;
  std::array<EventSet, kMaxEvents> rows_;  // from size_ on: not initialised
};

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_RELATION_H_
