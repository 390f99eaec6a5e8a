// The parts of Explain() (explain.h): each kind of failure in a file of its
// own.

#ifndef WEFT_MODEL_EXPLAINER_H_
#define WEFT_MODEL_EXPLAINER_H_

#include <set>
#include <source_location>
#include <string>
#include <utility>

#include "weft/model/explain.h"
#include "weft/model/missing_edge.h"
#include "weft/model/story.h"

namespace weft::model {

/// Explains the failure of one story.
class Explainer {
 public:
  explicit Explainer(Story& story)
      : story_(story), trace_(story.trace()), failure_(trace_.failure) {}

  Explanation Explain();

 private:
  // One side of a race.
  struct Side {
    int line = -1;
    Point point{};
    std::string object;
    std::source_location made;
  };

  // The lines of a block's allocation and of its end; -1: none.
  struct Block {
    int allocated = -1;
    int freed = -1;
  };

  // Any failure (explain.cc).
  void ExplainOther();
  void AddCauses();
  void RaiseStale();
  std::string Title() const;
  void Note(std::string note) { result_.notes.push_back(std::move(note)); }
  void Involve(int lane);
  void FindPlaces(const std::vector<int>& lines);
  void FindAllPlaces();
  void ShowPlace(int line);
  std::string At(int line);
  std::string Refer(int line) const;
  int AddFailureLine(const std::string& text);

  // Two threads at once (explain_race.cc).
  void ExplainRace();
  Side SideOf(const PlainAccess& access, EventId event);
  void ExplainMissing(const Side& first, const Side& second);
  void ExplainEdge(const MissingEdge& edge);
  void ExplainStoreBuffering();

  // Memory (explain_memory.cc).
  void ExplainUseAfterFree();
  void ExplainDoubleFree();
  void ExplainLeak();
  Block BlockOf(const void* address) const;
  void TellBlock(const Block& block);
  const void* LastAddress(int lane) const;

  // Waiting for ever (explain_deadlock.cc).
  void ExplainDeadlock();
  void ExplainWait(const Failure::Waiting& waiting);
  std::string LastWrite(const Failure::Waiting& waiting);
  std::string LastWakeUp(const Failure::Waiting& waiting);

  Story& story_;
  const Trace& trace_;
  const Failure& failure_;
  Explanation result_;
  std::set<int> placed_;  // lines whose stacks have been looked at
};

}  // namespace weft::model

#endif  // WEFT_MODEL_EXPLAINER_H_
