// A pool of one's own, from Weft's parts: two lanes, urgent tasks first.
//
// Task, injector, idle protocol and parker are Weft's; what runs next is ours.

#include <atomic>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "weft/base/fence.h"
#include "weft/queue/injector.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/worker/idle.h"
#include "weft/worker/parker.h"

class TwoLanePool final : public weft::TaskScheduler {
 public:
  explicit TwoLanePool(int threads) : idle_(threads), parkers_(threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, i] { Work(i); });
    }
  }
  ~TwoLanePool() {
    stopping_ = true;
    for (auto& parker : parkers_) parker.Unpark();
    for (auto& thread : threads_) thread.join();
  }

  template <class T>
  weft::JoinHandle<T> Spawn(weft::Task<T> body, bool urgent = false) {
    weft::TaskHeader* task = std::move(body).Release(/*joinable=*/true);
    weft::JoinHandle<T> handle(task);
    task->Bind(this);
    Push(urgent ? urgent_ : normal_, task);
    return handle;
  }

  // What a task needs of its pool. One that was woken is urgent here.
  void Schedule(weft::TaskHeader* task) noexcept override {
    Push(urgent_, task);
  }
  void ScheduleYield(weft::TaskHeader* task) noexcept override {
    Push(normal_, task);
  }
  void Release(weft::TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override { std::terminate(); }

 private:
  using Lane = weft::Injector<weft::TaskHeader>;

  void Push(Lane& lane, weft::TaskHeader* task) {
    if (lane.Push(task)) WakeOne();
  }
  void WakeOne() {
    if (auto sleeper = idle_.Claim()) parkers_[*sleeper].Unpark();
  }
  bool Empty() const { return urgent_.Empty() && normal_.Empty(); }

  void Work(int self) {
    while (!stopping_) {
      weft::TaskHeader* task = urgent_.Pop();
      if (task == nullptr) task = normal_.Pop();
      task != nullptr ? task->Run() : Sleep(self);
    }
  }

  void Sleep(int self) {
    (void)idle_.Announce(self, /*searching=*/false);
    weft::FullFence();  // work that was pushed before is seen, or we are
    if (Empty()) parkers_[self].Park();
    // Woken for work: hand the wake on if there is more than we can take.
    if (idle_.Retract(self) && idle_.StopSearching(self) && !Empty()) WakeOne();
  }

  Lane urgent_, normal_;
  weft::Idle idle_;
  std::vector<weft::FutexParker> parkers_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

weft::Task<> Say(const char* what) {
  std::printf("%s\n", what);
  co_return;
}

weft::Task<> Demo(TwoLanePool& pool) {
  auto first = pool.Spawn(Say("normal, spawned first"));
  auto second = pool.Spawn(Say("urgent, spawned second"), /*urgent=*/true);
  (co_await first).value();
  (co_await second).value();
}

int main() {
  TwoLanePool pool(/*threads=*/1);
  pool.Spawn(Demo(pool)).Join().value();
}
