// One run of a test: its threads are fibers, and each of their operations comes
// here. As long as the operation is already in the graph, it gets the recorded
// result (replay). Then it is a new event, and the search decides.

#ifndef WEFT_MODEL_EXECUTION_H_
#define WEFT_MODEL_EXECUTION_H_

#include <cstddef>
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
  bool hidden = false;  ///< The checker's own, beside an object of the test: no
                        ///< memory, 0 before the run, not constructed.
};

/// What a read returns.
struct ReadResult {
  Value value;
  bool wrote = false;    ///< A read-modify-write took place.
  bool gave_up = false;  ///< A blocking read that timed out.
  EventId read{};        ///< The event.
  EventId source{};      ///< The write that it read.
};

/// A read of an atomic, alone or as the first half of a read-modify-write.
struct ReadRequest {
  AtomicRef atomic{};
  std::memory_order order = std::memory_order_seq_cst;
  std::memory_order failure_order = std::memory_order_seq_cst;
  Update update{};        ///< kNone: a load.
  Condition condition{};  ///< Active: wait until it holds.
  bool weak = false;      ///< A kCompareExchange that may fail for no reason.
  bool silent = false;    ///< See Event.
  bool causal = false;    ///< See Event.
  std::source_location where{};
  const char* label = nullptr;  ///< See Event.
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

  /// Makes `part` what the last run came to of its graph, which was more if it
  /// failed before it had replayed all.
  void CopyExecuted(Graph& part) const;

  // --- Called by the types, in a thread of the test. ---

  void ConstructAtomic(AtomicRef atomic, const std::source_location& where);
  void DestroyAtomic(AtomicRef atomic, const std::source_location& where);
  ReadResult Read(const ReadRequest& request);
  void Write(AtomicRef atomic, Value value, std::memory_order order,
             const std::source_location& where, const char* label = nullptr);
  void Fence(std::memory_order order, const std::source_location& where);
  uint32_t Choose(uint32_t n, const std::source_location& where,
                  const char* label = nullptr);

  /// Starts a thread that will call `entry(argument)`; returns its lane.
  int Create(void (*entry)(void*), void* argument,
             const std::source_location& where);
  void Join(int lane, const std::source_location& where);

  /// Whether the write `later` could not be without the event `earlier`.
  bool BuildsUpon(EventId later, EventId earlier) const {
    return graph().at(later).prefix.Covers(earlier);
  }

  /// Stops the calling thread: what it has done cannot happen, but has
  /// equivalents in other executions. Does not return.
  void Abandon();

  /// The end of a turn of a loop that waits. If the turn only read, and the
  /// next one would begin in the same way, the thread goes no further: what it
  /// would see is what it can see in this turn, in another execution.
  void EndTurn(const std::source_location& where);

  /// As EndTurn, but the thread does go on if no other can, and time passes.
  void Sleep(int64_t nanoseconds, const std::source_location& where);

  /// The thread's virtual time: nanoseconds since the start of the run.
  int64_t now() const { return threads_[self_].now; }
  void AdvanceTo(int64_t time);

  /// Whether a wait may choose to time out; counts these.
  bool MayChooseTimeout();

  /// Whether a wait may choose to end for no reason; true once per place.
  bool MayWakeSpuriously(const std::source_location& where);

  /// Has `call(argument)` called at the end of the calling thread.
  void AtThreadExit(void (*call)(void*), void* argument);

  /// The calling thread's variable of this key, copied from `initial` at the
  /// first call in a run.
  void* ThreadLocal(const void* key, const void* initial, size_t size);

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
    kUnborn,     ///< Not started in this run.
    kReady,      ///< Can run.
    kFrontier,   ///< Has replayed its part; can make a new step.
    kSource,     ///< Replays a read whose source has not run yet.
    kJoining,    ///< Waits for the end of another thread.
    kAwaiting,   ///< Wants to wait for a value; not in the graph yet.
    kBlocked,    ///< Its last event is a read that is blocked.
    kSpinning,   ///< Would only repeat its last turn of a loop.
    kAbandoned,  ///< Goes on in other executions only.
    kDone,
  };

  /// Where a thread stands in a loop that waits.
  struct Turn {
    bool ended = false;  ///< It has called EndTurn and done nothing since.
    int begin = 0;       ///< Its position at the call before that.
    int end = 0;         ///< Its position at the call.
    int first_read = 0;  ///< Of kSpinning: where the turn began to read.
    uint32_t empty = 0;  ///< Turns in a row without an event.
    bool sleeps = false;
    int64_t deadline = 0;
  };

  struct ExitCall {
    void (*call)(void*);
    void* argument;
  };

  struct LocalVariable {
    const void* key;
    std::unique_ptr<std::max_align_t[]> memory;
    bool initialized;  ///< In this run.
  };

  struct Thread {
    Fiber fiber;
    State state = State::kUnborn;
    int position = 0;  ///< How many of its events it has done in this run.
    EventId source;    ///< Of kSource.
    int target = -1;   ///< Of kJoining.
    std::source_location joining;           ///< Of kJoining.
    const ReadRequest* awaiting = nullptr;  ///< Of kAwaiting.
    int awaiting_location = -1;
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
    int created = 0;           ///< Threads that it started.
    uint64_t constructed = 0;  ///< Atomics that it constructed.
    int64_t now = 0;           ///< Its virtual time, in nanoseconds.
    bool gives_up = false;     ///< Resumed because it waited in vain.
    uint32_t timeouts = 0;     ///< How often it chose to time out.
    uint32_t idle_reads = 0;   ///< Reads that repeated earlier ones.
    Turn turn;
    std::vector<ExitCall> exit_calls;
    std::vector<LocalVariable> locals;
    std::vector<std::source_location> failed_sites;  ///< Places where something
                                                     ///< failed for no reason.
  };

  /// What is known of an atomic in this run.
  struct Binding {
    LocationKey key;
    int location = -1;  ///< In the graph; -1: none seen yet.
    PlainAccess construction;
    bool hidden = false;
    bool dead = false;
  };

  /// What is known of a Cell in this run: who wrote last, and who read since.
  struct CellState {
    PlainAccess write;
    PlainAccess read;     ///< The last one.
    VectorClock readers;  ///< For each lane the position of its last read, + 1.
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
  bool CanAwait(int lane) const;
  bool IsNewest(const Event& read) const;
  bool IsCurrent(const Event& read) const;
  bool IsFresh(const Thread& thread) const;
  int ThreadToGiveUp() const;
  int NextThread();
  void SwitchAway();
  void SwitchTo(int lane);
  [[noreturn]] void Leave();
  void ReachFrontier();
  End Classify();
  Failure::Waiting DescribeWait(int lane) const;

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
  ReadResult ReadNew(const ReadRequest& request);
  ReadResult Finish(EventId read);
  void BeginTurn(const std::source_location* read);
  void CheckIdle(EventId read);
  void WriteNew(AtomicRef atomic, Value value, std::memory_order order,
                const std::source_location& where, const char* label);
  EventId Append(EventKind kind, const std::source_location& where);
  bool HasFailedAt(const std::source_location& where) const;

  // Plain memory (plain.cc).
  PlainAccess Stamp(PlainAccess::Kind kind, const void* address, size_t size,
                    const std::source_location& where);
  bool Precedes(const PlainAccess& access, const VectorClock& now) const;
  [[noreturn]] void FailRace(std::string_view message, const PlainAccess& first,
                             EventId first_event, const PlainAccess& second);
  void CheckCell(CellState& cell, const PlainAccess& access,
                 const VectorClock& now);
  Arena::Block* Reuse(size_t size, size_t alignment);
  void CheckEnded(const PlainAccess& end, const PlainAccess& access,
                  const VectorClock& now);
  void EndObjectsIn(Arena::Block& block, const PlainAccess& access);
  void EndAtomic(Binding& binding, const PlainAccess& end,
                 const VectorClock& now);

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
  int arena_objects_ = 0;  ///< Cells and atomics in it, dead ones included.
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
