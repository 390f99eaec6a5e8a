// Weft, as tools/compare runs it: the public interface, with coroutines, and
// the options that a pool has by itself.

#include "weft/tools/compare/ports/common/port.h"
#include "weft/tools/compare/ports/weft/runtime.h"

int main(int argc, char** argv) {
  return weft::compare::RunPort("weft", weft::compare::Workloads(),
                                /*missing=*/{}, argc, argv);
}
