// A small program of threads that block: on mutexes, condition variables and
// park tokens. It shares integers, all accesses of which are seq_cst.

#ifndef WEFT_MODEL_ORACLE_BLOCKING_PROGRAM_H_
#define WEFT_MODEL_ORACLE_BLOCKING_PROGRAM_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::model::oracle {

/// One operation. Everything named is an index into the program's names, -1 is
/// none.
struct BlockingOp {
  enum class Kind : uint8_t {
    kStore,      // x.store(1)
    kLoad,       // a = x.load()
    kAdd,        // a = x.add(1): a is the value before
    kLock,       // m.lock()
    kUnlock,     // m.unlock()
    kWait,       // c.wait(m): once, and never spuriously
    kWaitUntil,  // c.wait(m, x): while (x.load() == 0) c.wait(m)
    kNotifyOne,  // c.notify_one(): whichever waits
    kNotifyAll,  // c.notify_all()
    kPark,       // park(): takes the own token, waits until there is one
    kParkUntil,  // park(x): while (x.load() == 0) park()
    kUnpark,     // unpark(1): gives thread 1 its token, at most one
  };

  /// Whether it uses `variable`, `condition` and `mutex`.
  bool UsesVariable() const;
  bool UsesCondition() const;
  bool UsesMutex() const;
  /// Whether `result` takes what it read.
  bool HasResult() const { return kind == Kind::kLoad || kind == Kind::kAdd; }

  bool operator==(const BlockingOp&) const = default;

  Kind kind = Kind::kPark;
  int variable = -1;
  int mutex = -1;
  int condition = -1;
  int thread = -1;      // to be unparked; threads count from 0
  int value = 0;        // stored or added
  int result = -1;      // register
  int guard = -1;       // runs only if this register
  int guard_value = 0;  // has this value
};

/// Threads that start together with all variables 0, no lock taken and no token
/// given. Registers are 0 until they are read into; each belongs to one thread.
struct BlockingProgram {
  bool operator==(const BlockingProgram&) const = default;

  std::vector<std::vector<BlockingOp>> threads;
  std::vector<std::string> variables;
  std::vector<std::string> mutexes;
  std::vector<std::string> conditions;
  std::vector<std::string> registers;
};

/// Reads a program in the form of statement.h with the verbs of
/// BlockingOp::Kind. Aborts if the text is malformed.
BlockingProgram ParseBlockingProgram(std::string_view text);

/// The same text, a thread per line; a thread that does nothing is an
/// `unpark` of itself.
std::string ToString(const BlockingProgram& program);

/// The text of one operation.
std::string ToString(const BlockingProgram& program, const BlockingOp& op);

/// Whether each thread unlocks and waits with what it holds only, locks nothing
/// that it holds, holds nothing at its end, does none of this conditionally,
/// and unparks threads that exist.
bool IsWellFormed(const BlockingProgram& program);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_BLOCKING_PROGRAM_H_
