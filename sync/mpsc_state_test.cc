#include "weft/sync/mpsc_state.h"

#include <cstddef>
#include <set>

#include "gtest/gtest.h"

namespace weft::sync_internal {
namespace {

TEST(MpscRing, VisitsAllSlotsInTurnWithTicketsThatGrow) {
  for (std::size_t capacity = 1; capacity <= 20; ++capacity) {
    SCOPED_TRACE(capacity);
    const MpscRing ring(capacity);
    MpscTicket ticket = 0;
    for (std::size_t i = 0; i < 5 * capacity; ++i) {
      EXPECT_EQ(ring.Index(ticket), i % capacity);
      if (i < capacity) {
        EXPECT_EQ(ticket, MpscRing::First(i));
      }
      EXPECT_GT(ring.Next(ticket), ticket);
      EXPECT_EQ(ticket % kMpscTicketStep, 0u);
      ticket = ring.Next(ticket);
    }
  }
}

TEST(MpscRing, TheNextLapHasTheSameSlotOneTurnLater) {
  for (std::size_t capacity : {1, 2, 3, 7, 8}) {
    const MpscRing ring(capacity);
    for (std::size_t i = 0; i < capacity; ++i) {
      const MpscTicket ticket = MpscRing::First(i);
      MpscTicket later = ticket;
      for (std::size_t k = 0; k < capacity; ++k) later = ring.Next(later);
      EXPECT_EQ(ring.NextLap(ticket), later);
    }
  }
}

TEST(MpscTail, KeepsItsTicketWhenItIsClosed) {
  const MpscTail open = MpscTail::Open(12);
  EXPECT_FALSE(open.closed());
  const MpscTail closed(open.word() | MpscTail::kClosed);
  EXPECT_TRUE(closed.closed());
  EXPECT_EQ(closed.ticket(), 12u);
}

TEST(MpscSlotState, NoTwoStatesOfASlotsLifeAreEqual) {
  const MpscRing ring(1);
  std::set<MpscSlotState::Word> seen;
  MpscTicket ticket = 0;
  for (int lap = 0; lap < 4; ++lap, ticket = ring.NextLap(ticket)) {
    for (MpscSlotState state :
         {MpscSlotState::Free(ticket), MpscSlotState::Full(ticket)}) {
      EXPECT_TRUE(seen.insert(state.word()).second);
      EXPECT_TRUE(seen.insert(state.Marked().word()).second);
    }
  }
}

TEST(MpscSlotState, SaysWhoseTheSlotIsWithAndWithoutAMark) {
  const MpscRing ring(3);
  const MpscTicket ticket = ring.NextLap(MpscRing::First(2));
  const MpscSlotState free = MpscSlotState::Free(ticket);
  const MpscSlotState full = MpscSlotState::Full(ticket);
  for (MpscSlotState state : {free, free.Marked()}) {
    EXPECT_TRUE(state.IsFreeFor(ticket));
    EXPECT_FALSE(state.IsFullFor(ticket));
    EXPECT_FALSE(state.full());
    EXPECT_FALSE(state.IsFreeFor(ring.NextLap(ticket)));
    EXPECT_TRUE(state.IsBefore(ring.NextLap(ticket)));
    EXPECT_FALSE(state.IsBefore(ticket));
  }
  for (MpscSlotState state : {full, full.Marked()}) {
    EXPECT_FALSE(state.IsFreeFor(ticket));
    EXPECT_TRUE(state.IsFullFor(ticket));
    EXPECT_TRUE(state.full());
    EXPECT_FALSE(state.IsFreeFor(ring.NextLap(ticket)));
    EXPECT_TRUE(state.IsBefore(ring.NextLap(ticket)));
    EXPECT_FALSE(state.IsBefore(ticket));
  }
  EXPECT_FALSE(free.marked());
  EXPECT_TRUE(full.Marked().marked());
}

}  // namespace
}  // namespace weft::sync_internal
