// A small explicit-state model checker: visits every state that a model can
// reach, whatever the order of its steps, and says which of them is wrong.
//
// For protocols small enough to be written as steps on a few bytes. It knows
// nothing of memory orders: a model that wants store buffers has them in its
// state.

#ifndef WEFT_WORKER_TESTING_EXPLORER_H_
#define WEFT_WORKER_TESTING_EXPLORER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace weft::worker_testing {

/// What an exploration found.
struct Exploration {
  std::uint64_t states = 0;
  /// Empty if nothing is wrong; else what, and how it came to it.
  std::string wrong;
  bool complete = true;
};

/// Explores `model` depth first. A Model has
///
///   State                       trivially copyable, without padding
///   State Initial() const       where it begins
///   void Steps(const State&, std::vector<State>* next) const
///                               appends what each thread's next step leads to;
///                               nothing from a state in which all are done
///   const char* Wrong(const State&, bool last) const
///                               null, or what is wrong; `last`: it has no next
///   std::string Describe(const State&) const
///
/// A cycle is wrong, too: no step of a model may lead back, so a cycle means
/// that threads go round without getting anywhere. Stops at `limit` states.
template <class Model>
class Explorer {
 public:
  using State = typename Model::State;
  static_assert(std::is_trivially_copyable_v<State> &&
                    std::has_unique_object_representations_v<State>,
                "states are compared and hashed by their bytes");

  explicit Explorer(const Model& model) : model_(model) {}

  Exploration Run(std::uint64_t limit) {
    Enter(model_.Initial());
    while (depth_ > 0 && result_.wrong.empty() && result_.complete) {
      Frame& top = frames_[depth_ - 1];
      if (top.visited == top.next.size()) {
        seen_[top.state] = Mark::kDone;
        --depth_;
        continue;
      }
      const State next = top.next[top.visited++];
      const auto known = seen_.find(next);
      if (known == seen_.end()) {
        Enter(next);
        result_.complete = seen_.size() < limit;
      } else if (known->second == Mark::kOnPath) {
        Report("a cycle: threads go round without getting anywhere");
      }
    }
    result_.states = seen_.size();
    return result_;
  }

 private:
  enum class Mark : std::uint8_t { kOnPath, kDone };

  struct Hash {
    std::size_t operator()(const State& state) const {
      return std::hash<std::string_view>()(std::string_view(
          reinterpret_cast<const char*>(&state), sizeof(state)));
    }
  };
  struct Equal {
    bool operator()(const State& a, const State& b) const {
      return __builtin_memcmp(&a, &b, sizeof(a)) == 0;
    }
  };
  struct Frame {
    State state;
    std::vector<State> next;
    std::size_t visited = 0;
  };

  void Enter(const State& state) {
    if (depth_ == frames_.size()) frames_.emplace_back();
    Frame& frame = frames_[depth_++];
    frame.state = state;
    frame.next.clear();
    frame.visited = 0;
    model_.Steps(state, &frame.next);
    seen_.emplace(state, Mark::kOnPath);
    const char* wrong = model_.Wrong(state, frame.next.empty());
    if (wrong != nullptr) Report(wrong);
  }

  void Report(const char* wrong) {
    result_.wrong = wrong;
    for (std::size_t i = 0; i < depth_; ++i) {
      result_.wrong += "\n  " + model_.Describe(frames_[i].state);
    }
  }

  const Model& model_;
  Exploration result_;
  std::unordered_map<State, Mark, Hash, Equal> seen_;
  // The path to the current state; frames beyond depth_ keep their memory.
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_EXPLORER_H_
