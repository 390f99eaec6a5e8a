// A thread-local that needs a destructor is refused: it would be gone before
// the last wake of its thread.

#include <memory>

#include "weft/base/thread_local.h"

namespace weft {

struct PointerTag;
int* Plain() { return ThreadLocal<int*, PointerTag>::Get(); }

#ifdef WEFT_NOCOMPILE
struct OwnerTag;
int* Owner() {
  return ThreadLocal<std::unique_ptr<int>, OwnerTag>::Get().get();
}
#endif

}  // namespace weft
