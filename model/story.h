// The steps of one execution as lines of text.

#ifndef WEFT_MODEL_STORY_H_
#define WEFT_MODEL_STORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "weft/model/names.h"
#include "weft/model/trace.h"

namespace weft::model {

/// How much a reader needs a line: lines that matter less are left out first.
enum class Weight : uint8_t {
  kHidden,   ///< The inside of a call, constructions: never of use by itself.
  kPlain,    ///< Uses of cells that are not at fault.
  kOther,    ///< Steps of threads that have no part in it.
  kStep,     ///< Any other step.
  kRelated,  ///< What another line refers to.
  kKey,      ///< What is at fault.
};

/// One step, or the place of the failure.
struct Line {
  int number = 0;  ///< "#4" in other lines; 0: has no number.
  int lane = 0;
  std::string place;   ///< "queue.h:41"
  std::string text;    ///< "tail.load(acquire) = 1 from #2"
  std::string remark;  ///< What is remarkable about it.
  Weight weight = Weight::kStep;
};

/// "m.lock()" or "futex wait on x": what a call with this label is called.
std::string LabelText(std::string_view label, const std::string& object);

/// Whether the step has a number. Numbers count in the order of the trace.
bool IsNumbered(const Step& step, const Graph& graph);

/// A trace in words, a line for each step.
class Story {
 public:
  /// `trace` must live as long.
  explicit Story(const Trace& trace);

  const Trace& trace() const { return trace_; }
  const Names& names() const { return names_; }
  const std::vector<Line>& lines() const { return lines_; }
  Line& line(int index) { return lines_[index]; }

  /// The line of an event (of either half of a read-modify-write); -1: none.
  int LineOf(EventId event) const;

  /// The line of the last plain access by this thread, at this position or
  /// before, to this address; -1: none.
  int LineOf(const PlainAccess& access) const;

  /// The last line of a thread; -1: none.
  int LastLineOf(int lane) const;

  /// "#4"; "init" for an initial value; else "a step of T1".
  std::string Ref(EventId event) const;
  std::string Ref(int line) const;

  /// Makes the line matter at least so much.
  void Raise(int line, Weight weight);

  /// Adds to the line's remark.
  void Remark(int line, const std::string& remark);

  /// Adds a line at the end, for what failed and is no step.
  int AddLine(Line line);

 private:
  void SetNumbers();
  std::string EventText(const Step& step) const;
  std::string CallText(const Event& event) const;
  std::string ReadText(const Event& read, EventId id) const;
  std::string AccessText(const PlainAccess& access) const;
  std::string StaleRemark(const Step& step) const;

  const Trace& trace_;
  Names names_;
  std::vector<Line> lines_;
  std::vector<int> line_of_[kMaxThreads];  // for each event
};

}  // namespace weft::model

#endif  // WEFT_MODEL_STORY_H_
