#include "weft/model/oracle/shrink.h"

#include <cstddef>

namespace weft::model::oracle {
namespace {

template <typename T>
void Erase(std::vector<T>& items, size_t index) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

/// Without operation `op` of thread `thread`; threads that end up empty stay,
/// since other operations may name threads by number.
template <typename AnyProgram>
AnyProgram WithoutOp(const AnyProgram& program, size_t thread, size_t op) {
  AnyProgram result = program;
  Erase(result.threads[thread], op);
  return result;
}

}  // namespace

std::vector<Program> Smaller(const Program& program) {
  std::vector<Program> result;
  for (size_t t = 0; t < program.threads.size(); ++t) {
    if (program.threads[t].empty()) {
      Erase(result.emplace_back(program).threads, t);
    }
    for (size_t i = 0; i < program.threads[t].size(); ++i) {
      result.push_back(WithoutOp(program, t, i));
      const Op& op = program.threads[t][i];
      if (op.guard >= 0) {
        result.emplace_back(program).threads[t][i].guard = -1;
      }
      if (op.value_from >= 0) {
        result.emplace_back(program).threads[t][i].value_from = -1;
      }
    }
  }
  for (size_t i = 0; i < program.finals.size(); ++i) {
    Erase(result.emplace_back(program).finals, i);
  }
  return result;
}

std::vector<BlockingProgram> Smaller(const BlockingProgram& program) {
  std::vector<BlockingProgram> result;
  const auto add = [&](BlockingProgram candidate) {
    if (IsWellFormed(candidate)) result.push_back(std::move(candidate));
  };
  for (size_t t = 0; t < program.threads.size(); ++t) {
    for (size_t i = 0; i < program.threads[t].size(); ++i) {
      const BlockingProgram once = WithoutOp(program, t, i);
      add(once);
      // A lock goes together with its unlock.
      for (size_t j = i; j < once.threads[t].size(); ++j) {
        add(WithoutOp(once, t, j));
      }
    }
  }
  return result;
}

}  // namespace weft::model::oracle
