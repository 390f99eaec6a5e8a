#ifndef WEFT_WORKER_INBOX_H_
#define WEFT_WORKER_INBOX_H_

#include <cstdint>

#include "weft/task/header.h"

namespace weft {

/// In place of a worker's inbox, for workers that any of their siblings can
/// help. Costs nothing.
struct NoInbox {
  std::uint32_t Size() const { return 0; }
  TaskHeader* Pop() { return nullptr; }
};

namespace worker_internal {

template <class Policies>
struct InboxOf {
  using Type = NoInbox;
  static constexpr bool kPinned = false;
};
template <class Policies>
requires requires { typename Policies::Inbox; }
struct InboxOf<Policies> {
  using Type = typename Policies::Inbox;
  static constexpr bool kPinned = true;
};

}  // namespace worker_internal

/// Whether tasks are pinned: each worker has an inbox (`Policies::Inbox`, an
/// InjectorQueue), through which alone other threads hand it tasks, and runs
/// what comes there and what becomes runnable on itself, and nothing else.
/// Nobody searches, steals, or tells others of a surplus; the shared injector
/// stays empty.
template <class Policies>
inline constexpr bool kPinned = worker_internal::InboxOf<Policies>::kPinned;

}  // namespace weft

#endif  // WEFT_WORKER_INBOX_H_
