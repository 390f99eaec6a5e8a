// Memory that is used after its end, freed twice, or never.

#include <algorithm>
#include <map>

#include "weft/model/explainer.h"

namespace weft::model {
namespace {

using Kind = PlainAccess::Kind;

bool IsAccess(const Step& step, Kind kind) {
  return !step.is_event() && step.access.kind == kind;
}

std::string Bytes(size_t n) { return std::to_string(n) + " bytes"; }

}  // namespace

Explainer::Block Explainer::BlockOf(const void* address) const {
  Block block;
  const auto* p = static_cast<const char*>(address);
  for (size_t i = 0; i < trace_.steps.size(); ++i) {
    const Step& step = trace_.steps[i];
    const auto* begin = static_cast<const char*>(step.access.address);
    const size_t size = std::max<size_t>(step.access.size, 1);
    if (IsAccess(step, Kind::kAllocate) && p >= begin && p < begin + size) {
      block = {static_cast<int>(i), -1};
    } else if (IsAccess(step, Kind::kFree) && block.allocated >= 0 &&
               block.freed < 0 &&
               begin == trace_.steps[block.allocated].access.address) {
      block.freed = static_cast<int>(i);
    }
  }
  return block;
}

void Explainer::TellBlock(const Block& block) {
  if (block.allocated < 0) return;
  const PlainAccess& access = trace_.steps[block.allocated].access;
  std::string note = story_.names().Block(access.address) + ", " +
                     Bytes(access.size) + ", was allocated by " +
                     Names::Thread(access.lane) + At(block.allocated);
  if (block.freed >= 0) {
    const int lane = trace_.steps[block.freed].lane();
    note += ", freed by " + Names::Thread(lane) + At(block.freed);
    story_.Raise(block.freed, Weight::kKey);
    ShowPlace(block.freed);
    Involve(lane);
  }
  Note(note);
}

const void* Explainer::LastAddress(int lane) const {
  for (size_t i = trace_.steps.size(); i-- > 0;) {
    const Step& step = trace_.steps[i];
    if (!step.is_event() && step.access.lane == lane) {
      return step.access.address;
    }
  }
  return nullptr;
}

void Explainer::ExplainUseAfterFree() {
  Involve(failure_.lane);
  if (failure_.second.lane < 0) {
    // The object was never seen alive; the use is the last step, or an
    // operation of an atomic that did not take place any more.
    ExplainOther();
    TellBlock(BlockOf(LastAddress(failure_.lane)));
    return;
  }
  const Side use = SideOf(failure_.second, failure_.second_event);
  story_.Raise(use.line, Weight::kKey);
  result_.headline = Title() + ": " + use.object + " in " +
                     Names::Thread(failure_.lane) + At(use.line);
  if (failure_.first.lane >= 0) {
    const Side end = SideOf(failure_.first, failure_.first_event);
    story_.Raise(end.line, Weight::kKey);
    story_.Remark(use.line, "after " + Refer(end.line));
    Involve(end.point.lane);
  }
  TellBlock(BlockOf(failure_.second.address));
}

void Explainer::ExplainDoubleFree() {
  // The last step is the free that should not be.
  const int last = static_cast<int>(trace_.steps.size()) - 1;
  if (last < 0 || !IsAccess(trace_.steps[last], Kind::kFree)) {
    return ExplainOther();
  }
  ShowPlace(last);
  story_.Raise(last, Weight::kKey);
  Involve(failure_.lane);
  result_.headline = Title() + " by " + Names::Thread(failure_.lane) + At(last);
  Block block = BlockOf(trace_.steps[last].access.address);
  if (block.freed == last) block.freed = -1;
  story_.Remark(last, block.freed >= 0
                          ? "freed already by " +
                                Names::Thread(trace_.steps[block.freed].lane())
                          : failure_.message);
  TellBlock(block);
}

void Explainer::ExplainLeak() {
  std::map<const void*, int> live;
  for (size_t i = 0; i < trace_.steps.size(); ++i) {
    const Step& step = trace_.steps[i];
    if (IsAccess(step, Kind::kAllocate)) {
      live[step.access.address] = static_cast<int>(i);
    } else if (IsAccess(step, Kind::kFree)) {
      live.erase(step.access.address);
    }
  }
  std::vector<int> lines;
  size_t bytes = 0;
  for (const auto& [address, line] : live) {
    lines.push_back(line);
    bytes += trace_.steps[line].access.size;
  }
  std::sort(lines.begin(), lines.end());
  result_.headline = Title() + " of " + Bytes(bytes) + " in " +
                     std::to_string(lines.size()) +
                     (lines.size() == 1 ? " block" : " blocks");
  constexpr size_t kMost = 5;
  lines.resize(std::min(kMost, lines.size()));
  FindPlaces(lines);
  placed_.insert(lines.begin(), lines.end());
  for (size_t i = 0; i < lines.size(); ++i) {
    ShowPlace(lines[i]);
    story_.Raise(lines[i], Weight::kKey);
    story_.Remark(lines[i], "never freed");
    Involve(story_.lines()[lines[i]].lane);
  }
}

}  // namespace weft::model
