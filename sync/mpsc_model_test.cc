// Mpsc channels under the model checker: senders and the receiver, in every
// order, on rings of one and two slots. Values are allocations, so that one
// that is lost or destroyed twice is found as well.

#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/sync/mpsc.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft {
namespace {

using waker_testing::ModelParker;
using Box = std::unique_ptr<int>;

// Polls until there is an answer.
template <class Operation>
std::optional<Box> Await(Operation&& operation) {
  ModelParker parker;
  const Waker waker = parker.MakeWaker();
  Context context(waker);
  for (;;) {
    auto poll = operation.Poll(context);
    if (poll.ready()) return std::move(poll).value();
    parker.Park();
  }
}

void Send(MpscSender<Box>& sender, int value) {
  model::Assert(!Await(sender.Send(std::make_unique<int>(value))));
}

int Receive(MpscReceiver<Box>& receiver) {
  std::optional<Box> box = Await(receiver.Receive());
  model::Assert(box.has_value(), "there is a message");
  return **box;
}

TEST(MpscModel, AMessageIsReceived) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    Thread sending([&sender = sender] { Send(sender, 7); });
    model::Assert(Receive(receiver) == 7);
    sending.join();
  });
}

// The second waits for the room of the first.
TEST(MpscModel, MessagesOfOneSenderArriveInOrder) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    Thread sending([&sender = sender] {
      Send(sender, 1);
      Send(sender, 2);
    });
    model::Assert(Receive(receiver) == 1);
    model::Assert(Receive(receiver) == 2);
    sending.join();
  });
}

// One waits for room while the other is just sending.
TEST(MpscModel, ASenderWaitsBehindOneAtWork) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    auto other = sender;
    Thread one([&sender = sender] { Send(sender, 1); });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto second = other.Send(std::make_unique<int>(2));
    const bool sent = second.Poll(context).ready();
    const int sum = Receive(receiver) + Receive(receiver);
    model::Assert(sum == 3, "both messages arrive");
    model::Assert(sent || !Await(second));
    one.join();
  });
}

TEST(MpscModel, TwoSendersWithOneSlot) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    auto other = sender;
    Thread one([&sender = sender] { Send(sender, 1); });
    Thread two([&other] { Send(other, 2); });
    const int sum = Receive(receiver) + Receive(receiver);
    model::Assert(sum == 3, "both messages arrive");
    one.join();
    two.join();
  });
}

// S6, folly 82c1569c1: the later message is there first, and the receiver waits
// for the earlier.
TEST(MpscModel, S6TwoSendersWithTwoSlots) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(2);
    auto other = sender;
    Thread one([&sender = sender] { Send(sender, 1); });
    Thread two([&other] { Send(other, 2); });
    const int sum = Receive(receiver) + Receive(receiver);
    model::Assert(sum == 3, "both messages arrive");
    one.join();
    two.join();
  });
}

// Both wait, behind a message that is there, and a third comes.
TEST(MpscModel, SendersThatWaitAreServedInOrder) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    auto other = sender;
    model::Assert(!sender.TrySend(std::make_unique<int>(0)));
    auto first = sender.Send(std::make_unique<int>(1));
    auto second = other.Send(std::make_unique<int>(2));
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    model::Assert(!first.Poll(context).ready(), "there is no room");
    model::Assert(!second.Poll(context).ready(), "there is no room");
    Thread third([sender = sender]() mutable {
      (void)sender.TrySend(std::make_unique<int>(3));
    });
    for (int i : {0, 1, 2}) {
      model::Assert(Receive(receiver) == i, "nobody overtakes");
    }
    model::Assert(!Await(first) && !Await(second), "both were sent");
    third.join();
  });
}

TEST(MpscModel, TheLastSenderThatGoesEndsTheWait) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    Cell<int> done_by_sender(0);
    Thread one([&, sender = sender] { done_by_sender.Set(1); });
    Thread two([sender = std::move(sender)]() mutable { Send(sender, 2); });
    model::Assert(Receive(receiver) == 2);
    model::Assert(!Await(receiver.Receive()), "the end");
    model::Assert(done_by_sender.Get() == 1, "the end is after all");
    model::Assert(receiver.IsEnded());
    one.join();
    two.join();
  });
}

// I16, libcoro #399, #375, #402: closed between a look and the enrolment. The
// value is with one of the two.
TEST(MpscModel, I16CloseAgainstSend) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    std::optional<Box> refused;
    Thread sending([&, sender = std::move(sender)]() mutable {
      refused = Await(sender.Send(std::make_unique<int>(7)));
    });
    receiver.Close();
    // S5, tokio #8074: closed, but somebody is just sending.
    const bool received = Await(receiver.Receive()).has_value();
    sending.join();
    model::Assert(received != refused.has_value(), "the value is in one place");
    model::Assert(receiver.IsEnded());
  });
}

TEST(MpscModel, WhoIsRefusedSeesWhatCameBefore) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    Cell<int> before(0);
    Thread sending([&before, sender = sender]() mutable {
      if (sender.TrySend(std::make_unique<int>(7))) {
        model::Assert(before.Get() == 1);
      }
    });
    Thread looking([&before, sender = std::move(sender)] {
      if (sender.IsClosed()) model::Assert(before.Get() == 1);
    });
    before.Set(1);
    receiver.Close();
    sending.join();
    looking.join();
  });
}

TEST(MpscModel, I16CloseAgainstASenderThatWaits) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    model::Assert(!sender.TrySend(std::make_unique<int>(1)));
    std::optional<Box> refused;
    Thread sending([&, sender = std::move(sender)]() mutable {
      refused = Await(sender.Send(std::make_unique<int>(2)));
    });
    std::optional<Box> first = receiver.TryReceive();
    receiver.Close();
    model::Assert(first.has_value() && **first == 1);
    const bool received = Await(receiver.Receive()).has_value();
    sending.join();
    model::Assert(received != refused.has_value(), "the value is in one place");
  });
}

// The receiver's own thread closes while its Receive waits, a sender perhaps at
// work: the message comes, or the end.
TEST(MpscModel, CloseWhileAReceiveWaits) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    bool sent = false;
    Thread sending([&sender = sender, &sent] {
      sent = !sender.TrySend(std::make_unique<int>(7));
    });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    std::optional<Box> got;
    {
      auto receive = receiver.Receive();
      auto poll = receive.Poll(context);
      receiver.Close();
      if (!poll.ready()) {
        parker.Park();
        poll = receive.Poll(context);
        // A coroutine could not wait again.
        model::Assert(poll.ready(), "a wake comes with an answer");
      }
      got = std::move(poll).value();
    }
    sending.join();
    model::Assert(got.has_value() == sent);
    model::Assert(receiver.IsEnded());
  });
}

// Two senders wait while a third one fills the other slot, or has come too
// late.
TEST(MpscModel, TwoSendersWaitWhileTheOtherSlotIsFilled) {
  ModelCheck(
      [] {
        auto [sender, receiver] = Mpsc<Box>(2);
        auto second = sender;
        auto third = sender;
        model::Assert(!sender.TrySend(std::make_unique<int>(1)));
        bool filled = false;
        Thread filling([&sender = sender, &filled] {
          filled = !sender.TrySend(std::make_unique<int>(2));
        });
        ModelParker parker;
        const Waker waker = parker.MakeWaker();
        Context context(waker);
        auto b = second.Send(std::make_unique<int>(3));
        (void)b.Poll(context);
        auto c = third.Send(std::make_unique<int>(4));
        (void)c.Poll(context);
        int sum = 0;
        for (int i = 0; i < 3; ++i) sum += Receive(receiver);
        filling.join();
        if (filled) sum += Receive(receiver);
        model::Assert(sum == (filled ? 10 : 8));
        model::Assert(!receiver.TryReceive());
      },
      {.max_deviations = 6, .samples = true});
}

TEST(MpscModel, AReceiverThatGoesWhileAMessageIsSent) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    Thread sending([sender = std::move(sender)]() mutable {
      (void)Await(sender.Send(std::make_unique<int>(7)));
      (void)Await(sender.Send(std::make_unique<int>(8)));
    });
    { const MpscReceiver<Box> gone = std::move(receiver); }
    sending.join();
  });
}

// S4, tokio #2340: a sender that waits is dropped while it gets its turn. Its
// value was sent or is gone; the one behind it is served.
TEST(MpscModel, S4ASenderThatWaitsIsDropped) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    auto other = sender;
    model::Assert(!sender.TrySend(std::make_unique<int>(0)));
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto* dropped = new MpscSend<Box>(sender.Send(std::make_unique<int>(1)));
    model::Assert(!dropped->Poll(context).ready(), "there is no room");
    Thread behind([&other] { Send(other, 2); });
    Thread dropping([dropped] { delete dropped; });
    model::Assert(Receive(receiver) == 0);
    const int next = Receive(receiver);
    model::Assert(next == 1 || next == 2);
    if (next == 1) model::Assert(Receive(receiver) == 2);
    behind.join();
    dropping.join();
    model::Assert(!receiver.TryReceive(), "no message comes twice");
  });
}

// Of a canceller and the receiver exactly one ends the wait of a sender.
TEST(MpscModel, CancelOfASenderAgainstItsTurn) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    model::Assert(!sender.TrySend(std::make_unique<int>(0)));
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto send = sender.Send(std::make_unique<int>(1));
    model::Assert(!send.Poll(context).ready(), "there is no room");
    bool cancelled = false;
    Thread cancelling([&] { cancelled = send.TryCancel(); });
    model::Assert(Receive(receiver) == 0);
    cancelling.join();
    model::Assert(receiver.TryReceive().has_value() != cancelled);
    model::Assert(parker.woken() != cancelled, "a wake or none");
  });
}

// Of a canceller and a sender exactly one ends the wait of the receiver. The
// message is there in either case.
TEST(MpscModel, CancelOfTheReceiverAgainstAMessage) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto receive = receiver.Receive();
    model::Assert(!receive.Poll(context).ready(), "there is no message");
    bool cancelled = false;
    Thread cancelling([&] { cancelled = receive.TryCancel(); });
    Thread sending([&sender = sender] {
      Send(sender, 1);
      Send(sender, 2);
    });
    cancelling.join();
    model::Assert(Receive(receiver) == 1);
    model::Assert(Receive(receiver) == 2);
    sending.join();
    model::Assert(parker.woken() != cancelled, "a wake or none");
  });
}

// The waker is replaced while a message is sent, and while all senders go.
TEST(MpscModel, S7AWakerIsReplacedWhileAMessageIsSent) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    ModelParker old;
    auto receive = receiver.Receive();
    {
      const Waker waker = old.MakeWaker();
      Context context(waker);
      (void)receive.Poll(context);
    }
    Thread sending([sender = std::move(sender)]() mutable { Send(sender, 7); });
    const std::optional<Box> box = Await(receive);
    model::Assert(box.has_value() && **box == 7);
    sending.join();
  });
}

TEST(MpscModel, AWakerOfASenderIsReplacedWhileItGetsItsTurn) {
  ModelCheck([] {
    auto [sender, receiver] = Mpsc<Box>(1);
    model::Assert(!sender.TrySend(std::make_unique<int>(0)));
    ModelParker old;
    Thread sending([&sender = sender, &old] {
      auto send = sender.Send(std::make_unique<int>(1));
      const Waker waker = old.MakeWaker();
      Context context(waker);
      auto poll = send.Poll(context);
      model::Assert(poll.ready() || !Await(send));
    });
    model::Assert(Receive(receiver) == 0);
    model::Assert(Receive(receiver) == 1);
    sending.join();
  });
}

}  // namespace
}  // namespace weft
