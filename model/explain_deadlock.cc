// Deadlocks and lost wake-ups: who waits, since when, for what.

#include "weft/model/explainer.h"
#include "weft/model/source_text.h"

namespace weft::model {
namespace {

bool HasLabel(const char* label) { return label != nullptr && *label != '\0'; }

}  // namespace

void Explainer::ExplainDeadlock() {
  // Those that wait for another thread's end are not the cause, if there are
  // others.
  bool only_joins = true;
  for (const Failure::Waiting& waiting : failure_.waiting) {
    only_joins = only_joins && waiting.target >= 0;
  }
  std::string who;
  int count = 0;
  for (const Failure::Waiting& waiting : failure_.waiting) {
    Involve(waiting.lane);
    ExplainWait(waiting);
    if (waiting.target >= 0 && !only_joins) continue;
    who += (who.empty() ? "" : ", ") + Names::Thread(waiting.lane);
    ++count;
  }
  ExplainStoreBuffering();
  result_.headline = Title() + ": " + who +
                     (count == 1 ? " waits for ever" : " wait for ever");
}

void Explainer::ExplainWait(const Failure::Waiting& waiting) {
  std::string what;
  if (waiting.target >= 0) {
    what = "joins " + Names::Thread(waiting.target);
  } else if (waiting.location >= 0) {
    const std::string& object = story_.names().Atomic(waiting.location);
    what = HasLabel(waiting.label) ? LabelText(waiting.label, object)
                                   : "waits for " + object;
  }
  // A wait that is not a step of the graph gets a line of its own.
  int line = story_.LastLineOf(waiting.lane);
  const bool is_step = line >= 0 &&
                       line < static_cast<int>(trace_.steps.size()) &&
                       trace_.steps[line].is_event() &&
                       trace_.graph.at(trace_.steps[line].event).blocked;
  std::string since;
  if (is_step) {
    story_.line(line).remark.clear();
    since = " since " + story_.Ref(line);
  } else {
    if (line >= 0) since = " since " + story_.Ref(line);
    Line added;
    added.lane = waiting.lane;
    added.place = ShortPlace(waiting.where);
    added.text = what;
    line = story_.AddLine(added);
  }
  story_.Raise(line, Weight::kKey);
  story_.Remark(line, "WAITS FOR EVER");
  Note(Names::Thread(waiting.lane) + " waits at " + ShortPlace(waiting.where) +
       since + ": " + what +
       (waiting.location >= 0 ? LastWrite(waiting) : std::string()));
}

// Who wrote last what the thread waits for.
std::string Explainer::LastWrite(const Failure::Waiting& waiting) {
  const std::vector<EventId>& order =
      trace_.graph.location(waiting.location).order;
  const EventId last = order.back();
  const Event& write = trace_.graph.at(last);
  std::string text;
  if (waiting.label == nullptr) {
    const Condition& condition = waiting.condition;
    text += "; its value is " + story_.names().ValueText(write.value);
    if (condition.active()) {
      text += condition.kind == Condition::Kind::kEqual ? ", wanted "
                                                        : ", wanted not ";
      text += story_.names().ValueText({condition.operand, 0});
    }
  }
  if (last.thread == kInitLane) return text + "; nobody ever wrote it";
  const int line = story_.LineOf(last);
  if (line < 0 || story_.lines()[line].number == 0) {
    return text + LastWakeUp(waiting);
  }
  story_.Raise(line, Weight::kRelated);
  Involve(last.thread);
  return text + "; last written by " + story_.Ref(line) + " (" +
         Names::Thread(last.thread) + ": " + story_.lines()[line].text + ")";
}

// Who last woke those that waited before the thread began to wait.
std::string Explainer::LastWakeUp(const Failure::Waiting& waiting) {
  const std::vector<EventId>& order =
      trace_.graph.location(waiting.location).order;
  for (size_t i = order.size(); i-- > 0;) {
    const int line = story_.LineOf(order[i]);
    if (line < 0 || story_.lines()[line].number == 0) continue;
    story_.Raise(line, Weight::kRelated);
    Involve(order[i].thread);
    return "; nobody has woken it, " + story_.Ref(line) + " (" +
           Names::Thread(order[i].thread) + ": " + story_.lines()[line].text +
           ") came before";
  }
  return "; nobody has woken it";
}

}  // namespace weft::model
