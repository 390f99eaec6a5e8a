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
  FindAllPlaces();
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

// Finds the places of these lines by their stacks.
void Explainer::FindPlaces(const std::vector<int>& lines) {
  std::vector<Stack> stacks;
  for (int line : lines) {
    const bool is_step = line < static_cast<int>(trace_.steps.size());
    stacks.push_back(is_step ? trace_.steps[line].stack : Stack());
  }
  const std::vector<std::vector<Frame>> frames = Symbolize(stacks);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string place = TestPlace(frames[i]);
    if (!place.empty()) story_.line(lines[i]).place = place;
  }
}

// Finds the places of the lines that will be shown.
void Explainer::FindAllPlaces() {
  constexpr size_t kMost = 60;
  std::vector<int> lines;
  for (size_t i = trace_.steps.size(); i-- > 0 && lines.size() < kMost;) {
    const Step& step = trace_.steps[i];
    if (!step.stack.empty() && step.is_event() &&
        story_.lines()[i].weight > Weight::kHidden) {
      lines.push_back(static_cast<int>(i));
    }
  }
  if (!lines.empty()) FindPlaces(lines);
}

// Gives the line a place, if only where its thread was before.
void Explainer::ShowPlace(int line) {
  const bool has_stack = line < static_cast<int>(trace_.steps.size()) &&
                         !trace_.steps[line].stack.empty();
  if (has_stack && !placed_.contains(line)) {
    placed_.insert(line);
    FindPlaces({line});
  }
  if (!story_.lines()[line].place.empty()) return;
  for (int i = line; i-- > 0;) {
    const Line& other = story_.lines()[i];
    if (other.lane == story_.lines()[line].lane && other.number > 0) {
      story_.line(line).place = "after " + story_.Ref(i);
      return;
    }
  }
}

// The place of a line, for a sentence.
std::string Explainer::At(int line) {
  ShowPlace(line);
  const std::string& place = story_.lines()[line].place;
  if (place.empty()) return "";
  return (place.starts_with("after ") ? " " : " at ") + place;
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
