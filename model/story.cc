#include "weft/model/story.h"

#include <cstring>
#include <utility>

#include "weft/model/source_text.h"

namespace weft::model {
namespace {

using Kind = PlainAccess::Kind;

bool IsInside(const Event& event) {
  return event.label != nullptr && *event.label == '\0';
}

/// What an operation of an atomic is called in C++.
const char* Method(Op op) {
  switch (op) {
    case Op::kNone:
      return "load";
    case Op::kExchange:
      return "exchange";
    case Op::kAdd:
      return "fetch_add";
    case Op::kSub:
      return "fetch_sub";
    case Op::kAnd:
      return "fetch_and";
    case Op::kOr:
      return "fetch_or";
    case Op::kXor:
      return "fetch_xor";
    case Op::kCompareExchange:
      return "compare_exchange";
    default:
      return "modify";  // inside of the checker's own types
  }
}

}  // namespace

std::string LabelText(std::string_view label, const std::string& object) {
  // Either the name of a member function, or words.
  if (label.find(' ') == std::string_view::npos) {
    return object + "." + std::string(label) + "()";
  }
  return std::string(label) + " on " + object;
}

bool IsNumbered(const Step& step, const Graph& graph) {
  if (step.is_event()) return !IsInside(graph.at(step.event));
  return step.access.kind == Kind::kRead || step.access.kind == Kind::kWrite;
}

Story::Story(const Trace& trace) : trace_(trace), names_(trace) {
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    line_of_[lane].assign(trace.graph.size(lane), -1);
  }
  SetNumbers();
  for (size_t i = 0; i < trace.steps.size(); ++i) {
    const Step& step = trace.steps[i];
    Line& line = lines_[i];
    line.lane = step.lane();
    if (step.is_event()) {
      const Event& event = trace.graph.at(step.event);
      line.place = ShortPlace(event.where);
      line.text = EventText(step);
      line.remark = StaleRemark(step);
      if (IsInside(event)) line.weight = Weight::kHidden;
      continue;
    }
    const PlainAccess& access = step.access;
    const bool use = access.kind == Kind::kRead || access.kind == Kind::kWrite;
    line.place = use || access.kind == Kind::kConstruct
                     ? ShortPlace(access.where)
                     : std::string();
    line.text = AccessText(access);
    line.weight = use ? Weight::kPlain : Weight::kHidden;
  }
}

void Story::SetNumbers() {
  lines_.resize(trace_.steps.size());
  int number = 0;
  for (size_t i = 0; i < trace_.steps.size(); ++i) {
    const Step& step = trace_.steps[i];
    if (IsNumbered(step, trace_.graph)) lines_[i].number = ++number;
    if (!step.is_event()) continue;
    std::vector<int>& lines = line_of_[step.event.thread];
    lines[step.event.index] = static_cast<int>(i);
    const Event& event = trace_.graph.at(step.event);
    if (event.is_read() && event.rmw) {
      lines[step.event.index + 1] = static_cast<int>(i);
    }
  }
}

int Story::LineOf(EventId event) const {
  if (!event || event.thread == kInitLane) return -1;
  const std::vector<int>& lines = line_of_[event.thread];
  return event.index < lines.size() ? lines[event.index] : -1;
}

int Story::LineOf(const PlainAccess& access) const {
  int found = -1;
  for (size_t i = 0; i < trace_.steps.size(); ++i) {
    const Step& step = trace_.steps[i];
    if (step.is_event() || step.access.lane != access.lane ||
        step.access.kind != access.kind ||
        step.access.position > access.position) {
      continue;
    }
    if (step.access.address == access.address) found = static_cast<int>(i);
  }
  return found;
}

int Story::LastLineOf(int lane) const {
  for (int i = static_cast<int>(lines_.size()); i-- > 0;) {
    if (lines_[i].lane == lane && lines_[i].number > 0) return i;
  }
  return -1;
}

std::string Story::Ref(EventId event) const {
  if (event.thread == kInitLane) return "init";
  const int line = LineOf(event);
  if (line >= 0 && lines_[line].number > 0) return Ref(line);
  return "a step of " + Names::Thread(event.thread);
}

std::string Story::Ref(int line) const {
  if (lines_[line].number > 0) return "#" + std::to_string(lines_[line].number);
  return "a step of " + Names::Thread(lines_[line].lane);
}

void Story::Raise(int line, Weight weight) {
  if (line >= 0 && lines_[line].weight < weight) lines_[line].weight = weight;
}

void Story::Remark(int line, const std::string& remark) {
  std::string& text = lines_[line].remark;
  if (!text.empty()) text += "; ";
  text += remark;
}

int Story::AddLine(Line line) {
  lines_.push_back(std::move(line));
  return static_cast<int>(lines_.size()) - 1;
}

std::string Story::EventText(const Step& step) const {
  const Event& event = trace_.graph.at(step.event);
  const auto lane = static_cast<int>(event.value.low);
  const std::string number = std::to_string(event.value.low);
  switch (event.kind) {
    case EventKind::kInit:
      break;
    case EventKind::kRead:
      return ReadText(event, step.event);
    case EventKind::kWrite:
      if (event.label != nullptr && !IsInside(event)) {
        return CallText(event);
      }
      return names_.Atomic(event.location) + ".store(" +
             names_.ValueText(event.value) + ", " +
             std::string(Names::Order(event.order)) + ")";
    case EventKind::kFence:
      return "fence(" + std::string(Names::Order(event.order)) + ")";
    case EventKind::kCreate:
      return "starts " + Names::Thread(lane);
    case EventKind::kJoin:
      return "joins " + Names::Thread(lane);
    case EventKind::kChoice:
      if (event.label != nullptr) {
        return std::string(event.label) +
               (event.value.low != 0 ? " yes" : " no");
      }
      return "Choose(" + std::to_string(event.update.operand.low) +
             ") = " + number;
    case EventKind::kTimeout:
      return "times out: no thread could go on";
  }
  return "?";
}

// A call of something that is made of atomics.
std::string Story::CallText(const Event& event) const {
  return LabelText(event.label, names_.Atomic(event.location));
}

std::string Story::ReadText(const Event& read, EventId id) const {
  const std::string object = names_.Atomic(read.location);
  if (read.label != nullptr) {
    // The values say nothing.
    std::string text = CallText(read);
    if (read.update.op == Op::kCompareExchange) {
      text += read.rmw ? " = true" : " = false";
    }
    const int source = LineOf(read.rf);
    if (source >= 0 && lines_[source].number > 0 &&
        read.rf.thread != id.thread && !read.blocked) {
      text += ", after " + Ref(source);
    }
    return text;
  }
  const std::string order(Names::Order(read.order));
  const std::string value = names_.ValueText(read.value);
  const std::string from = " from " + Ref(read.rf);
  std::string text = object + "." + Method(read.update.op) + "(";
  switch (read.update.op) {
    case Op::kNone:
      text += order + ") = " + value + from;
      break;
    case Op::kCompareExchange:
      text += names_.ValueText(read.update.expected) + " -> " +
              names_.ValueText(read.update.operand) + ", " + order + ")";
      if (read.rmw) {
        text += " = true" + from;
      } else if (read.weak && read.variant == 1) {
        text += " = false for no reason";
      } else {
        text += " = false: " + value + from;
      }
      break;
    default:
      text += names_.ValueText(read.update.operand) + ", " + order +
              ") = " + value + from;
      break;
  }
  return text;
}

std::string Story::AccessText(const PlainAccess& access) const {
  const std::string bytes = std::to_string(access.size) + " bytes";
  switch (access.kind) {
    case Kind::kConstruct:
      return names_.Plain(access) + " is constructed";
    case Kind::kRead:
      return names_.Plain(access) + " read";
    case Kind::kWrite:
      return names_.Plain(access) + " written";
    case Kind::kDestroy:
      return names_.Plain(access) + " is destroyed";
    case Kind::kAllocate:
      return "allocates " + names_.Block(access.address) + ", " + bytes;
    case Kind::kFree: {
      const std::string block = names_.Block(access.address);
      return block.empty() ? "frees what is no block" : "frees " + block;
    }
  }
  return "?";
}

// Why a read did not read the newest write, or a write is not the newest.
std::string Story::StaleRemark(const Step& step) const {
  const Event& event = trace_.graph.at(step.event);
  if (IsInside(event)) return "";
  if (event.blocked) return "waits";
  if (event.is_read() && step.newer && !(step.newer == event.rf)) {
    const Event& newer = trace_.graph.at(step.newer);
    if (event.label != nullptr) return "";
    return "STALE: " + Ref(step.newer) + " already wrote " +
           names_.ValueText(newer.value) + "; allowed, no happens-before";
  }
  if (event.is_write() && step.newer) {
    return "overwritten already: before " + Ref(step.newer) +
           " in modification order";
  }
  return "";
}

}  // namespace weft::model
