#include "weft/model/names.h"

#include <cctype>
#include <cinttypes>
#include <cstdio>

#include "weft/model/source_text.h"

namespace weft::model {
namespace {

using Kind = PlainAccess::Kind;

std::string NameFromCall(const std::source_location& where) {
  return IsForeign(where) ? std::string() : ObjectOfCall(where);
}

std::string NameFromDeclaration(const std::source_location& where) {
  return IsForeign(where) ? std::string() : NameOfDeclaration(where);
}

std::string Hex(uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%" PRIx64, number);
  return text;
}

}  // namespace

Names::Names(const Trace& trace)
    : trace_(trace), atomics_(trace.graph.location_count()) {
  for (const Step& step : trace.steps) {
    if (!step.is_event() && step.access.kind == Kind::kAllocate) {
      blocks_.push_back({static_cast<const char*>(step.access.address),
                         step.access.size, step.access.lane});
      const std::string name = "block" + std::to_string(blocks_.size());
      legend_.push_back({name, name + ": " + std::to_string(step.access.size) +
                                   " bytes allocated by " +
                                   Thread(step.access.lane)});
    }
  }
  CollectObjects();
}

// Atomics are the graph's locations; what else was read, written or constructed
// is a cell. Two objects may have had one address, one after the other: only
// atomics are told apart then, by who made them.
void Names::CollectObjects() {
  std::vector<std::string> used(atomics_.size());
  std::map<const void*, Object> cells;
  std::map<const void*, std::string> cell_used;
  std::vector<const void*> order;  // as they were first seen
  const auto cell_at = [&](const PlainAccess& access) -> Object& {
    const auto [entry, added] = cells.try_emplace(access.address);
    Object& cell = entry->second;
    if (added) order.push_back(access.address);
    cell.address = access.address;
    if (access.size != 0) cell.size = access.size;
    return cell;
  };
  for (const Step& step : trace_.steps) {
    if (step.is_event()) {
      const Event& event = trace_.graph.at(step.event);
      if (event.location >= 0 && used[event.location].empty()) {
        used[event.location] = NameFromCall(event.where);
      }
    } else if (step.access.kind == Kind::kConstruct) {
      cell_at(step.access).made = step.access.where;
    } else if (step.access.kind == Kind::kRead ||
               step.access.kind == Kind::kWrite) {
      cell_at(step.access);
      std::string& name = cell_used[step.access.address];
      if (name.empty()) name = NameFromCall(step.access.where);
    }
  }

  // The access that failed may be no step.
  for (const PlainAccess* access :
       {&trace_.failure.first, &trace_.failure.second}) {
    if (access->lane < 0 || access->kind == Kind::kFree) continue;
    cell_at(*access);
    std::string& name = cell_used[access->address];
    if (name.empty()) name = NameFromCall(access->where);
  }

  int unnamed = 0;
  for (int i = 0; i < trace_.graph.location_count(); ++i) {
    const Location& location = trace_.graph.location(i);
    if (AtomicBefore(i) >= 0) continue;
    Object object;
    object.address = location.address;
    object.size = 1;
    object.location = i;
    for (const Step& step : trace_.steps) {
      if (!step.is_event() && step.access.kind == Kind::kConstruct &&
          step.access.address == location.address &&
          step.access.lane == location.key.lane) {
        object.made = step.access.where;
        object.size = step.access.size;
      }
    }
    cells.erase(location.address);
    std::string name = NameFromDeclaration(object.made);
    if (name.empty()) name = used[i];
    NameObject(object, name, "a", unnamed);
    atomics_[i] = object.name;
    objects_.push_back(object);
  }
  for (int i = 0; i < trace_.graph.location_count(); ++i) {
    if (AtomicBefore(i) >= 0) atomics_[i] = atomics_[AtomicBefore(i)];
  }
  unnamed = 0;
  for (const void* address : order) {
    const auto found = cells.find(address);
    if (found == cells.end()) continue;  // it is an atomic
    Object& cell = found->second;
    std::string name = NameFromDeclaration(cell.made);
    if (name.empty()) name = cell_used[address];
    NameObject(cell, name, cell_used.contains(address) ? "c" : "o", unnamed);
    objects_.push_back(cell);
  }
}

// The queue of those who wait at an atomic is a location of its own, and has
// the next address: the atomic's location. -1 if it is another location.
int Names::AtomicBefore(int location) const {
  const Graph& graph = trace_.graph;
  if (graph.location(location).key.lane != kInitLane) return -1;
  const auto* address =
      static_cast<const char*>(graph.location(location).address);
  for (int i = 0; i < graph.location_count(); ++i) {
    if (graph.location(i).address == address - 1) return i;
  }
  return -1;
}

void Names::NameObject(Object& object, const std::string& name,
                       const char* letter, int& unnamed) {
  if (!name.empty()) {
    const int count = ++taken_[name];
    object.name = count == 1 ? name : name + "'" + std::to_string(count);
    return;
  }
  object.name = letter + std::to_string(++unnamed);
  std::string line = object.name + (*letter == 'a'   ? ": atomic"
                                    : *letter == 'c' ? ": cell"
                                                     : ": object");
  if (!IsForeign(object.made)) {
    line += " constructed at " + ShortPlace(object.made);
  }
  legend_.push_back({object.name, line});
}

std::vector<std::string> Names::Legend(const std::string& text) const {
  std::vector<std::string> lines;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (const auto& [name, line] : legend_) {
    if (text.find(name + ", ") != std::string::npos) continue;  // told there
    for (size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + 1)) {
      const size_t end = at + name.size();
      if ((at > 0 && is_word(text[at - 1])) ||
          (end < text.size() && is_word(text[end]))) {
        continue;
      }
      lines.push_back(line);
      break;
    }
  }
  return lines;
}

const Names::Object* Names::Find(const void* address) const {
  for (const Object& object : objects_) {
    if (object.address == address) return &object;
  }
  return nullptr;
}

std::string Names::Plain(const PlainAccess& access) const {
  if (access.kind == Kind::kAllocate || access.kind == Kind::kFree) return "";
  const Object* object = Find(access.address);
  return object == nullptr ? "an object" : object->name;
}

std::string Names::Block(const void* address) const {
  // An address that was used again stands for its last block.
  for (size_t i = blocks_.size(); i-- > 0;) {
    if (blocks_[i].begin == address) return "block" + std::to_string(i + 1);
  }
  return "";
}

std::source_location Names::MadeAt(int location) const {
  for (const Object& object : objects_) {
    if (object.location == location) return object.made;
  }
  return {};
}

std::source_location Names::MadeAt(const PlainAccess& access) const {
  const Object* object = Find(access.address);
  return object == nullptr ? std::source_location() : object->made;
}

std::string Names::ValueText(Value value) const {
  if (value.high != 0) {
    return "{" + ValueText({value.low, 0}) + ", " + ValueText({value.high, 0}) +
           "}";
  }
  constexpr uint64_t kSmall = uint64_t{1} << 20;
  if (value.low < kSmall) return std::to_string(value.low);
  for (uint64_t top : {uint64_t{1} << 32, uint64_t{0}}) {
    const uint64_t below = top - value.low;
    if (below <= kSmall) return "-" + std::to_string(below);
  }
  const auto* p = reinterpret_cast<const char*>(value.low);
  const std::string block = Block(p);
  if (!block.empty()) return "&" + block;
  for (const Object& object : objects_) {
    if (p == object.address) return "&" + object.name;
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const Memory& memory = blocks_[i];
    if (p < memory.begin || p >= memory.begin + memory.size) continue;
    return "&block" + std::to_string(i + 1) + "+" +
           std::to_string(p - memory.begin);
  }
  return Hex(value.low);
}

std::string_view Names::Order(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      return "seq_cst";
  }
  return "?";
}

}  // namespace weft::model
