#include "weft/model/lint.h"

#include <vector>

namespace weft::model {
namespace {

/// A read, and a write to another location later in its thread.
struct ReadThenWrite {
  EventId read;
  EventId write;
};

/// Whether the read, if it read a write that releases, would acquire before
/// `until`.
bool Acquires(const Graph& graph, EventId read, EventId until) {
  const std::vector<Event>& lane = graph.lane(read.thread);
  if (IsAcquire(lane[read.index].order)) return true;
  for (int i = read.index; i < until.index; ++i) {
    if (lane[i].kind == EventKind::kFence && IsAcquire(lane[i].order)) {
      return true;
    }
  }
  return false;
}

bool Releases(const Event& write) {
  return IsRelease(write.order) || write.release_fence >= 0;
}

std::vector<ReadThenWrite> Collect(const Graph& graph) {
  std::vector<ReadThenWrite> found;
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    const std::vector<Event>& events = graph.lane(lane);
    for (int i = 0; i < graph.size(lane); ++i) {
      if (!events[i].is_read() || events[i].blocked) continue;
      for (int j = i + 1; j < graph.size(lane); ++j) {
        if (events[j].is_write() && events[j].location != events[i].location) {
          found.push_back({EventId(lane, i), EventId(lane, j)});
        }
      }
    }
  }
  return found;
}

std::string Place(const Event& event) {
  const std::string file = event.where.file_name();
  const size_t slash = file.rfind('/');
  return (slash == std::string::npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(event.where.line());
}

}  // namespace

std::string FindLoadBuffering(const Graph& graph) {
  const std::vector<ReadThenWrite> all = Collect(graph);
  for (const ReadThenWrite& a : all) {
    for (const ReadThenWrite& b : all) {
      if (a.read.thread >= b.read.thread) continue;
      const Event& read_x = graph.at(a.read);
      const Event& write_y = graph.at(a.write);
      const Event& read_y = graph.at(b.read);
      const Event& write_x = graph.at(b.write);
      if (read_x.location != write_x.location ||
          read_y.location != write_y.location) {
        continue;
      }
      // Already one after the other, or so if one read the other's write?
      if (write_x.hb.Covers(a.read) || write_y.hb.Covers(b.read)) continue;
      if (Releases(write_x) && Acquires(graph, a.read, a.write)) continue;
      if (Releases(write_y) && Acquires(graph, b.read, b.write)) continue;
      return "load-buffering shape at " + Place(read_x) + ", " +
             Place(write_y) + " and " + Place(read_y) + ", " + Place(write_x) +
             ": C++20 lets both read what the other writes later; that is not "
             "explored";
    }
  }
  return "";
}

}  // namespace weft::model
