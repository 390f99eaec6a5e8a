// A token that one thread waits for and others give: the least that blocking
// needs.

#ifndef WEFT_MODEL_PARK_H_
#define WEFT_MODEL_PARK_H_

#include <chrono>
#include <source_location>

#include "weft/model/atomic.h"
#include "weft/model/execution.h"

namespace weft::model {

/// At most one token. Taking it acquires, giving it releases.
class Parker {
  using Where = std::source_location;

 public:
  explicit Parker(Where where = Where::current()) : token_(false, where) {}

  /// Waits for the token and takes it.
  void Park(Where where = Where::current()) {
    Await(Condition::GiveUp::kNever, 0, where);
  }

  /// The same, for some virtual time at most. False if the time is over.
  bool ParkFor(std::chrono::nanoseconds time, Where where = Where::current()) {
    Execution& e = *Execution::Current();
    const int64_t deadline = e.now() + time.count();
    bool late;
    if (e.MayChooseTimeout()) {
      late = e.Choose(2, where, "time-out?") == 1;
      if (!late) Await(Condition::GiveUp::kElsewhere, deadline, where);
    } else {
      late = Await(Condition::GiveUp::kWhenStuck, deadline, where);
    }
    if (!late) return true;
    e.AdvanceTo(deadline);
    return token_.exchange(false, std::memory_order_acquire, where);
  }

  /// Gives the token, unless it is there already.
  void Unpark(Where where = Where::current()) {
    Execution::Current()->Read({.atomic = token_.ref(),
                                .order = std::memory_order_release,
                                .update = {.op = Op::kExchange,
                                           .size = 1,
                                           .operand = {1, 0},
                                           .expected = {}},
                                .where = where,
                                .label = "unpark"});
  }

 private:
  /// Takes the token; true if it gave up instead.
  bool Await(Condition::GiveUp give_up, int64_t deadline, const Where& where) {
    const Update take{
        .op = Op::kExchange, .size = 1, .operand = {}, .expected = {}};
    const Condition given{.kind = Condition::Kind::kEqual,
                          .give_up = give_up,
                          .operand = 1,
                          .deadline = deadline};
    return Execution::Current()
        ->Read({.atomic = token_.ref(),
                .order = std::memory_order_acquire,
                .update = take,
                .condition = given,
                .where = where,
                .label = "park"})
        .gave_up;
  }

  Atomic<bool> token_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_PARK_H_
