// Searches that sample: each run is one execution of the same memory model,
// chosen at random. For tests that are too big to be explored.

#ifndef WEFT_MODEL_RANDOM_H_
#define WEFT_MODEL_RANDOM_H_

#include <cstdint>
#include <random>
#include <vector>

#include "weft/model/graph.h"
#include "weft/model/options.h"
#include "weft/model/sc.h"
#include "weft/model/search.h"

namespace weft::model {

/// Builds a graph forwards, from nothing. Reads prefer new values: each older
/// write is half as likely as the next.
class RandomSearch : public Search {
 public:
  /// `kind` says how threads are chosen; not kExhaustive.
  RandomSearch(SearchKind kind, uint64_t seed) : kind_(kind), seed_(seed) {}

  /// Starts the next run, with the empty graph. A run depends on the seed and
  /// its number only.
  void Begin(uint64_t iteration);

  void DecideRead(EventId read) override;
  void DecideWrite(EventId write) override;
  void DecideChoice(EventId choice) override;
  int DecideThread(uint32_t ready) override;
  bool Unblock(uint32_t blocked, uint32_t can_await, int* unblocked) override;
  bool WaitsLast() const override { return false; }
  bool SpinnersGoOn() const override { return true; }

 private:
  uint64_t Below(uint64_t n);
  bool ReadFrom(EventId read, EventId source);
  bool ReadAnything(EventId read);
  void UsableSources(EventId read);
  int ByPriority(uint32_t ready);
  void PlanChanges();

  const SearchKind kind_;
  const uint64_t seed_;
  Graph own_graph_;
  ScChecker sc_;
  std::mt19937_64 random_;
  std::vector<EventId> sources_;  // what a read may read, the newest last

  // Priorities of PCT and POS; the highest runs.
  uint64_t priority_[kMaxThreads] = {};
  uint64_t steps_ = 0;               // of this run
  uint64_t longest_ = 1;             // of all runs
  std::vector<uint64_t> change_at_;  // PCT: steps at which one falls behind
};

}  // namespace weft::model

#endif  // WEFT_MODEL_RANDOM_H_
