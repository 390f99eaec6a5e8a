// What cannot be linked cannot be queued.

#include <cstdint>

#include "weft/queue/injector.h"

namespace {

struct Item {
  Item* next = nullptr;
};

struct NotLinkable {
  Item* next = nullptr;
};

#ifdef WEFT_NOCOMPILE
[[maybe_unused]] weft::Injector<NotLinkable> injector;
#else
[[maybe_unused]] weft::Injector<Item> injector;
#endif

}  // namespace
