// AtomicWaker under the model checker. All flags are relaxed: the slot itself
// must order them, and a wake that is lost is a deadlock.

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/waker/atomic_waker.h"
#include "weft/waker/model_parker.h"

namespace weft {
namespace {

using waker_testing::ModelParker;

// A flag with something behind it.
struct Event {
  atomic<int> flag{0};
  Cell<int> payload{0};

  void Happen(AtomicWaker& slot) {
    payload.Set(1);
    flag.store(1, std::memory_order_relaxed);
    slot.Wake();
  }
  bool Happened() const { return flag.load(std::memory_order_relaxed) != 0; }
};

// Polls until `ready`, with the same waker each time, and sleeps in between.
template <class Ready>
void WaitFor(AtomicWaker& slot, ModelParker& parker, const Waker& waker,
             Ready&& ready) {
  for (;;) {
    slot.Register(waker);
    if (ready()) return;
    parker.Park();
  }
}

TEST(AtomicWakerModel, AWakeAgainstARegistration) {
  ModelCheck([] {
    AtomicWaker slot;
    Event event;
    Thread producer([&] { event.Happen(slot); });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    WaitFor(slot, parker, waker, [&] { return event.Happened(); });
    producer.join();
    model::Assert(event.payload.Get() == 1);
  });
}

// After a wake the event is there: what the waking thread did is visible.
TEST(AtomicWakerModel, AWakePublishesWhatCameBeforeIt) {
  ModelCheck([] {
    AtomicWaker slot;
    Event event;
    ModelParker parker;
    slot.Register(parker.MakeWaker());
    Thread producer([&] { event.Happen(slot); });
    parker.Park();
    model::Assert(event.Happened(), "the flag is visible to who was woken");
    model::Assert(event.payload.Get() == 1, "and what is behind it");
    producer.join();
  });
}

// The same if the wake comes while a waker is registered, which then may call
// it: whoever does so passes on what it was called for.
TEST(AtomicWakerModel, AWakeOfARegistrationPublishesWhatCameBeforeIt) {
  ModelCheck([] {
    AtomicWaker slot;
    Event event;
    ModelParker parker;
    slot.Register(parker.MakeWaker());
    Thread producer([&] { event.Happen(slot); });
    slot.Register(parker.MakeWaker());
    parker.Park();
    model::Assert(event.Happened(), "the flag is visible to who was woken");
    model::Assert(event.payload.Get() == 1, "and what is behind it");
    producer.join();
  });
}

// A registration after the wake sees the flag, or is woken.
TEST(AtomicWakerModel, TwoProducers) {
  ModelCheck([] {
    AtomicWaker slot;
    Event events[2];
    Thread first([&] { events[0].Happen(slot); });
    Thread second([&] { events[1].Happen(slot); });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    WaitFor(slot, parker, waker,
            [&] { return events[0].Happened() && events[1].Happened(); });
    first.join();
    second.join();
  });
}

// The waker is another one each time: the old one goes, the new one is called.
TEST(AtomicWakerModel, TheWakerIsReplacedWhileItIsCalled) {
  ModelCheck([] {
    AtomicWaker slot;
    Event event;
    ModelParker old_parker, parker;
    slot.Register(old_parker.MakeWaker());
    Thread producer([&] { event.Happen(slot); });
    const Waker waker = parker.MakeWaker();
    WaitFor(slot, parker, waker, [&] { return event.Happened(); });
    producer.join();
  });
}

// Take against Wake: one waker, which one of them gets.
TEST(AtomicWakerModel, TwoTakersGetOneWaker) {
  ModelCheck([] {
    AtomicWaker slot;
    ModelParker parker;
    slot.Register(parker.MakeWaker());
    int taken[2] = {0, 0};
    Thread other([&] { taken[0] = slot.Take() ? 1 : 0; });
    taken[1] = slot.Take() ? 1 : 0;
    other.join();
    model::Assert(taken[0] + taken[1] == 1);
    model::Assert(!slot.Take());
  });
}

}  // namespace
}  // namespace weft
