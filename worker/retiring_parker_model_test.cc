// The parker whose owner may go, under the model checker: of a time-out and a
// token exactly one wins, and the next owner sees what the last one did.

#include <chrono>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/retiring_parker.h"

namespace weft {
namespace {

constexpr std::chrono::milliseconds kTimeout(1);

// A place with an owner that goes, and the next, which whoever misses it
// starts.
struct Place {
  Place() {
    parker.OnGone(
        [](void* self, std::uint32_t) {
          auto& place = *static_cast<Place*>(self);
          place.revivals.WithMut([](int& n) { ++n; });
          place.next = Thread([&place] {
            place.parker.Park();
            place.Own();
          });
        },
        this, 0);
  }
  ~Place() {
    if (next.joinable()) next.join();
  }
  // What only the owner does.
  void Own() {
    owned.WithMut([](int& n) { ++n; });
  }

  RetiringParker parker;
  Cell<int> owned{0};
  Cell<int> revivals{0};
  Thread next;
};

TEST(RetiringParkerModel, ATimeoutAgainstAToken) {
  ModelCheck([] {
    Cell<int> payload(0);
    Place place;
    Thread owner([&] {
      place.Own();
      if (place.parker.ParkOrGo(kTimeout)) {
        model::Assert(payload.Get() == 1);
        place.Own();
      }
    });
    payload.Set(1);
    place.parker.Unpark();
    owner.join();
    if (place.next.joinable()) place.next.join();
    // It was woken or replaced, and not both.
    model::Assert(place.owned.Get() == 2);
  });
}

// Of two who leave tokens only one replaces the owner.
TEST(RetiringParkerModel, TwoTokensForOneThatHasGone) {
  ModelCheck([] {
    Place place;
    atomic<int> flag{0};
    Thread owner([&] {
      place.Own();
      while (place.parker.ParkOrGo(kTimeout)) {
        place.Own();
        if (flag.load(std::memory_order_relaxed) == 1) return;
      }
    });
    Thread other([&] { place.parker.Unpark(); });
    flag.store(1, std::memory_order_relaxed);
    place.parker.Unpark();
    other.join();
    owner.join();
    model::Assert(place.revivals.Get() <= 1);
    if (place.next.joinable()) place.next.join();
    model::Assert(place.owned.Get() >= 2);
  });
}

// The hook finds no thread, stands in for the owner and lets it go again; a
// token that comes meanwhile is not lost.
TEST(RetiringParkerModel, WhoStandsInGoesAgain) {
  ModelCheck([] {
    struct Refused {
      RetiringParker parker;
      Cell<int> tokens{0};
    } place;
    place.parker.OnGone(
        [](void* self, std::uint32_t) {
          auto& refused = *static_cast<Refused*>(self);
          do {
            refused.parker.Park();
            refused.tokens.WithMut([](int& n) { ++n; });
          } while (!refused.parker.Go());
        },
        &place, 0);
    model::Assert(place.parker.Go());
    Thread other([&] { place.parker.Unpark(); });
    place.parker.Unpark();
    other.join();
    // The last token was taken by somebody, and the owner is gone.
    place.tokens.WithMut([](int& n) { model::Assert(n == 1 || n == 2); });
    model::Assert(!place.parker.Go());
  });
}

}  // namespace
}  // namespace weft
