// Oneshot channels under the model checker: the two ends, in every order. Each
// channel is an allocation, so that a share that is dropped twice or never is
// found as well.

#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft {
namespace {

using waker_testing::ModelParker;
using Box = std::unique_ptr<int>;

// Polls until there is an answer.
std::optional<Box> Receive(OneshotReceiver<Box>& receiver, ModelParker& parker,
                           const Waker& waker) {
  Context context(waker);
  for (;;) {
    auto poll = receiver.Poll(context);
    if (poll.ready()) return std::move(poll).value();
    parker.Park();
  }
}

TEST(OneshotModel, AValueIsReceived) {
  ModelCheck([] {
    auto [sender, receiver] = Oneshot<Box>();
    Thread sending([sender = std::move(sender)]() mutable {
      model::Assert(!std::move(sender).Send(std::make_unique<int>(7)));
    });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    const std::optional<Box> box = Receive(receiver, parker, waker);
    model::Assert(box.has_value() && **box == 7);
    sending.join();
  });
}

TEST(OneshotModel, ASenderThatGoesEndsTheWait) {
  ModelCheck([] {
    auto [sender, receiver] = Oneshot<Box>();
    Thread going([sender = std::move(sender)] {});
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    model::Assert(!Receive(receiver, parker, waker).has_value());
    going.join();
  });
}

// S7, tokio #4226: the waker is replaced while the sender sends.
TEST(OneshotModel, S7AWakerIsReplacedWhileAValueIsSent) {
  ModelCheck([] {
    auto [sender, receiver] = Oneshot<Box>();
    ModelParker old_parker, parker;
    {
      const Waker old = old_parker.MakeWaker();
      Context context(old);
      (void)receiver.Poll(context);
    }
    Thread sending([sender = std::move(sender)]() mutable {
      (void)std::move(sender).Send(std::make_unique<int>(7));
    });
    const Waker waker = parker.MakeWaker();
    model::Assert(Receive(receiver, parker, waker).has_value());
    sending.join();
  });
}

// S7: the receiver closes while the sender sends. The value is with one of the
// two.
TEST(OneshotModel, S7CloseAgainstSend) {
  ModelCheck([] {
    auto [sender, receiver] = Oneshot<Box>();
    bool refused = false;
    Thread sending([&refused, sender = std::move(sender)]() mutable {
      refused = std::move(sender).Send(std::make_unique<int>(7)).has_value();
    });
    receiver.Close();
    const bool received = receiver.TryReceive().has_value();
    sending.join();
    const bool later = receiver.TryReceive().has_value();
    model::Assert(int{refused} + int{received} + int{later} == 1,
                  "the value is in one place");
  });
}

TEST(OneshotModel, AReceiverThatGoesWhileAValueIsSent) {
  ModelCheck([] {
    auto [sender, receiver] = Oneshot<Box>();
    ModelParker parker;
    {
      const Waker waker = parker.MakeWaker();
      Context context(waker);
      (void)receiver.Poll(context);
    }
    Thread sending([sender = std::move(sender)]() mutable {
      (void)std::move(sender).Send(std::make_unique<int>(7));
    });
    { const OneshotReceiver<Box> gone = std::move(receiver); }
    sending.join();
  });
}

}  // namespace
}  // namespace weft
