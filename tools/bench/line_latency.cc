#include "weft/tools/bench/line_latency.h"

#include <chrono>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"

namespace weft::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxRoundTrips = 1'000;
constexpr std::chrono::milliseconds kMaxTime{5};
// The clock costs about as much as a trip.
constexpr int kTripsPerClock = 10;
// If the two threads share a processor, waiting longer is of no use.
constexpr int kSpins = 200;

// Counts up: odd when the measuring thread has thrown it, even when its partner
// has. Relaxed everywhere: nothing but the number passes from thread to thread.
class alignas(kFalseSharingRange) Ball {
 public:
  static constexpr int kGameOver = -1;

  void Throw(int number) { number_.store(number, std::memory_order_relaxed); }

  // Waits while it has the number `number`, and returns the next.
  int WaitWhile(int number) const {
    for (int i = 1;; ++i) {
      const int now = number_.load(std::memory_order_relaxed);
      if (now != number) return now;
      if (i % kSpins == 0) {
        YieldThread();
      } else {
        CpuRelax();
      }
    }
  }

 private:
  atomic<int> number_{0};
};

void Partner(Ball& ball) {
  int number = 0;
  while ((number = ball.WaitWhile(number)) != Ball::kGameOver) {
    ball.Throw(++number);
  }
}

int RoundTrip(Ball& ball, int number) {
  ball.Throw(number + 1);
  return ball.WaitWhile(number + 1);
}

}  // namespace

double MeasureLineLatency() {
  Ball ball;
  Thread partner([&ball] { Partner(ball); });
  // Waits for the thread to start.
  int number = RoundTrip(ball, 0);
  const auto begin = Clock::now();
  auto end = begin;
  int trips = 0;
  while (trips < kMaxRoundTrips && end - begin < kMaxTime) {
    for (int i = 0; i < kTripsPerClock; ++i) number = RoundTrip(ball, number);
    trips += kTripsPerClock;
    end = Clock::now();
  }
  ball.Throw(Ball::kGameOver);
  partner.join();
  return std::chrono::duration<double, std::nano>(end - begin).count() /
         (2 * trips);
}

}  // namespace weft::bench
