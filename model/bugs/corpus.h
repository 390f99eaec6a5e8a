// How an entry of the bug corpus is written: a program in two variants. The
// checker must find the bug of one, and must explore the other completely
// without finding anything.

#ifndef WEFT_MODEL_BUGS_CORPUS_H_
#define WEFT_MODEL_BUGS_CORPUS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <vector>

#include "weft/model/options.h"
#include "weft/model/verdict.h"

namespace weft::model::bugs {

inline constexpr auto kRelaxed = std::memory_order_relaxed;
inline constexpr auto kAcquire = std::memory_order_acquire;
inline constexpr auto kRelease = std::memory_order_release;
inline constexpr auto kAcqRel = std::memory_order_acq_rel;
inline constexpr auto kSc = std::memory_order_seq_cst;

/// What the checker must say of the buggy variant.
struct Bug {
  const char* source;  ///< Project and issue, or "textbook".
  Verdict verdict;
  const char* message = "";  ///< Part of the failure's message.
  Options options = {};      ///< Of both variants.
};

/// The place where it is called, as the last argument of an operation:
///
///     slot.Get(Suspect());
///
/// The failure must name no other places than those. A program without any
/// leaves the places open.
std::source_location Suspect(
    std::source_location where = std::source_location::current());

/// Explores both variants of the program and expects the bug, with its verdict,
/// message and places, in the one, and nothing in the other. The program is
/// called with whether it is to be the fixed variant.
void Examine(const Bug& bug, const std::function<void(bool fixed)>& program);

/// What Examine saw.
struct Row {
  std::string test;
  std::string source;
  std::string verdict;  ///< The one that was found.
  uint64_t find_runs = 0;
  double find_seconds = 0;
  uint64_t prove_runs = 0;
  uint64_t prove_complete = 0;
  double prove_seconds = 0;
};

/// Of all calls of Examine so far.
const std::vector<Row>& Rows();

}  // namespace weft::model::bugs

#endif  // WEFT_MODEL_BUGS_CORPUS_H_
