#include "weft/model/explain.h"

#include <algorithm>
#include <cctype>

#include "weft/model/explainer.h"
#include "weft/model/source_text.h"
#include "weft/model/symbolize.h"

namespace weft::model {
namespace {

uint32_t Bit(int lane) { return uint32_t{1} << lane; }

}  // namespace

Explanation Explain(Story& story) { return Explainer(story).Explain(); }

Explanation Explainer::Explain() {
  switch (failure_.verdict) {
    case Verdict::kDataRace:
      ExplainRace();
      break;
    case Verdict::kUseAfterFree:
      ExplainUseAfterFree();
      break;
    case Verdict::kDoubleFree:
      ExplainDoubleFree();
      break;
    case Verdict::kLeak:
      ExplainLeak();
      break;
    case Verdict::kDeadlock:
      ExplainDeadlock();
      break;
    default:
      ExplainOther();
      break;
  }
  AddCauses();
  RaiseStale();
  return std::move(result_);
}

void Explainer::ExplainOther() {
  result_.headline = Title();
  if (!failure_.message.empty()) result_.headline += ": " + failure_.message;
  if (failure_.where.line() != 0) {
    result_.headline += " (" + ShortPlace(failure_.where) + ")";
  }
  if (failure_.lane < 0) return;
  result_.headline += " in " + Names::Thread(failure_.lane);
  AddFailureLine(failure_.verdict == Verdict::kAssertion ? "ASSERTION FAILED"
                                                         : "FAILED HERE");
  Involve(failure_.lane);
  ExplainStoreBuffering();
}

// The verdict in capitals.
std::string Explainer::Title() const {
  std::string title(VerdictName(failure_.verdict));
  for (char& c : title) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return title;
}

void Explainer::Involve(int lane) {
  if (lane >= 0 && lane < kMaxThreads) result_.threads |= Bit(lane);
}

// The place of a step: from its stack if it has one, else the thread's place
// before it.
std::string Explainer::PlaceOf(int line) const {
  if (line < static_cast<int>(trace_.steps.size())) {
    const Step& step = trace_.steps[line];
    if (!step.stack.empty()) {
      std::string place = TestPlace(Symbolize(step.stack));
      if (!place.empty()) return place;
    }
  }
  if (!story_.lines()[line].place.empty()) return story_.lines()[line].place;
  for (int i = line; i-- > 0;) {
    const Line& other = story_.lines()[i];
    if (other.lane == story_.lines()[line].lane && other.number > 0) {
      return "after " + story_.Ref(i);
    }
  }
  return "";
}

// PlaceOf, for a sentence.
std::string Explainer::At(int line) const {
  const std::string place = PlaceOf(line);
  if (place.empty()) return "";
  return (place.starts_with("after ") ? " " : " at ") + place;
}

void Explainer::ShowPlace(int line) {
  if (story_.lines()[line].place.empty()) {
    story_.line(line).place = PlaceOf(line);
  }
}

// The line, for a sentence.
std::string Explainer::Refer(int line) const {
  const Line& at = story_.lines()[line];
  if (at.number > 0) return "#" + std::to_string(at.number);
  return Names::Thread(at.lane) + "'s \"" + at.text + "\"";
}

int Explainer::AddFailureLine(const std::string& text) {
  Line line;
  line.lane = std::max(failure_.lane, 0);
  if (failure_.where.line() != 0) line.place = ShortPlace(failure_.where);
  line.text = text;
  line.weight = Weight::kKey;
  const int added = story_.AddLine(line);
  ShowPlace(added);
  return added;
}

// Who else has a part: those that started the involved threads, those from
// which these have read, and those that wrote what these did not read yet.
void Explainer::AddCauses() {
  uint32_t before;
  do {
    before = result_.threads;
    for (const Step& step : trace_.steps) {
      if (!step.is_event() || (before & Bit(step.event.thread)) == 0) continue;
      const Event& event = trace_.graph.at(step.event);
      if (event.is_read()) Involve(event.rf.thread);
      if (event.is_read() && step.newer) Involve(step.newer.thread);
    }
    for (int lane = 1; lane < kMaxThreads; ++lane) {
      const EventId creator = trace_.graph.creator(lane);
      if ((before & Bit(lane)) != 0 && creator) Involve(creator.thread);
    }
  } while (result_.threads != before);
}

void Explainer::RaiseStale() {
  for (size_t i = 0; i < trace_.steps.size(); ++i) {
    const Step& step = trace_.steps[i];
    if (!step.is_event() || story_.lines()[i].remark.empty()) continue;
    story_.Raise(static_cast<int>(i), Weight::kRelated);
    if (step.newer) story_.Raise(story_.LineOf(step.newer), Weight::kRelated);
  }
}

}  // namespace weft::model
