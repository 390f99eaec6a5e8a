#include "weft/examples/flowlang/recorder.h"

#include <algorithm>
#include <vector>

namespace flowlang {

std::vector<NodeRecord> Recorder::Records() const {
  std::vector<NodeRecord> all;
  for (const auto& records : of_worker_) {
    all.insert(all.end(), records.begin(), records.end());
  }
  std::ranges::sort(all, {}, &NodeRecord::id);
  return all;
}

}  // namespace flowlang
