// What can be wrong with an execution, and where.

#ifndef WEFT_MODEL_VERDICT_H_
#define WEFT_MODEL_VERDICT_H_

#include <cstdint>
#include <iosfwd>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "weft/model/clock.h"
#include "weft/model/event.h"

namespace weft::model {

enum class Verdict : uint8_t {
  kPassed,
  kDataRace,
  kDeadlock,      ///< Threads that wait for ever: lost wake-ups, too.
  kLeak,          ///< Memory that nobody freed.
  kUseAfterFree,  ///< Use of a freed or destroyed object.
  kDoubleFree,    ///< Also a free of what was never allocated.
  kAssertion,
  kException,         ///< One left the body of a thread.
  kNondeterministic,  ///< The test did something else when it was run again.
  kUnhintedSpin,      ///< A loop that only reads, without SpinHint.
  kTooManyEvents,     ///< One thread made more steps than Options::max_events.
  kMisuse,            ///< Of the checker's types: a joinable thread destroyed.
  kNotExhaustive,     ///< A limit was reached before the end.
  kBadToken,          ///< MODEL_REPLAY does not fit the test.
};

/// The verdict's name, as a report prints it: "data race".
std::string_view VerdictName(Verdict verdict);

/// Prints the name, for GoogleTest.
void PrintTo(Verdict verdict, std::ostream* out);

/// A use of plain memory (Cell), or the beginning or the end of the life of a
/// Cell, an Atomic or a block of memory. These are no events of the graph;
/// `position` says where in their thread they stand: after that many of its
/// events.
struct PlainAccess {
  enum class Kind : uint8_t {
    kConstruct,
    kRead,
    kWrite,
    kDestroy,
    kAllocate,
    kFree,
  };

  int lane = -1;  ///< The thread; -1: no access.
  int position = 0;
  Kind kind = Kind::kRead;
  const void* address = nullptr;
  size_t size = 0;
  std::source_location where;
};

/// Why an execution failed.
struct Failure {
  Verdict verdict = Verdict::kPassed;
  std::string message;
  std::source_location where;
  int lane = -1;     ///< The thread that was running; -1: none.
  int position = 0;  ///< How many of its events it had done.
  uint32_t ran = 0;  ///< The threads (bits) that had run.

  // A data race or a use after free: the two sides, as far as they are plain
  // (lane >= 0) and as far as they are events.
  PlainAccess first, second;
  EventId first_event, second_event;

  /// A deadlock: a thread that waits for a value of a location (an index in the
  /// graph) or for the end of a thread.
  struct Waiting {
    int lane = -1;
    int location = -1;            ///< -1: none.
    int target = -1;              ///< The thread that it waits for; -1: none.
    Condition condition;          ///< Of the value; kNone: another one.
    const char* label = nullptr;  ///< See Event.
    std::source_location where;
  };
  std::vector<Waiting> waiting;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_VERDICT_H_
