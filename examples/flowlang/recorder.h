// What a parallel run did: which node ran where and when, and what it was for.

#ifndef WEFT_EXAMPLES_FLOWLANG_RECORDER_H_
#define WEFT_EXAMPLES_FLOWLANG_RECORDER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weft/examples/flowlang/source.h"

namespace flowlang {

/// Nodes are numbered from 1 in the order of their starts; 0 is the program.
using NodeId = std::uint32_t;

/// One run of one node of the graph.
struct NodeRecord {
  using Time = std::chrono::steady_clock::time_point;

  NodeId id = 0;
  NodeId made_by = 0;          ///< the call that it belongs to
  std::vector<NodeId> inputs;  ///< who computed what it waited for
  std::string label;           ///< what it did: "fib(5)"
  Position position = 0;
  int worker = 0;
  Time begin;
  Time end;
};

/// Collects records on the workers of one pool, without a lock: each has a list
/// of its own.
class Recorder {
 public:
  explicit Recorder(int workers)
      : start_(std::chrono::steady_clock::now()), of_worker_(workers) {}

  /// Says that the calling thread is this worker: for
  /// weft::Options::on_thread_start.
  static void NameWorker(int worker) { worker_ = worker; }

  /// A node begins to run: its number and time. On a worker.
  NodeRecord Begin() {
    NodeRecord record;
    // Relaxed: a number that nobody else has.
    record.id = 1 + nodes_.fetch_add(1, std::memory_order_relaxed);
    record.worker = worker_;
    record.begin = std::chrono::steady_clock::now();
    return record;
  }
  /// It has run. Records beyond the first kMost are dropped, to keep what is
  /// recorded of a long run small.
  void End(NodeRecord record) {
    record.end = std::chrono::steady_clock::now();
    if (record.id <= kMost) of_worker_[worker_].push_back(std::move(record));
  }

  // ---- When the pool has ended. ----

  /// All records, in the order of their numbers.
  std::vector<NodeRecord> Records() const;
  /// How many nodes there were, dropped ones included.
  std::size_t nodes() const { return nodes_.load(); }
  int workers() const { return static_cast<int>(of_worker_.size()); }
  NodeRecord::Time start() const { return start_; }

  static constexpr NodeId kMost = 100'000;

 private:
  inline static thread_local int worker_ = 0;

  const NodeRecord::Time start_;
  std::atomic<NodeId> nodes_ = 0;
  std::vector<std::vector<NodeRecord>> of_worker_;
};

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_RECORDER_H_
