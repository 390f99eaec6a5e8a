// What is checked by clocks and is no event: plain memory, and the beginning
// and the end of the life of objects.
//
// A plain access stands between two events of its thread. It happens before a
// point whose clock covers the second of these.

#include "weft/model/execution.h"

namespace weft::model {

PlainAccess Execution::Stamp(PlainAccess::Kind kind, const void* address,
                             size_t size, const std::source_location& where) {
  PlainAccess access;
  access.lane = self_;
  access.position = self().position;
  access.kind = kind;
  access.address = address;
  access.size = size;
  access.where = where;
  return access;
}

bool Execution::Precedes(const PlainAccess& access,
                         const VectorClock& now) const {
  return access.lane < 0 || access.lane == self_ ||
         now[access.lane] > access.position;
}

void Execution::FailRace(std::string_view message, const PlainAccess& first,
                         EventId first_event, const PlainAccess& second) {
  failure_.first = first;
  failure_.first_event = first_event;
  failure_.second = second;
  const auto ends = [](const PlainAccess& access) {
    return access.kind == PlainAccess::Kind::kDestroy ||
           access.kind == PlainAccess::Kind::kFree;
  };
  const bool ended = ends(first);
  // A use that comes after the end is more than a race.
  const bool after =
      ended && Precedes(first, graph().ClockAt(self_, self().position));
  Fail(!after         ? Verdict::kDataRace
       : ends(second) ? Verdict::kDoubleFree
                      : Verdict::kUseAfterFree,
       message, second.where);
}

void Execution::CheckCell(CellState& cell, const PlainAccess& access,
                          const VectorClock& now) {
  if (cell.dead) {
    FailRace("use of a cell whose life has ended", cell.write, EventId(),
             access);
  }
  if (!Precedes(cell.write, now)) {
    FailRace("plain memory is used by two threads, one of which writes",
             cell.write, EventId(), access);
  }
  if (access.kind == PlainAccess::Kind::kRead) return;
  for (int lane = 0; lane <= last_lane_; ++lane) {
    if (lane == self_ || cell.readers[lane] <= now[lane]) continue;
    PlainAccess read = cell.read;
    if (read.lane != lane) {
      // Another thread read later. Where this one did is found out when the
      // execution is run again for the report.
      read.lane = lane;
      read.position = cell.readers[lane] - 1;
      read.address = access.address;
      read.kind = PlainAccess::Kind::kRead;
      read.where = std::source_location();
    }
    FailRace("plain memory is written while another thread reads it", read,
             EventId(), access);
  }
}

void Execution::AccessPlain(PlainAccess::Kind kind, const void* address,
                            size_t size, const std::source_location& where) {
  Engine engine;
  const PlainAccess access = Stamp(kind, address, size, where);
  if (observer_ != nullptr) observer_->OnAccess(access);
  const VectorClock& now = graph().ClockAt(self_, self().position);
  const auto [cell, added] = cells_.Insert(address);
  if (added && arena_.Contains(address)) {
    ++arena_objects_;
    const Arena::Block* block = arena_.Find(address);
    if (block == nullptr || !block->live) {
      Fail(Verdict::kUseAfterFree, "use of a cell in freed memory", where);
    }
  }
  if (kind == PlainAccess::Kind::kConstruct) {
    if (!added && cell->dead) CheckEnded(cell->write, access, now);
    if (!added && !cell->dead) CheckCell(*cell, access, now);
    *cell = CellState();
    cell->write = access;
    return;
  }
  CheckCell(*cell, access, now);
  if (kind == PlainAccess::Kind::kRead) {
    cell->read = access;
    cell->readers.Set(self_, access.position + 1);
  } else {
    cell->write = access;
    cell->dead = kind == PlainAccess::Kind::kDestroy;
  }
}

void Execution::ConstructAtomic(AtomicRef atomic,
                                const std::source_location& where) {
  Engine engine;
  const PlainAccess access =
      Stamp(PlainAccess::Kind::kConstruct, atomic.address, atomic.size, where);
  if (observer_ != nullptr) observer_->OnAccess(access);
  const auto [binding, added] = bindings_.Insert(atomic.address);
  if (!added && binding->dead) {
    CheckEnded(binding->construction, access,
               graph().ClockAt(self_, self().position));
  } else if (!added) {
    // The memory is used again without a destructor.
    EndAtomic(*binding, access, graph().ClockAt(self_, self().position));
  }
  if (arena_.Contains(atomic.address)) ++arena_objects_;
  *binding = Binding();
  binding->key = {self_, self().constructed++};
  binding->construction = access;
}

void Execution::DestroyAtomic(AtomicRef atomic,
                              const std::source_location& where) {
  Engine engine;
  const PlainAccess access =
      Stamp(PlainAccess::Kind::kDestroy, atomic.address, atomic.size, where);
  if (observer_ != nullptr) observer_->OnAccess(access);
  const auto [binding, added] = bindings_.Insert(atomic.address);
  if (added) {
    binding->key = {kInitLane, reinterpret_cast<uintptr_t>(atomic.address)};
  } else if (binding->dead) {
    FailRace("an atomic is destroyed twice", binding->construction, EventId(),
             access);
  }
  EndAtomic(*binding, access, graph().ClockAt(self_, self().position));
}

// The end of an atomic's life is a write to it that must come after every
// operation on it.
void Execution::EndAtomic(Binding& binding, const PlainAccess& end,
                          const VectorClock& now) {
  if (!Precedes(binding.construction, now)) {
    FailRace("an atomic ends before its construction is known",
             binding.construction, EventId(), end);
  }
  const int index = binding.location >= 0 ? binding.location
                                          : graph().FindLocation(binding.key);
  if (index >= 0) {
    const Location& location = graph().location(index);
    const auto check = [&](const std::vector<EventId>& events) {
      for (EventId id : events) {
        if (id.thread == self_ || now.Covers(id)) continue;
        failure_.second_event = EventId();
        PlainAccess none;
        FailRace("an atomic ends while another thread uses it", none, id, end);
      }
    };
    check(location.order);
    check(location.readers);
  }
  binding.dead = true;
  binding.construction = end;
}

// What uses the memory of an object that has ended must come after the end.
void Execution::CheckEnded(const PlainAccess& end, const PlainAccess& access,
                           const VectorClock& now) {
  if (Precedes(end, now)) return;
  FailRace("memory is used again while the object in it may not have ended",
           end, EventId(), access);
}

// The cells and atomics in a block end with it.
void Execution::EndObjectsIn(Arena::Block& block, const PlainAccess& access) {
  const VectorClock& now = graph().ClockAt(self_, self().position);
  const char* begin = block.memory();
  const char* end = begin + block.size;
  const auto inside = [&](const void* address) {
    const auto* p = static_cast<const char*>(address);
    return p >= begin && p < end;
  };
  cells_.ForEach([&](const void* address, CellState& cell) {
    if (!inside(address)) return;
    if (cell.dead) return CheckEnded(cell.write, access, now);
    CheckCell(cell, access, now);
    cell.write = access;
    cell.dead = true;
  });
  bindings_.ForEach([&](const void* address, Binding& binding) {
    if (!inside(address) || binding.hidden) return;
    if (binding.dead) return CheckEnded(binding.construction, access, now);
    EndAtomic(binding, access, now);
  });
}

void* Execution::Allocate(size_t size, size_t alignment, const void* caller) {
  Engine engine;
  Arena::Block* block = Reuse(size, alignment);
  if (block == nullptr) block = arena_.Allocate(self_, size, alignment);
  if (block == nullptr) return nullptr;
  block->lane = static_cast<uint8_t>(self_);
  block->position = static_cast<uint16_t>(self().position);
  block->caller = caller;
  if (observer_ != nullptr) {
    observer_->OnAccess(Stamp(PlainAccess::Kind::kAllocate, block->memory(),
                              size, std::source_location()));
  }
  return block->memory();
}

// One of the freed blocks of this size, if the options want it and any
// allocator could give it out here; or null, as is chosen.
Arena::Block* Execution::Reuse(size_t size, size_t alignment) {
  if (!options_->reuse_addresses) return nullptr;
  constexpr size_t kMaxCandidates = 4;
  std::vector<Arena::Block*> candidates;
  const VectorClock& now = graph().ClockAt(self_, self().position);
  arena_.ForEachFreed([&](Arena::Block& block) {
    const auto bits = reinterpret_cast<uintptr_t>(block.memory());
    const bool usable = block.freed_lane == self_ ||
                        now[block.freed_lane] > block.freed_position;
    if (usable && block.size == size && bits % alignment == 0 &&
        candidates.size() < kMaxCandidates) {
      candidates.push_back(&block);
    }
  });
  const uint32_t choice =
      Choose(static_cast<uint32_t>(candidates.size()) + 1,
             std::source_location(), "the same address again?");
  if (choice == 0) return nullptr;
  arena_.Revive(candidates[choice - 1]);
  return candidates[choice - 1];
}

void Execution::Free(void* memory, const void* caller) {
  (void)caller;
  Engine engine;
  Arena::Block* block = arena_.Find(memory);
  PlainAccess access =
      Stamp(PlainAccess::Kind::kFree, memory,
            block == nullptr ? 0 : block->size, std::source_location());
  if (self().position > 0) {
    access.where = graph().lane(self_)[self().position - 1].where;
  }
  if (observer_ != nullptr) observer_->OnAccess(access);
  if (block == nullptr || block->memory() != memory) {
    Fail(Verdict::kDoubleFree, "free of what was never allocated",
         std::source_location());
  }
  if (!block->live) {
    Fail(Verdict::kDoubleFree, "a block is freed twice",
         std::source_location());
  }
  if (arena_objects_ > 0) EndObjectsIn(*block, access);
  block->freed_lane = static_cast<uint8_t>(self_);
  block->freed_position = static_cast<uint16_t>(self().position);
  arena_.Free(block);
}

}  // namespace weft::model
