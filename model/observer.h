// Who watches a run: reports and traces do.

#ifndef WEFT_MODEL_OBSERVER_H_
#define WEFT_MODEL_OBSERVER_H_

#include "weft/model/verdict.h"

namespace weft::model {

/// Is told of what a run does that leaves no event in the graph. Called on the
/// stack of the thread that does it, before its effect is checked.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void OnAccess(const PlainAccess& access) = 0;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_OBSERVER_H_
