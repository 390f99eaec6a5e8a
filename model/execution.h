// One run of a test: its threads are fibers, and each of their operations comes
// here. As long as the operation is already in the graph, it gets the recorded
// result (replay). Then it is a new event, and the search decides.

#ifndef WEFT_MODEL_EXECUTION_H_
#define WEFT_MODEL_EXECUTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "weft/model/address_map.h"
#include "weft/model/arena.h"
#include "weft/model/fiber.h"
#include "weft/model/graph.h"
#include "weft/model/observer.h"
#include "weft/model/options.h"
#include "weft/model/search.h"
#include "weft/model/verdict.h"

namespace weft::model {

/// An atomic object: its address and size. Its bytes hold the value that it had
/// before the run; a run does not change them.
struct AtomicRef {
  const void* address;
  uint8_t size;
};

/// A read of an atomic, alone or as the first half of a read-modify-write.
struct ReadRequest {
  AtomicRef atomic{};
  std::memory_order order = std::memory_order_seq_cst;
  std::memory_order failure_order = std::memory_order_seq_cst;
  Update update{};        ///< kNone: a load.
  Condition condition{};  ///< Active: wait until it holds.
  bool weak = false;      ///< A kCompareExchange that may fail for no reason.
  bool causal = false;    ///< See Event.
  std::source_location where{};
};

class Execution {
 public:
  enum class End : uint8_t {
    kComplete,  ///< Every thread ended.
    kBlocked,   ///< Some thread waits for a value that another graph gives it.
    kFailed,    ///< See failure().
  };

  explicit Execution(Search& search) : search_(search) {}

  /// The execution that the calling code is part of, or null.
  static Execution* Current() { return current_; }

  /// Runs the test on the search's graph: replays it, then extends it until no
  /// thread can go on.
  End Run(const std::function<void()>& body, const Options& options);

  const Failure& failure() const { return failure_; }

  /// The notes of a run, as "a=1 b=0", ordered by name.
  const std::string& Outcome();

  /// From now on, `observer` is told of each run's plain accesses.
  void Observe(Observer* observer) { observer_ = observer; }

  /// How many events of its own a thread did in the last run; -1: it never ran.
  int Executed(int lane) const;

  // --- Called by the types, in a thread of the test. ---

  void ConstructAtomic(AtomicRef atomic, const std::source_location& where);
  void DestroyAtomic(AtomicRef atomic, const std::source_location& where);
  /// The value read. `*wrote` says whether a read-modify-write took place.
  Value Read(const ReadRequest& request, bool* wrote);
  void Write(AtomicRef atomic, Value value, std::memory_order order,
             const std::source_location& where);
  void Fence(std::memory_order order, const std::source_location& where);
  uint32_t Choose(uint32_t n, const std::source_location& where);

  /// Starts a thread that will call `entry(argument)`; returns its lane.
  int Create(void (*entry)(void*), void* argument,
             const std::source_location& where);
  void Join(int lane, const std::source_location& where);

  void AccessPlain(PlainAccess::Kind kind, const void* address, size_t size,
                   const std::source_location& where);

  void Note(std::string_view name, long long value);

  /// Ends the run. Does not return.
  [[noreturn]] void Fail(Verdict verdict, std::string_view message,
                         const std::source_location& where);

  /// The execution that new and delete belong to, or null: none, or the engine
  /// itself is at work.
  static Execution* Allocating() { return allocating_; }
  bool Owns(const void* memory) const { return arena_.Contains(memory); }
  void* Allocate(size_t size, size_t alignment, const void* caller);
  void Free(void* memory, const void* caller);

  /// The lane of the thread that runs.
  int lane() const { return self_; }

 private:
  enum class State : uint8_t {
    kUnborn,    ///< Not started in this run.
    kReady,     ///< Can run.
    kFrontier,  ///< Has replayed its part; can make a new step.
    kSource,    ///< Replays a read whose source has not run yet.
    kJoining,   ///< Waits for the end of another thread.
    kAwaiting,  ///< Wants to wait for a value; not in the graph yet.
    kBlocked,   ///< Its last event is a read that is blocked.
    kDone,
  };

  struct Thread {
    Fiber fiber;
    State state = State::kUnborn;
    int position = 0;  ///< How many of its events it has done in this run.
    EventId source;    ///< Of kSource.
    int target = -1;   ///< Of kJoining.
    const ReadRequest* awaiting = nullptr;  ///< Of kAwaiting.
    int awaiting_location = -1;
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
    int created = 0;           ///< Threads that it started.
    uint64_t constructed = 0;  ///< Atomics that it constructed.
    int64_t now = 0;           ///< Its virtual time, in nanoseconds.
    std::vector<std::source_location> failed_sites;  ///< Weak compare-exchanges
                                                     ///< that failed already.
  };

  /// What is known of an atomic in this run.
  struct Binding {
    LocationKey key;
    int location = -1;  ///< In the graph; -1: none seen yet.
    PlainAccess construction;
    bool dead = false;
  };

  /// What is known of a Cell in this run: who wrote last, and who read since.
  struct CellState {
    PlainAccess write;
    PlainAccess read;  ///< The last one.
    Clock readers;     ///< For each lane the position of its last read, + 1.
    bool dead = false;
  };

  /// Marks the engine's own code inside a thread of the test: what it
  /// allocates is not the test's.
  class Engine {
   public:
    Engine() : saved_(allocating_) { allocating_ = nullptr; }
    ~Engine() { allocating_ = saved_; }

   private:
    Execution* saved_;
  };

  // Scheduling (execution.cc).
  static void ThreadMain(void* self);
  void StartThread(int lane, void (*entry)(void*), void* argument);
  Thread& self() { return threads_[self_]; }
  bool CanReplay(const Thread& thread) const;
  bool CanStep(const Thread& thread) const;
  bool CanAwait(int lane);
  int NextThread();
  void SwitchAway();
  void SwitchTo(int lane);
  [[noreturn]] void Leave();
  void ReachFrontier();
  End Classify();

  // Operations (operations.cc).
  bool replaying() const {
    return threads_[self_].position < graph().size(self_);
  }
  Graph& graph() const { return search_.graph(); }
  const Event& Replayed(EventKind kind, const char* what,
                        const std::source_location& where);
  void CheckReplayed(const Event& event, const Binding& binding,
                     const std::source_location& where);
  [[noreturn]] void FailReplay(const Event& event, const char* what,
                               const std::source_location& where);
  Binding& Bind(AtomicRef atomic, const std::source_location& where);
  int LocationOf(AtomicRef atomic, Binding& binding);
  int UsableLocation(AtomicRef atomic, PlainAccess::Kind kind,
                     const std::source_location& where);
  Value ReadNew(const ReadRequest& request, bool* wrote);
  void WriteNew(AtomicRef atomic, Value value, std::memory_order order,
                const std::source_location& where);
  EventId Append(EventKind kind, const std::source_location& where);
  bool MayFailSpuriously(const ReadRequest& request);
  void RememberFailure(const std::source_location& where);

  // Plain memory (plain.cc).
  PlainAccess Stamp(PlainAccess::Kind kind, const void* address, size_t size,
                    const std::source_location& where);
  bool Precedes(const PlainAccess& access, const Clock& now) const;
  [[noreturn]] void FailRace(std::string_view message, const PlainAccess& first,
                             EventId first_event, const PlainAccess& second);
  void CheckCell(CellState& cell, const PlainAccess& access, const Clock& now);
  void EndAtomic(Binding& binding, const PlainAccess& end, const Clock& now);

  inline static constinit thread_local Execution* current_ = nullptr;
  inline static constinit thread_local Execution* allocating_ = nullptr;

  Search& search_;
  const Options* options_ = nullptr;
  const std::function<void()>* body_ = nullptr;
  Fiber host_;
  Thread threads_[kMaxThreads];
  int self_ = 0;
  int last_lane_ = 0;    ///< The highest lane in use in this run.
  bool adding_ = false;  ///< All threads have been replayed.
  bool failed_ = false;
  Observer* observer_ = nullptr;
  Failure failure_;
  Arena arena_;
  AddressMap<Binding> bindings_;
  AddressMap<CellState> cells_;
  struct NoteEntry {
    std::string name;
    long long value;
  };
  std::vector<NoteEntry> notes_;
  size_t note_count_ = 0;
  std::string outcome_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_EXECUTION_H_
