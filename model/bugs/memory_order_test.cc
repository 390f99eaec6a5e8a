// Bugs of single orders: an operation or a fence that is too weak by one step.

#include <gtest/gtest.h>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/mutex.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// Each thread raises its flag and looks for the other's. With release and
// acquire both may look before either flag is seen, and both enter.
TEST(Bugs, N01DekkerReleaseAcquire) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<bool> flag[2];
            Cell<int> inside(0);
            const auto enter = [&](int me) {
              flag[me].store(true, fixed ? kSc : kRelease);
              if (!flag[1 - me].load(fixed ? kSc : kAcquire)) {
                inside.Set(me, Suspect());
              }
            };
            Thread other([&] { enter(1); });
            enter(0);
            other.join();
          });
}

// As Dekker's: the store to `turn` does not make the own flag visible before
// the other's flag is read.
TEST(Bugs, N02PetersonReleaseAcquire) {
  Examine(
      {.source = "textbook", .verdict = Verdict::kDataRace}, [](bool fixed) {
        const auto store = fixed ? kSc : kRelease;
        const auto load = fixed ? kSc : kAcquire;
        Atomic<bool> flag[2];
        Atomic<int> turn(0);
        Cell<int> inside(0);
        const auto enter = [&](int me) {
          flag[me].store(true, store);
          turn.store(1 - me, store);
          const bool wait = flag[1 - me].load(load) && turn.load(load) != me;
          if (!wait) inside.Set(me, Suspect());
        };
        Thread other([&] { enter(1); });
        enter(0);
        other.join();
      });
}

// A sequence lock over two words: the writer makes the sequence odd while it
// writes, the reader takes what it read only if the sequence was even and the
// same before and after.
void Seqlock(bool writer_fence, bool reader_fence) {
  Atomic<unsigned> sequence(0);
  Atomic<int> a(0), b(0);
  Thread writer([&] {
    sequence.store(1, kRelaxed);
    if (writer_fence) AtomicThreadFence(kRelease);
    a.store(1, kRelaxed);
    b.store(1, kRelaxed);
    sequence.store(2, kRelease);
  });
  const unsigned before = sequence.load(kAcquire);
  const int x = a.load(kRelaxed);
  const int y = b.load(kRelaxed);
  if (reader_fence) AtomicThreadFence(kAcquire);
  const unsigned after = sequence.load(kRelaxed);
  if (before == after && before % 2 == 0) Assert(x == y, "torn read");
  writer.join();
}

// The reader's second look at the sequence is not ordered after its reads of
// the data.
TEST(Bugs, N03SeqlockReaderWithoutFence) {
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "torn read"},
          [](bool fixed) { Seqlock(true, fixed); });
}

// The data may become visible before the odd sequence.
TEST(Bugs, N04SeqlockWriterWithoutFence) {
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "torn read"},
          [](bool fixed) { Seqlock(fixed, true); });
}

// Double-checked locking: the flag is set relaxed, so that who finds it set
// without the lock does not see the object.
TEST(Bugs, N06DoubleCheckedLockRelaxed) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<bool> made(false);
            Mutex mutex;
            Cell<int> object(0);
            const auto use = [&] {
              if (!made.load(kAcquire)) {
                MutexLock lock(mutex);
                if (!made.load(kRelaxed)) {
                  object.Set(1, Suspect());
                  made.store(true, fixed ? kRelease : kRelaxed);
                }
              }
              Assert(object.Get(Suspect()) == 1);
            };
            Thread other(use);
            use();
            other.join();
          });
}

// Two owners drop a reference each. With a relaxed decrement, the use by the
// one is not ordered before the free by the other.
TEST(Bugs, N10ArcRelaxedDrop) {
  struct Shared {
    Atomic<int> references{2};
    Cell<int> value{0};
  };
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            auto* shared = new Shared;
            const auto drop = [=] {
              shared->value.Get(Suspect());
              const auto order = fixed ? kAcqRel : kRelaxed;
              if (shared->references.fetch_sub(1, order, Suspect()) == 1) {
                delete shared;
              }
            };
            Thread other(drop);
            drop();
            other.join();
          });
}

// A queue for one producer and one consumer publishes its tail with a relaxed
// store: the consumer sees the new tail, but not what is in the slot.
TEST(Bugs, N11SpscRelaxedPublish) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Cell<int> slots[2];
            Atomic<unsigned> tail(0);
            Thread producer([&] {
              for (unsigned i = 0; i < 2; ++i) {
                slots[i].Set(1, Suspect());
                tail.store(i + 1, fixed ? kRelease : kRelaxed);
              }
            });
            const unsigned count = tail.load(kAcquire);
            for (unsigned i = 0; i < count; ++i) {
              Assert(slots[i].Get(Suspect()) == 1, "an empty slot");
            }
            producer.join();
          });
}

// The producer makes a value ready (release), a second thread claims it for a
// third. If it claims with a plain store instead of a read-modify-write, it
// ends the producer's release sequence, and the third thread has no edge from
// the producer. Tells stores from read-modify-writes in release sequences.
TEST(Bugs, N12ReleaseSequenceBrokenByStore_tokio7450) {
  enum : int { kEmpty, kReady, kClaimed };
  Examine({.source = "tokio #7450", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<int> state(kEmpty);
            Cell<int> value(0);
            Thread producer([&] {
              value.Set(1, Suspect());
              state.store(kReady, kRelease);
            });
            Thread claimer([&] {
              if (state.load(kRelaxed) != kReady) return;
              if (fixed) {
                state.exchange(kClaimed, kRelaxed);
              } else {
                state.store(kClaimed, kRelaxed);
              }
            });
            if (state.load(kAcquire) == kClaimed) value.Get(Suspect());
            producer.join();
            claimer.join();
          });
}

// A reader protects an object and checks that it is still the current one; the
// reclaimer replaces it and looks whether it is protected. Without a full fence
// on both sides each may miss the other's store.
TEST(Bugs, N13HazardPointerWithoutFence) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            using Object = Cell<int>;
            Atomic<Object*> current(new Object(1));
            Atomic<Object*> hazard(nullptr);
            Thread reader([&] {
              Object* object = current.load(kAcquire);
              hazard.store(object, kRelease);
              if (fixed) AtomicThreadFence(kSc);
              if (current.load(kAcquire) == object) object->Get(Suspect());
              hazard.store(nullptr, kRelease, Suspect());
            });
            Object* old = current.exchange(new Object(2), kAcqRel);
            if (fixed) AtomicThreadFence(kSc);
            const bool hazardous = hazard.load(kAcquire, Suspect()) == old;
            if (!hazardous) delete old;
            reader.join();
            if (hazardous) delete old;
            delete current.load(kRelaxed);
          });
}

// One fence is not enough: the reclaimer's is missing here.
TEST(Bugs, N13HazardPointerWithOneFence) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            using Object = Cell<int>;
            Atomic<Object*> current(new Object(1));
            Atomic<Object*> hazard(nullptr);
            Thread reader([&] {
              Object* object = current.load(kAcquire);
              hazard.store(object, kRelaxed);
              AtomicThreadFence(kSc);
              if (current.load(kAcquire) == object) object->Get(Suspect());
              hazard.store(nullptr, kRelease);
            });
            Object* old = current.exchange(new Object(2), kAcqRel);
            if (fixed) AtomicThreadFence(kSc);
            const bool hazardous = hazard.load(kAcquire, Suspect()) == old;
            if (!hazardous) delete old;
            reader.join();
            if (hazardous) delete old;
            delete current.load(kRelaxed);
          });
}

// A join that waits for the task's version to change, but reads it relaxed:
// what the task wrote is not visible to whoever joined it.
TEST(Bugs, T13JoinWithoutAcquire_brpc3276) {
  Examine(
      {.source = "brpc #3276 (#3274, #3538)", .verdict = Verdict::kDataRace},
      [](bool fixed) {
        Atomic<unsigned> version(0);
        Cell<int> payload(0);
        Thread worker([&] {
          payload.Set(1, Suspect());
          version.fetch_add(1, kRelease);
        });
        const bool ended = version.load(kRelaxed) == 1;
        if (fixed) AtomicThreadFence(kAcquire);
        if (ended) Assert(payload.Get(Suspect()) == 1, "stale payload");
        worker.join();
      });
}

// The workers' mask is published before the workers are initialised, so that a
// thief looks into a queue that is still being made.
TEST(Bugs, A13WorkerPublishedBeforeInitialised_iree8854) {
  Examine({.source = "IREE #8854 (#8710)", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<unsigned> live(0);
            Cell<int> queues[2];
            Thread thief([&] {
              if ((live.load(kAcquire) & 0b10) != 0) {
                queues[1].Get(Suspect());
              }
            });
            for (int i = 0; i < 2; ++i) {
              if (!fixed) live.fetch_or(1u << i, kRelease);
              queues[i].Set(i, Suspect());
              if (fixed) live.fetch_or(1u << i, kRelease);
            }
            thief.join();
          });
}

}  // namespace
}  // namespace weft::model::bugs
