#include "weft/model/oracle/shrink.h"

#include <cstddef>

namespace weft::model::oracle {
namespace {

template <typename T>
void Erase(std::vector<T>& items, size_t index) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

/// Without operation `op` of thread `thread`; a thread that ends up empty
/// stays.
template <typename AnyProgram>
AnyProgram WithoutOp(const AnyProgram& program, size_t thread, size_t op) {
  AnyProgram result = program;
  Erase(result.threads[thread], op);
  return result;
}

/// Without a thread, and without its start and join.
Program WithoutThread(const Program& program, size_t thread) {
  const int number = static_cast<int>(thread);
  Program result = program;
  Erase(result.threads, thread);
  for (std::vector<Op>& ops : result.threads) {
    std::erase_if(ops, [&](const Op& op) { return op.thread == number; });
    for (Op& op : ops) {
      if (op.thread > number) --op.thread;
    }
  }
  return result;
}

}  // namespace

std::vector<Program> Smaller(const Program& program) {
  std::vector<Program> result;
  const auto add = [&](Program candidate) {
    if (IsWellFormed(candidate)) result.push_back(std::move(candidate));
  };
  for (size_t t = 0; t < program.threads.size(); ++t) {
    add(WithoutThread(program, t));
    for (size_t i = 0; i < program.threads[t].size(); ++i) {
      const Program once = WithoutOp(program, t, i);
      add(once);
      // A lock goes together with its unlock.
      for (size_t j = i; j < once.threads[t].size(); ++j) {
        if (program.threads[t][i].IsBlocking()) add(WithoutOp(once, t, j));
      }
      const auto with = [&](auto change) {
        Program candidate = program;
        change(candidate.threads[t][i]);
        if (candidate != program) add(std::move(candidate));
      };
      with([](Op& op) { op.guard = -1; });
      with([](Op& op) { op.value_from = -1; });
      with([](Op& op) {
        if (op.kind == Op::Kind::kWeakCas) op.kind = Op::Kind::kCas;
      });
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
