#ifndef WEFT_WORKER_NO_FORKS_H_
#define WEFT_WORKER_NO_FORKS_H_

#include "weft/task/header.h"

namespace weft {

/// A ForkPolicy for workers that run tasks only. Costs nothing.
struct NoForks {
  void Attach(void (*)(void*), void*) {}
  void Detach() {}
  TaskHeader* StealInto(NoForks&, bool&) { return nullptr; }
  bool Stealable() const { return false; }
};

namespace worker_internal {

template <class Policies>
struct ForksOf {
  using Type = NoForks;
};
template <class Policies>
requires requires { typename Policies::Forks; }
struct ForksOf<Policies> {
  using Type = typename Policies::Forks;
};

}  // namespace worker_internal
}  // namespace weft

#endif  // WEFT_WORKER_NO_FORKS_H_
