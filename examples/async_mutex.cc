// A mutex that is held across co_await: three tasks talk at once, but each
// finishes its sentence.

#include "weft/sync/async_mutex.h"

#include <array>
#include <cstdio>
#include <vector>

#include "weft/pool/pool.h"
#include "weft/task/yield.h"

namespace {

using Sentence = std::array<const char*, 4>;

weft::Task<> Talk(weft::AsyncMutex& floor, Sentence sentence) {
  for (int i = 0; i < 3; ++i) {
    auto guard = co_await floor.Lock();
    for (const char* word : sentence) {
      std::printf("%s", word);
      co_await weft::YieldNow();  // others run, and wait for the floor
    }
  }
}

weft::Task<> Meeting() {
  weft::AsyncMutex floor;
  std::vector<weft::JoinHandle<void>> talks;
  talks.push_back(weft::Spawn(Talk(floor, {"Let ", "us ", "begin", ".\n"})));
  talks.push_back(weft::Spawn(Talk(floor, {"I ", "have ", "doubts", ".\n"})));
  talks.push_back(weft::Spawn(Talk(floor, {"Is ", "there ", "coffee", "?\n"})));
  for (auto& talk : talks) (co_await talk).value();
}

}  // namespace

int main() {
  weft::Pool pool;
  pool.BlockOn(Meeting());
}
