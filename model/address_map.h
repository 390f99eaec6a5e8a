// A hash map from addresses, for what the checker knows of the objects of one
// run. It is emptied before every run, so emptying costs nothing.

#ifndef WEFT_MODEL_ADDRESS_MAP_H_
#define WEFT_MODEL_ADDRESS_MAP_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::model {

/// Open addressing, no erasure. References are good until the next Insert. T is
/// default-constructible; an entry is assigned T() when its address is new.
template <class T>
class AddressMap {
 public:
  /// Forgets everything.
  void Clear() {
    ++generation_;
    size_ = 0;
  }

  /// The entry of the address, or null.
  T* Find(const void* address) {
    for (size_t i = Hash(address);; ++i) {
      Slot& slot = slots_[i & mask_];
      if (slot.generation != generation_) return nullptr;
      if (slot.address == address) return &slot.value;
    }
  }

  /// The entry of the address, made if there is none, and whether it was made.
  std::pair<T*, bool> Insert(const void* address) {
    if (size_ * 2 > mask_) Grow();
    for (size_t i = Hash(address);; ++i) {
      Slot& slot = slots_[i & mask_];
      if (slot.generation != generation_) {
        slot.generation = generation_;
        slot.address = address;
        slot.value = T();
        ++size_;
        return {&slot.value, true};
      }
      if (slot.address == address) return {&slot.value, false};
    }
  }

  /// Calls f(address, entry) for every entry.
  template <class F>
  void ForEach(F&& f) {
    for (Slot& slot : slots_) {
      if (slot.generation == generation_) f(slot.address, slot.value);
    }
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    const void* address = nullptr;
    uint64_t generation = 0;
    T value;
  };

  static size_t Hash(const void* address) {
    const auto bits = reinterpret_cast<uintptr_t>(address);
    return static_cast<size_t>((bits * uint64_t{0x9E3779B97F4A7C15}) >> 40);
  }

  void Grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    size_ = 0;
    for (Slot& slot : old) {
      if (slot.generation == generation_) {
        *Insert(slot.address).first = std::move(slot.value);
      }
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(64);
  size_t mask_ = 63;
  size_t size_ = 0;
  uint64_t generation_ = 1;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_ADDRESS_MAP_H_
