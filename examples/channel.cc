// Many to one: three tasks look for primes, one prints what they find. The
// channel holds eight numbers; who finds more waits for the printer.

#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

#include "weft/pool/pool.h"
#include "weft/sync/mpsc.h"

namespace {

bool IsPrime(std::uint64_t n) {
  for (std::uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return n > 1;
}

weft::Task<> FindPrimes(std::uint64_t from, std::uint64_t to,
                        weft::MpscSender<std::uint64_t> found) {
  for (std::uint64_t n = from; n < to; ++n) {
    if (!IsPrime(n)) continue;
    auto refused = co_await found.Send(n);
    if (refused) co_return;  // nobody listens any more
  }
}

weft::Task<> PrintTwenty() {
  auto [sender, receiver] = weft::Mpsc<std::uint64_t>(8);
  for (std::uint64_t part : {1, 2, 3}) {
    weft::SpawnDetached(
        FindPrimes(part * 1'000'000, (part + 1) * 1'000'000, sender));
  }
  { auto last = std::move(sender); }  // the finders have theirs
  for (int i = 0; i < 20; ++i) {
    std::optional<std::uint64_t> prime = co_await receiver.Receive();
    if (!prime) break;  // all finders are done
    std::printf("%llu\n", static_cast<unsigned long long>(*prime));
  }
}

}  // namespace

int main() {
  weft::Pool pool;
  pool.BlockOn(PrintTwenty());
}
