#include "weft/pool/cpu_count.h"

#include <unistd.h>
namespace weft {
int AvailableCpus(const std::string&) { return 2; }
}  // namespace weft
