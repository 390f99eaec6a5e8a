// A small program of threads that block: on locks, condition variables, park
// tokens, futexes, atomic waits and spin loops. It shares integers, all
// accesses of which are seq_cst.

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
    kStore,  // x.store(1)
    kLoad,   // a = x.load()
    kAdd,    // a = x.add(1): a is the value before

    kLock,          // m.lock()
    kTryLock,       // a = m.try_lock(): 1 or 0
    kUnlock,        // m.unlock()
    kLockShared,    // m.lock_shared(): m is a SharedMutex
    kUnlockShared,  // m.unlock_shared()

    kWait,       // c.wait(m)
    kWaitUntil,  // c.wait(m, x): while (x.load() == 0) c.wait(m)
    kWaitFor,    // a = c.wait_for(m): 0 if the time was over, else 1
    kNotifyOne,  // c.notify_one(): whichever waits
    kNotifyAll,  // c.notify_all()

    kPark,       // park(): takes the own token, waits until there is one
    kParkUntil,  // park(x): while (x.load() == 0) park()
    kParkFor,    // a = park_for(): 0 if the time was over, else 1
    kUnpark,     // unpark(1): gives thread 1 its token, at most one

    kFutexWait,   // x.futex_wait(1): if x is 1, until a wake
    kFutexWake,   // x.futex_wake(2): this many
    kAtomicWait,  // x.wait_while(1): std::atomic's wait, looks when woken
    kAtomicOne,   // x.wake_one(): std::atomic's notify_one; futex waits, too
    kAtomicAll,   // x.wake_all(): its notify_all
    kSpin,        // x.spin(1): until x is not 1; looks at x all the time
  };

  bool operator==(const BlockingOp&) const = default;

  Kind kind = Kind::kPark;
  int variable = -1;
  int mutex = -1;
  int condition = -1;
  int thread = -1;  // to be unparked; threads count from 0
  int value = 0;    // stored, added, compared with, or how many to wake
  int result = -1;  // register that takes what was read or whether it worked
  int guard = -1;   // runs only if this register
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

/// Whether each thread gives back and waits with what it holds only, takes
/// nothing that it holds, holds nothing at its end, does none of this
/// conditionally (but for `if (a == 1) m.unlock()` after `a = m.try_lock()`),
/// and unparks threads that exist. A mutex with which one waits is not shared.
bool IsWellFormed(const BlockingProgram& program);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_BLOCKING_PROGRAM_H_
