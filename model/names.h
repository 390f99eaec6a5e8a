// What a report calls the threads, objects and values of an execution.

#ifndef WEFT_MODEL_NAMES_H_
#define WEFT_MODEL_NAMES_H_

#include <map>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/model/trace.h"

namespace weft::model {

/// The names of one trace. Objects are called what the source calls them, where
/// it can be read; else "a1", "a2" (atomics), "c1" (cells), "o1" (what was made
/// and never used).
class Names {
 public:
  /// `trace` must live as long.
  explicit Names(const Trace& trace);

  /// "T0" is the main thread.
  static std::string Thread(int lane) { return "T" + std::to_string(lane); }

  /// The atomic, lock or the like that is this location of the graph.
  const std::string& Atomic(int location) const { return atomics_[location]; }

  /// The object of a plain access; empty if it is none: a block of memory.
  std::string Plain(const PlainAccess& access) const;

  /// The block of memory that begins at the address: "block1"; empty if none
  /// does.
  std::string Block(const void* address) const;

  /// Where the object of the location was constructed; line 0 if unknown.
  std::source_location MadeAt(int location) const;

  /// Where the object of the access was constructed; line 0 if unknown.
  std::source_location MadeAt(const PlainAccess& access) const;

  /// A value of an atomic: a number, "&x" if it is the address of x, or
  /// "&block1" if it is that of a block of memory.
  std::string ValueText(Value value) const;

  /// "relaxed", "acquire", ...
  static std::string_view Order(std::memory_order order);

  /// A line for each block, and each object that has no name in the source,
  /// that occur in the text: what they are.
  std::vector<std::string> Legend(const std::string& text) const;

 private:
  struct Object {
    const void* address = nullptr;
    size_t size = 0;
    std::source_location made;
    int location = -1;  ///< -1: a cell
    std::string name;
  };

  struct Memory {
    const char* begin;
    size_t size;
    int lane;  ///< Of the thread that allocated it.
  };

  void CollectObjects();
  int AtomicBefore(int location) const;
  void NameObject(Object& object, const std::string& name, const char* letter,
                  int& unnamed);
  const Object* Find(const void* address) const;

  const Trace& trace_;
  std::vector<Object> objects_;
  std::vector<std::string> atomics_;
  std::vector<Memory> blocks_;
  std::map<std::string, int> taken_;
  std::vector<std::pair<std::string, std::string>> legend_;  // name, line
};

}  // namespace weft::model

#endif  // WEFT_MODEL_NAMES_H_
