// The idle protocol as a model for the explorer: workers, pushers and their
// rings, one shared access a step, with the store buffers of x86 (TSO) for what
// is stored plainly. The transitions of the idle word are the real ones
// (idle_state.h); Worker::Park, Search, LeaveSearch, Schedule and Enqueue, and
// Idle::Claim and the rest, are retold here step by step.
//
// A task that was found never ends. So the property is work conservation: once
// nobody can move, no work that others may take waits while a worker sleeps.

#ifndef WEFT_WORKER_TESTING_IDLE_MODEL_H_
#define WEFT_WORKER_TESTING_IDLE_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "weft/worker/idle_state.h"

namespace weft::worker_testing {

/// A step of the protocol left out or done wrong.
enum class Mutant : std::uint8_t {
  kNone,
  kNoFence,             // a pusher looks without a fence
  kNoRecheck,           // nobody looks again before it sleeps
  kLastSearcherOnly,    // only the last searcher does (Tokio)
  kSearchersOnly,       // only searchers do (Go before #45867)
  kNoChain,             // a searcher that found work wakes nobody
  kOwnGroupChain,       // it looks for sleepers in its own group only
  kSilentSlot,          // filling the slot beside a queued task wakes nobody
  kSilentMove,          // nor does a batch moved from the injector
  kLookCountsSingles,   // the look counts what thieves leave alone
  kTokenMeansClaimed,   // whoever wakes takes itself for claimed
  kTokenMeansUnclaimed  // or for not claimed
};

/// Somebody who makes work, and runs none of it.
enum class Pusher : std::uint8_t {
  kQueue,    // a worker that pushes into its queue
  kSlot,     // a worker that schedules: slot first, what was there to the queue
  kOutside,  // a thread that is no worker: into the injector
  kMover,    // a worker that takes all of the injector, once: one task to run,
             // the others into its queue
};

struct IdleModelConfig {
  std::uint8_t workers = 2;
  std::uint8_t group_size = 3;
  std::uint8_t asleep = 0;  // how many of them, to begin with
  std::vector<Pusher> pushers;
  std::uint8_t pushes = 2;    // by each
  std::uint8_t queued = 0;    // in the queue of each, to begin with
  bool pops = false;          // pushers also run what they queued
  std::uint8_t injected = 0;  // work in the injector, to begin with
  std::uint8_t pokes = 0;     // tokens that do not come from a claim
  bool finite = false;        // tasks end
  Mutant mutant = Mutant::kNone;
};

class IdleModel {
 public:
  static constexpr int kMaxWorkers = 3;
  static constexpr int kMaxPushers = 2;

  /// Where a thread stands, and two registers.
  struct Thread {
    std::uint8_t pc, a, b, c;
  };
  /// A pusher's queue, slot and store buffer.
  struct Site {
    std::uint8_t head, tail, slot;     // in memory
    std::uint8_t own_tail, own_slot;   // as their owner knows them
    std::uint8_t left;                 // pushes to come
    std::uint8_t buffered, buffer[4];  // kSlotStore, or a tail
    std::uint8_t unused;
  };
  struct State {
    IdleState::Word words[kMaxWorkers];
    Thread workers[kMaxWorkers];
    Thread pushers[kMaxPushers];
    Site sites[kMaxPushers];
    std::uint8_t tokens[kMaxWorkers];
    std::uint8_t injector, pokes;
    std::uint8_t unused[7];
  };

  explicit IdleModel(IdleModelConfig config) : config_(std::move(config)) {}

  State Initial() const {
    State state = {};
    for (std::uint8_t w = 0; w < config_.workers; ++w) {
      const bool asleep = w < config_.asleep;
      state.workers[w].pc = asleep ? kSleeping : kRunning;
      if (asleep) Word(state, w) += IdleState::AnnounceDelta(Member(w), false);
    }
    for (std::size_t p = 0; p < config_.pushers.size(); ++p) {
      state.pushers[p].pc = kPush;
      state.sites[p].left =
          config_.pushers[p] == Pusher::kMover ? 1 : config_.pushes;
      state.sites[p].tail = state.sites[p].own_tail = config_.queued;
    }
    state.injector = config_.injected;
    state.pokes = config_.pokes;
    return state;
  }

  void Steps(const State& state, std::vector<State>* next) const {
    for (std::uint8_t w = 0; w < config_.workers; ++w) {
      StepWorker(state, w, next);
      if (state.pokes > 0 && state.tokens[w] == 0) {
        State& to = Copy(state, next);
        --to.pokes;
        to.tokens[w] = 1;
      }
    }
    for (std::uint8_t p = 0; p < config_.pushers.size(); ++p) {
      StepPusher(state, p, next);
      if (state.sites[p].buffered > 0) Drain(Copy(state, next).sites[p]);
    }
  }

  const char* Wrong(const State& state, bool last) const {
    for (std::uint8_t w = 0; w < config_.workers; ++w) {
      if (IdleState(Word(state, w)).searching() > config_.workers) {
        return "more searchers than workers";
      }
    }
    if (!last) return nullptr;
    bool sleeper = false;
    for (std::uint8_t w = 0; w < config_.workers; ++w) {
      const IdleState idle(Word(state, w));
      const bool sleeps = state.workers[w].pc == kSleeping;
      if (!sleeps && state.workers[w].pc != kBusy) {
        return "a worker waits for a token that never comes";
      }
      if (sleeps != idle.asleep(Member(w))) return "a sleeper's bit is wrong";
      if (idle.searching() != 0) return "somebody counts as searching for ever";
      sleeper |= sleeps;
    }
    if (sleeper && Visible(state)) return "work waits beside a sleeper";
    return nullptr;
  }

  std::string Describe(const State& state) const {
    std::string text;
    char part[96];
    for (int w = 0; w < config_.workers; ++w) {
      const Thread& t = state.workers[w];
      std::snprintf(part, sizeof(part), "W%d %s(%d,%d)%s  ", w, kNames[t.pc],
                    t.a, t.b, state.tokens[w] != 0 ? " token" : "");
      text += part;
    }
    for (std::size_t p = 0; p < config_.pushers.size(); ++p) {
      const Site& s = state.sites[p];
      std::snprintf(part, sizeof(part), "P%d %s head %d tail %d slot %d +%d  ",
                    static_cast<int>(p), kNames[state.pushers[p].pc], s.head,
                    s.tail, s.slot, s.buffered);
      text += part;
    }
    for (int g = 0; g * config_.group_size < config_.workers; ++g) {
      const IdleState idle(state.words[g]);
      std::snprintf(part, sizeof(part), "G%d sleep %x search %d  ", g,
                    idle.sleepers(), idle.searching());
      text += part;
    }
    return text + "injector " + std::to_string(state.injector);
  }

 private:
  enum Pc : std::uint8_t {
    kRunning,    // FindWork, not counted: the injector, then StartSearching
    kThrottle,   // StartSearching, the load
    kCountSelf,  // StartSearching, the read-modify-write
    kFindWork,   // FindWork, counted: the injector
    kSlot,       // StealFrom site a: the slot, to b
    kHead,       //   the head, to c
    kTail,       //   the tail
    kSteal,      //   the compare-and-swap
    kLast,       // the injector once more
    kFound,      // StopSearching, the read-modify-write
    kSleepers,   // StopSearching, the look at group a
    kAnnounce,   // Announce; a: whether it was counted
    kLook,       // WorkVisible: the injector. b: 1 before sleep, 0 in a chain
    kLookHead,   //   site a: the head, to c
    kLookTail,   //   the tail; c is then its length
    kLookSlot,   //   the slot
    kClaimSelf,  // ClaimSelf
    kAwait,      // it was claimed meanwhile: waits for the token
    kSleeping,   // waits for a token
    kRetract,    // Retract
    kBusy,       // runs a task
    kPush,       // a pusher between pushes
    kMove,       // a mover with a batch of a tasks in its hands
    kSurplus,    // NotifyOfSurplus: the head
    kFence,      // Claim: the fence
    kSearchers,  //   does anybody search in group a
    kClaim,      //   ClaimIn group a
    kUnpark,     // the token for worker a
  };
  static constexpr const char* kNames[] = {
      "running",   "throttle",   "count self", "find work", "slot",
      "head",      "tail",       "steal",      "last",      "found",
      "sleepers",  "announce",   "look",       "look head", "look tail",
      "look slot", "claim self", "await",      "SLEEPING",  "retract",
      "BUSY",      "push",       "move",       "surplus",   "fence",
      "searchers", "claim",      "unpark"};
  static constexpr std::uint8_t kSlotStore = 0xFF;

  bool Is(Mutant mutant) const { return config_.mutant == mutant; }
  int Group(int worker) const { return worker / config_.group_size; }
  std::uint32_t Member(int worker) const {
    return static_cast<std::uint32_t>(worker % config_.group_size);
  }
  int Groups() const { return Group(config_.workers - 1) + 1; }
  std::uint32_t Members(int group) const {
    return static_cast<std::uint32_t>(std::min<int>(
        config_.group_size, config_.workers - group * config_.group_size));
  }
  IdleState::Word& Word(State& state, int worker) const {
    return state.words[Group(worker)];
  }
  IdleState::Word Word(const State& state, int worker) const {
    return state.words[Group(worker)];
  }
  // Without the count of wakes, which would make every state a new one and
  // plays no part here.
  static void Set(IdleState::Word& word, IdleState to) {
    word = to.word() % IdleState::kWake;
  }

  static State& Copy(const State& state, std::vector<State>* next) {
    next->push_back(state);
    return next->back();
  }
  static void Go(Thread& thread, Pc pc, int a = 0, int b = 0, int c = 0) {
    thread = {pc, static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
              static_cast<std::uint8_t>(c)};
  }

  static void Drain(Site& site) {
    const std::uint8_t entry = site.buffer[0];
    std::copy(site.buffer + 1, site.buffer + 4, site.buffer);
    site.buffer[3] = 0;
    --site.buffered;
    (entry == kSlotStore ? site.slot : site.tail) =
        entry == kSlotStore ? 1 : entry;
  }
  static void StoreTail(Site& site, int more) {
    site.own_tail = static_cast<std::uint8_t>(site.own_tail + more);
    site.buffer[site.buffered++] = site.own_tail;
  }
  static void StoreSlot(Site& site) {
    site.own_slot = 1;
    site.buffer[site.buffered++] = kSlotStore;
  }

  bool Visible(const State& state) const {
    bool visible = state.injector > 0;
    for (std::size_t p = 0; p < config_.pushers.size(); ++p) {
      const Site& s = state.sites[p];
      visible |= s.tail - s.head + s.slot >= 2;
    }
    return visible;
  }
  // FromInjector: the first to run; of the small numbers here the rest is at
  // most one, in a queue of its own, and no surplus.
  void TakeShare(State& state) const {
    const int share = (state.injector + config_.workers - 1) / config_.workers;
    state.injector = static_cast<std::uint8_t>(state.injector - share);
  }
  void Run(Thread& thread) const {
    Go(thread, config_.finite ? kRunning : kBusy);
  }

  // After a look, or at the end of a claim.
  void EndLook(Thread& thread, bool visible) const {
    if (thread.b == 1) return Go(thread, visible ? kClaimSelf : kSleeping);
    visible ? Go(thread, kSearchers) : Run(thread);
  }
  void EndClaim(Thread& thread, bool pusher) const {
    pusher ? Go(thread, kPush) : Run(thread);
  }

  // Idle::Claim behind its fence, by a worker or a pusher.
  void StepClaim(State& state, Thread& thread, bool pusher) const {
    if (thread.pc == kUnpark) {
      state.tokens[thread.a] = 1;
      return EndClaim(thread, pusher);
    }
    const IdleState idle(state.words[thread.a]);
    const bool more = thread.a + 1 < Groups();
    if (thread.pc == kSearchers) {
      const bool leave =
          Groups() == 1 ? !idle.needs_waking() : idle.searching() != 0;
      if (leave) return EndClaim(thread, pusher);
      return more ? Go(thread, kSearchers, thread.a + 1) : Go(thread, kClaim);
    }
    if (idle.needs_waking()) {
      const std::uint32_t member = idle.next_to_wake();
      Set(state.words[thread.a], idle.Claimed(member));
      return Go(thread, kUnpark,
                thread.a * config_.group_size + static_cast<int>(member));
    }
    more ? Go(thread, kClaim, thread.a + 1) : EndClaim(thread, pusher);
  }

  void StepWorker(const State& state, std::uint8_t w,
                  std::vector<State>* next) const {
    const Thread& from = state.workers[w];
    if (from.pc == kBusy) return;
    if ((from.pc == kSleeping || from.pc == kAwait) && state.tokens[w] == 0) {
      return;
    }
    State& to = Copy(state, next);
    Thread& t = to.workers[w];
    if (from.pc <= kLast) return StepSearch(to, t, w);
    if (from.pc >= kSearchers) return StepClaim(to, t, /*pusher=*/false);
    StepSleep(to, t, w);
  }

  void StepSearch(State& to, Thread& t, int w) const {
    const IdleState idle(Word(to, w));
    const Site& site = to.sites[t.a];
    switch (t.pc) {
      case kRunning:
        if (to.injector == 0) return Go(t, kThrottle);
        TakeShare(to);
        return Run(t);
      case kThrottle:
        return Go(t,
                  idle.may_search(Members(Group(w))) ? kCountSelf : kAnnounce);
      case kCountSelf:
        Word(to, w) += IdleState::kSearcher;
        return Go(t, kSlot);
      case kFindWork:
      case kLast:
        if (to.injector > 0) {
          TakeShare(to);
          return Go(t, kFound);
        }
        return t.pc == kLast ? Go(t, kAnnounce, 1) : Go(t, kSlot);
      case kSlot:
        if (t.a == config_.pushers.size()) return Go(t, kLast);
        return Go(t, kHead, t.a, site.slot);
      case kHead:
        return Go(t, kTail, t.a, t.b, site.head);
      case kTail: {
        const int leave = t.b != 0 ? 0 : 1;
        return site.tail - t.c > leave ? Go(t, kSteal, t.a, t.b, t.c)
                                       : Go(t, kSlot, t.a + 1);
      }
      default: {  // kSteal: half of what the tail says, of which one stays
        if (site.head != t.c) return Go(t, kHead, t.a, t.b);
        const int queued = site.tail - site.head;
        to.sites[t.a].head =
            static_cast<std::uint8_t>(site.head + queued - queued / 2);
        return Go(t, kFound);
      }
    }
  }

  bool LooksAgain(const IdleState& now, bool was_searching) const {
    if (Is(Mutant::kNoRecheck)) return false;
    if (Is(Mutant::kSearchersOnly)) return was_searching;
    if (Is(Mutant::kLastSearcherOnly) && !was_searching) return false;
    return now.searching() == 0;
  }

  void StepSleep(State& to, Thread& t, int w) const {
    const IdleState idle(Word(to, w));
    const Site& site = to.sites[t.a];
    switch (t.pc) {
      case kFound:
        Word(to, w) -= IdleState::kSearcher;
        if (idle.searching() != 1 || Is(Mutant::kNoChain)) return Run(t);
        return Go(t, kSleepers, Is(Mutant::kOwnGroupChain) ? Group(w) : 0);
      case kSleepers: {
        if (IdleState(to.words[t.a]).sleepers() != 0) return Go(t, kLook);
        const bool more = t.a + 1 < Groups() && !Is(Mutant::kOwnGroupChain);
        return more ? Go(t, kSleepers, t.a + 1) : Run(t);
      }
      case kAnnounce:
        Word(to, w) += IdleState::AnnounceDelta(Member(w), t.a != 0);
        return LooksAgain(IdleState(Word(to, w)), t.a != 0) ? Go(t, kLook, 0, 1)
                                                            : Go(t, kSleeping);
      case kLook:
        if (to.injector > 0) return EndLook(t, true);
        t.pc = kLookHead;
        if (config_.pushers.empty()) EndLook(t, false);
        return;
      case kLookHead:
        return Go(t, kLookTail, t.a, t.b, site.head);
      case kLookTail:
        return Go(t, kLookSlot, t.a, t.b, site.tail - t.c);
      case kLookSlot: {
        const int enough = Is(Mutant::kLookCountsSingles) ? 1 : 2;
        if (t.c + site.slot >= enough) return EndLook(t, true);
        if (t.a + 1u == config_.pushers.size()) return EndLook(t, false);
        return Go(t, kLookHead, t.a + 1, t.b);
      }
      case kClaimSelf:
        if (!idle.asleep(Member(w))) return Go(t, kAwait);
        Set(Word(to, w), idle.Claimed(Member(w)));
        return Go(t, kFindWork);
      case kAwait:
        to.tokens[w] = 0;
        return Go(t, kFindWork);
      case kSleeping:
        to.tokens[w] = 0;
        return Go(t, kRetract);
      default: {  // kRetract
        bool claimed = !idle.asleep(Member(w));
        if (!claimed) Set(Word(to, w), idle.Retracted(Member(w)));
        if (Is(Mutant::kTokenMeansClaimed)) claimed = true;
        if (Is(Mutant::kTokenMeansUnclaimed)) claimed = false;
        return Go(t, claimed ? kFindWork : kRunning);
      }
    }
  }

  void StepPusher(const State& state, std::uint8_t p,
                  std::vector<State>* next) const {
    const Thread& from = state.pushers[p];
    const Site& site = state.sites[p];
    // A locked instruction waits until the store buffer is empty.
    const bool drained = site.buffered == 0;
    if (from.pc == kPush) {
      if (config_.pops && drained && site.head < site.tail) {
        ++Copy(state, next).sites[p].head;
      }
      if (site.left > 0) Push(state, p, drained, next);
      return;
    }
    const bool waits =
        from.pc == kFence ? !Is(Mutant::kNoFence) : from.pc >= kClaim;
    if (waits && !drained) return;
    State& to = Copy(state, next);
    Thread& t = to.pushers[p];
    switch (from.pc) {
      case kMove:
        StoreTail(to.sites[p], from.a);
        return Go(t, Is(Mutant::kSilentMove) ? kPush : kSurplus);
      case kSurplus:
        return Go(
            t, site.own_tail - site.head + site.own_slot >= 2 ? kFence : kPush);
      case kFence:
        return Go(t, kSearchers);
      default:
        return StepClaim(to, t, /*pusher=*/true);
    }
  }

  void Push(const State& state, std::uint8_t p, bool drained,
            std::vector<State>* next) const {
    const Pusher kind = config_.pushers[p];
    const bool fills = kind == Pusher::kSlot && state.sites[p].own_slot == 0;
    // The injector has a lock, and a full slot is exchanged.
    const bool plain = kind == Pusher::kQueue || fills;
    if (!plain && !drained) return;
    State& to = Copy(state, next);
    Site& site = to.sites[p];
    Thread& t = to.pushers[p];
    --site.left;
    if (kind == Pusher::kOutside) {
      ++to.injector;
      return Go(t, kFence);
    }
    if (kind == Pusher::kMover) {
      if (to.injector == 0) return;
      const int batch = to.injector - 1;
      to.injector = 0;
      return batch == 0 ? Go(t, kPush) : Go(t, kMove, batch);
    }
    fills ? StoreSlot(site) : StoreTail(site, 1);
    Go(t, fills && Is(Mutant::kSilentSlot) ? kPush : kSurplus);
  }

  const IdleModelConfig config_;
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_IDLE_MODEL_H_
