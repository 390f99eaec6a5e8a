// What a test asks of the checker.

#ifndef WEFT_MODEL_OPTIONS_H_
#define WEFT_MODEL_OPTIONS_H_

#include <chrono>
#include <cstdint>

namespace weft::model {

/// How the behaviours of a test are walked through.
enum class SearchKind : uint8_t {
  kExhaustive,  ///< Every behaviour, each once.
  kPct,         ///< Random priorities with few changes (PCT).
  kPos,         ///< Random priorities, drawn anew for racing steps (POS).
  kWalk,        ///< Each step by a random thread.
};

/// See Options::timeouts.
enum class Timeouts : uint8_t {
  kChoice,     ///< At any time, or not at all.
  kWhenStuck,  ///< When no thread can go on otherwise.
};

struct Options {
  /// Stop after this many runs of the test; 0: no limit. The environment's
  /// MODEL_MAX_EXECUTIONS overrides it.
  uint64_t max_executions = 0;

  /// Stop after this time. MODEL_MAX_SECONDS overrides it.
  std::chrono::nanoseconds max_time = std::chrono::seconds(60);

  /// Explore only what can be reached by at most this many decisions that are
  /// not the default; -1: everything. MODEL_MAX_DEVIATIONS overrides it.
  int max_deviations = -1;

  SearchKind search = SearchKind::kExhaustive;

  /// Of the searches that sample: how many runs, and the seed.
  uint64_t iterations = 10000;
  uint64_t seed = 1;

  /// A failure gets a report and a replay token (Result), which takes another
  /// run of the test and, for some failures, a look at debug information.
  bool explain = true;

  /// The test samples: reaching a limit is no failure.
  bool samples = false;

  /// Go on after a deadlock, and count them.
  bool stop_at_deadlock = true;

  /// Count the different graphs of complete executions (slow; for tests of the
  /// checker itself).
  bool count_distinct = false;

  /// When timed waits time out.
  Timeouts timeouts = Timeouts::kChoice;

  /// Of kChoice: how many such choices each thread makes in one execution;
  /// later time-outs are as in kWhenStuck.
  uint32_t max_timeouts = 1;

  /// Waits may wake for no reason, at most once per place in the source and
  /// thread.
  bool spurious_wakeups = false;

  /// compare_exchange_weak may fail for no reason, once per place in the source
  /// and thread.
  bool weak_cas_fails = true;

  /// An allocation may get the address of a freed block.
  bool reuse_addresses = false;

  /// Memory that is not freed when all threads have ended is a failure.
  bool check_leaks = true;

  /// Say on standard error, once a second, how far the exploration is.
  bool show_progress = true;

  /// More steps of one thread are a failure.
  uint32_t max_events = 2000;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_OPTIONS_H_
