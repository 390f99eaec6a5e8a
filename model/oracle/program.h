// A small concurrent program: what the axiomatic oracle judges and the engine's
// test runs. Straight lines of atomic operations, each perhaps behind a
// condition on a value read before.

#ifndef WEFT_MODEL_ORACLE_PROGRAM_H_
#define WEFT_MODEL_ORACLE_PROGRAM_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::model::oracle {

/// C++'s memory orders, consume left out.
enum class Order : uint8_t { kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst };

constexpr bool Acquires(Order order) {
  return order == Order::kAcquire || order == Order::kAcqRel ||
         order == Order::kSeqCst;
}

constexpr bool Releases(Order order) {
  return order == Order::kRelease || order == Order::kAcqRel ||
         order == Order::kSeqCst;
}

/// "rlx", "acq", "rel", "ar" or "sc".
std::string_view Name(Order order);

/// One operation. Locations, registers and cells are indices into the program's
/// names; -1 is none.
struct Op {
  enum class Kind : uint8_t {
    kWrite,      // x.store(1, rel)
    kRead,       // a = x.load(acq)
    kFence,      // fence(sc)
    kFetchAdd,   // a = x.add(1, ar)
    kExchange,   // a = x.swap(1, ar)
    kCas,        // a = x.cas(0, 1, ar, acq): strong; a is the value read
    kWeakCas,    // a = x.weak(0, 1, ar, acq): one of each thread may also fail
                 // for no reason
    kLock,       // m.lock(): takes a mutex, when it is free
    kUnlock,     // m.unlock()
    kPark,       // t.park(): takes a token, when it is there
    kUnpark,     // t.unpark(): gives it; at most one
    kCellWrite,  // c.write(): of a plain object, which is never read for its
    kCellRead,   // c.read():  value; they race or they do not
    kSpawn,      // spawn(2): starts thread 2; threads count from 0
    kJoin,       // join(2): waits for its end, if this thread started it
  };

  bool Reads() const { return kind == Kind::kRead || IsRmw(); }
  /// Whether it can write an atomic; a compare-exchange may fail.
  bool MayWrite() const {
    return kind == Kind::kWrite || kind == Kind::kUnlock || IsRmw();
  }
  bool IsRmw() const {
    return kind == Kind::kFetchAdd || kind == Kind::kExchange || IsCas() ||
           kind == Kind::kUnpark || Awaits();
  }
  /// Whether it waits until it can read `expected`.
  bool Awaits() const { return kind == Kind::kLock || kind == Kind::kPark; }
  bool IsCas() const { return kind == Kind::kCas || kind == Kind::kWeakCas; }
  bool IsBlocking() const {
    return Awaits() || kind == Kind::kUnlock || kind == Kind::kUnpark;
  }
  bool HasResult() const { return Reads() && !IsBlocking(); }
  bool IsCell() const {
    return kind == Kind::kCellWrite || kind == Kind::kCellRead;
  }

  bool NamesThread() const {
    return kind == Kind::kSpawn || kind == Kind::kJoin;
  }

  bool operator==(const Op&) const = default;

  Kind kind = Kind::kFence;
  Order order = Order::kRelaxed;
  Order failure = Order::kRelaxed;  // of a compare-exchange that fails
  int location = -1;                // or the cell, the mutex or the token
  int result = -1;                  // the register that takes the value read
  int value = 0;                    // written or added
  int value_from = -1;              // a register to add to `value`
  int expected = 0;                 // by a compare-exchange or an await
  int thread = -1;                  // to be started or joined
  int guard = -1;                   // runs only if this register
  int guard_value = 0;              // has this value
};

/// Threads that start together after all locations were set to 0, but for those
/// that others start: by one operation each, of a thread with a lower number.
/// Whoever starts a thread waits for it before it ends. Registers are 0 until
/// they are read into; each belongs to one thread. Mutexes and tokens are
/// locations that nothing else is done with: a mutex is 1 while it is held, a
/// token 1 while it is there. What takes them acquires, what gives them
/// releases.
struct Program {
  bool operator==(const Program&) const = default;

  std::vector<std::vector<Op>> threads;
  std::vector<std::string> locations;
  std::vector<std::string> cells;
  std::vector<std::string> registers;
  std::vector<int> finals;  // locations whose last value is observed
};

/// Reads a program in the form of statement.h, with the verbs of Op::Kind. What
/// is written is a number, a register or their sum: `x.store(a+1, rlx)`. The
/// locations in `finals`, separated by spaces, are observed at the end. Aborts
/// if the text is malformed.
Program ParseProgram(std::string_view text, std::string_view finals = "");

/// Whether threads are started and joined as they must be, and each holds a
/// mutex from its lock to its unlock, unconditionally.
bool IsWellFormed(const Program& program);

/// The same text, a thread per line; then "final x y" if there are any.
std::string ToString(const Program& program);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_PROGRAM_H_
