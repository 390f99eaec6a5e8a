#include "weft/model/wait_queue.h"

#include <algorithm>
#include <bit>

namespace weft::model {

ReadResult WaitQueue::Modify(Op op, uint64_t operand, const char* label) {
  const Update update{
      .op = op, .size = 8, .operand = {operand, 0}, .expected = {}};
  return execution_.Read({.atomic = word_,
                          .order = order_,
                          .update = update,
                          .silent = true,
                          .where = where_,
                          .label = label});
}

void WaitQueue::Enter() { Modify(Op::kOr, me_, ""); }

bool WaitQueue::EnterIf(AtomicRef atomic, Value expected) {
  Enter();
  // Enter comes after some wakers and before the others. What the former did
  // before they woke must be seen: `causal` makes it so, without letting the
  // program believe that it was synchronised.
  const ReadResult read = execution_.Read({.atomic = atomic,
                                           .order = order_,
                                           .silent = true,
                                           .causal = true,
                                           .where = where_,
                                           .label = label_});
  // Nor can anything be seen that comes after a waker which found this thread
  // in the queue: the lock is held from entering, the event before, until now.
  const EventId enter(read.read.thread, read.read.index - 1);
  if (execution_.BuildsUpon(read.source, enter)) execution_.Abandon();
  if (read.value == expected) return true;
  // Nobody can have found this thread in the queue before it leaves. So leaving
  // reads what entering wrote.
  const ReadResult leave = Modify(Op::kAnd, ~me_, "");
  if (!(leave.source == enter)) {
    execution_.Abandon();
  }
  return false;
}

bool WaitQueue::Leave() {
  return (Modify(Op::kAnd, ~me_, "").value.low & me_) != 0;
}

bool WaitQueue::Await(Condition::GiveUp give_up, int64_t deadline) {
  const Condition condition{.kind = Condition::Kind::kEqual,
                            .give_up = give_up,
                            .mask = me_,
                            .operand = 0,
                            .deadline = deadline};
  return execution_
      .Read({.atomic = word_,
             .order = std::memory_order_relaxed,
             .condition = condition,
             .where = where_,
             .label = label_})
      .gave_up;
}

bool WaitQueue::WakesSpuriously() {
  return execution_.MayWakeSpuriously(where_) &&
         execution_.Choose(2, where_, "wake without reason?") == 1;
}

void WaitQueue::Sleep() {
  if (WakesSpuriously()) {
    Leave();
  } else {
    Await(Condition::GiveUp::kNever, 0);
  }
}

bool WaitQueue::SleepUntil(int64_t deadline) {
  if (WakesSpuriously()) {
    Leave();
    return true;
  }
  bool late;
  if (deadline <= execution_.now()) {
    late = true;
  } else if (execution_.MayChooseTimeout()) {
    late = execution_.Choose(2, where_, "time-out?") == 1;
    if (!late) Await(Condition::GiveUp::kElsewhere, deadline);
  } else {
    late = Await(Condition::GiveUp::kWhenStuck, deadline);
  }
  if (!late) return true;
  execution_.AdvanceTo(deadline);
  return !Leave();
}

int WaitQueue::Wake(int count) {
  const ReadResult before =
      Modify(Op::kClearBits, static_cast<uint64_t>(count), label_);
  return std::min(count, std::popcount(before.value.low));
}

int WaitQueue::WakeAll() {
  return std::popcount(Modify(Op::kExchange, 0, label_).value.low);
}

}  // namespace weft::model
