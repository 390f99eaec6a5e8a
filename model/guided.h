// Searches that know in advance what they want: a given graph, or given
// decisions.

#ifndef WEFT_MODEL_GUIDED_H_
#define WEFT_MODEL_GUIDED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "weft/model/linearize.h"
#include "weft/model/observer.h"
#include "weft/model/schedule.h"
#include "weft/model/search.h"
#include "weft/model/trace.h"

namespace weft::model {

/// Builds the graph of one run from nothing, in the order in which the run
/// makes its steps, and writes down the steps and the decisions. Serves one
/// run.
class GuidedSearch : public Search, public Observer {
 public:
  void DecideRead(EventId read) final;
  void DecideWrite(EventId write) final;
  void DecideChoice(EventId choice) final;
  int DecideThread(uint32_t able) final;
  bool WaitsLast() const final { return false; }
  bool SpinnersGoOn() const final { return true; }
  void OnAccess(const PlainAccess& access) final;

  /// To be called when the run is over: its story, without its end.
  Trace Finish();

 protected:
  struct Source {
    EventId write;
    int variant = 0;
  };

  explicit GuidedSearch(const StepCallback* on_step = nullptr);

  virtual int PickThread(uint32_t able) = 0;
  virtual Source PickSource(EventId read) = 0;
  virtual int PickPlace(EventId write) = 0;
  virtual uint32_t PickValue(EventId choice) = 0;

  /// Gives the lanes their names, in the order of the list.
  void NameLanes(const std::vector<std::pair<int, int>>& lanes);

  /// Says why it cannot go on as wanted. The run ends at the next opportunity.
  void Diverge(std::string why);
  bool diverged() const { return !trace_.divergence.empty(); }

  const Graph& own() const { return trace_.graph; }

  /// The lane that was picked last.
  int running() const { return running_; }

 private:
  void CatchUp();
  void Add(Step step);
  void Answer(uint32_t answer) { trace_.schedule.answers.push_back(answer); }

  Trace trace_;  // its graph is the run's
  const StepCallback* on_step_;
  int told_[kMaxThreads] = {};  // events of each lane that are steps already
  EventId newer_;               // of the read or write decided last
  int running_ = 0;
};

/// Follows a graph.
class GraphFollower : public GuidedSearch {
 public:
  /// `target` must live as long. In the end, `last_lane` (-1: none) may make a
  /// step that is not in the graph: the one that fails.
  GraphFollower(const Graph& target, std::vector<Turn> turns, int last_lane);

  /// Whether the run has made all of the graph.
  bool Arrived() const;

 protected:
  int PickThread(uint32_t able) override;
  Source PickSource(EventId read) override;
  int PickPlace(EventId write) override;
  uint32_t PickValue(EventId choice) override;

 private:
  bool Done(const Turn& turn) const;
  EventId Here(EventId write, int location) const;

  const Graph& target_;
  std::vector<Turn> turns_;
  const int last_lane_;
  size_t next_ = 0;
  uint32_t started_ = 1;
};

/// Follows decisions.
class ScheduleFollower : public GuidedSearch {
 public:
  /// Both must live as long.
  ScheduleFollower(const Schedule& schedule, const StepCallback* on_step);

  /// Whether all decisions have been used.
  bool Arrived() const { return next_ == schedule_.answers.size(); }

 protected:
  int PickThread(uint32_t able) override;
  Source PickSource(EventId read) override;
  int PickPlace(EventId write) override;
  uint32_t PickValue(EventId choice) override;

 private:
  uint32_t Next() {
    return next_ < schedule_.answers.size() ? schedule_.answers[next_++] : 0;
  }

  const Schedule& schedule_;
  size_t next_ = 0;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_GUIDED_H_
