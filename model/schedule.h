// All decisions of one run, in the order in which they were made: enough to
// make the same run again.

#ifndef WEFT_MODEL_SCHEDULE_H_
#define WEFT_MODEL_SCHEDULE_H_

#include <cstdint>
#include <utility>
#include <vector>

namespace weft::model {

/// A run starts with an empty graph and asks, at each step, which thread goes
/// on, what a read reads from, where a write stands, what a choice yields. The
/// answers are small numbers, mostly 0:
///
///   thread  0: the same as before; otherwise 1 + its lane;
///   read    how many newer writes there are, times kVariants, plus the
///   variant; write   how many writes it stands before; choice  the value.
///
/// Where the answers end, the run ends.
struct Schedule {
  static constexpr uint32_t kVariants = 64;

  std::vector<uint32_t> answers;

  /// For each lane from 1 on, who started the thread and which of its threads
  /// it is (see Search::LaneOf). A parent of -1: the lane is not used.
  std::vector<std::pair<int, int>> lanes;

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_SCHEDULE_H_
