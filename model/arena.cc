#include "weft/model/arena.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace weft::model {
namespace {

constexpr uint32_t kMagic = 0x77656674;  // "weft"
constexpr int kFreshPattern = 0xCD;
constexpr int kFreedPattern = 0xDD;

char* AlignUp(char* p, size_t alignment) {
  const auto bits = reinterpret_cast<uintptr_t>(p);
  return p + ((alignment - bits % alignment) % alignment);
}

constexpr size_t kBytesPerArena = Arena::kBytesPerLane * kMaxThreads;

/// The addresses of all arenas, reserved once and for ever: memory of a run may
/// be freed long after the run.
class Region {
 public:
  char* begin() const { return begin_; }

  bool Holds(const void* address) const {
    const auto* p = static_cast<const char*>(address);
    return begin_ != nullptr && p >= begin_ && p < begin_ + kBytes;
  }

  /// Reserves the addresses when the first arena is made.
  void Reserve() {
    // The same address in every process, if it is free: so a test does the same
    // everywhere even if addresses decide something. Not under ThreadSanitizer,
    // which wants to choose.
#if defined(__SANITIZE_THREAD__)
    void* const hint = nullptr;
#else
    void* const hint = reinterpret_cast<void*>(uintptr_t{0x200000000000});
#endif
    void* memory = mmap(hint, kBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      std::perror("weft::model: no memory for the arenas");
      std::abort();
    }
    begin_ = static_cast<char*>(memory);
  }

 private:
  static constexpr size_t kBytes = kBytesPerArena * Arena::kMaxArenas;

  char* begin_ = nullptr;
};

// Read by operator delete at any time, so constant-initialised.
constinit Region region;
constinit std::atomic<unsigned> claimed{0};
constinit std::once_flag reserved;

}  // namespace

Arena::~Arena() {
  if (base_ == nullptr) return;
  const auto slot =
      static_cast<unsigned>((base_ - region.begin()) / kBytesPerArena);
  // Pairs with the acquire in Claim: the next owner comes after us.
  claimed.fetch_and(~(1u << slot), std::memory_order_release);
}

bool Arena::InAnyArena(const void* address) { return region.Holds(address); }

void Arena::Claim() {
  std::call_once(reserved, [] { region.Reserve(); });
  for (unsigned slot = 0; slot < kMaxArenas; ++slot) {
    const unsigned bit = 1u << slot;
    // Pairs with the release in the destructor.
    if ((claimed.fetch_or(bit, std::memory_order_acquire) & bit) == 0) {
      base_ = region.begin() + slot * kBytesPerArena;
      Reset();
      return;
    }
  }
  std::fputs("weft::model: too many explorations at once\n", stderr);
  std::abort();
}

void Arena::Reset() {
  if (base_ == nullptr) return;
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    end_[lane] = base_ + lane * kBytesPerLane;
    last_[lane] = nullptr;
  }
  live_ = 0;
}

Arena::Block* Arena::Allocate(int lane, size_t size, size_t alignment) {
  if (base_ == nullptr) Claim();
  if (alignment < alignof(Block)) alignment = alignof(Block);
  char* memory = AlignUp(end_[lane] + sizeof(Block), alignment);
  const char* limit = base_ + (lane + 1) * kBytesPerLane;
  // One byte at least, so that every block has an address of its own.
  const size_t bytes = size == 0 ? 1 : size;
  if (bytes > static_cast<size_t>(limit - memory)) return nullptr;
  Block* block = reinterpret_cast<Block*>(memory) - 1;
  *block = Block{};
  block->magic = kMagic;
  block->live = true;
  block->lane = static_cast<uint8_t>(lane);
  block->size = size;
  block->previous = last_[lane];
  last_[lane] = block;
  end_[lane] = memory + bytes;
  ++live_;
  std::memset(memory, kFreshPattern, bytes);
  return block;
}

Arena::Block* Arena::Find(const void* address) {
  if (!Contains(address)) return nullptr;
  const auto* p = static_cast<const char*>(address);
  const size_t lane = static_cast<size_t>(p - base_) / kBytesPerLane;
  for (Block* block = last_[lane]; block != nullptr; block = block->previous) {
    const size_t bytes = block->size == 0 ? 1 : block->size;
    if (p >= block->memory() && p < block->memory() + bytes) return block;
  }
  return nullptr;
}

void Arena::Free(Block* block) {
  block->live = false;
  --live_;
  std::memset(block->memory(), kFreedPattern, block->size);
}

void Arena::Revive(Block* block) {
  block->live = true;
  ++live_;
  std::memset(block->memory(), kFreshPattern, block->size);
}

Arena::Block* Arena::AnyLive() {
  Block* found = nullptr;
  for (int lane = 0; lane < kMaxThreads && found == nullptr; ++lane) {
    for (Block* b = last_[lane]; b != nullptr; b = b->previous) {
      if (b->live) found = b;
    }
  }
  return found;
}

}  // namespace weft::model
