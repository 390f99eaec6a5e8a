#include "weft/examples/build_graph/plan.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace build_graph {
namespace {

// A target as it was written.
struct Entry {
  int line;
  Target target;
  std::vector<std::string> needs;
};
using Numbers = std::unordered_map<std::string, std::size_t>;

absl::Status Error(int line, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

// The targets in the order of the text, and the number of each name.
absl::StatusOr<std::vector<Entry>> ReadEntries(std::string_view text,
                                               Numbers& numbers) {
  std::vector<Entry> entries;
  int number = 0;
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string_view words = absl::StripAsciiWhitespace(line);
    if (words.empty() || words.front() == '#') continue;
    if (absl::ascii_isspace(static_cast<unsigned char>(line.front()))) {
      if (entries.empty()) return Error(number, "a command without a target");
      if (!entries.back().target.command.empty()) {
        return Error(number, absl::StrCat("'", entries.back().target.name,
                                          "' has a command already"));
      }
      entries.back().target.command = std::string(words);
      continue;
    }
    const std::size_t colon = words.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      return Error(number, "expected 'TARGET: NEEDED ...'");
    }
    Entry entry{.line = number, .target = {}, .needs = {}};
    entry.target.name =
        std::string(absl::StripAsciiWhitespace(words.substr(0, colon)));
    entry.needs = absl::StrSplit(words.substr(colon + 1),
                                 absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const auto [at, is_new] =
        numbers.emplace(entry.target.name, entries.size());
    if (!is_new) {
      return Error(number, absl::StrCat("'", entry.target.name,
                                        "' is there twice; see "
                                        "line ",
                                        entries[at->second].line));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Puts each target behind what it needs.
class Sorter {
 public:
  Sorter(std::vector<Entry> entries, const Numbers& numbers)
      : entries_(std::move(entries)),
        numbers_(numbers),
        places_(entries_.size(), kNew) {}

  absl::StatusOr<std::vector<Target>> Sort() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (absl::Status status = Visit(i); !status.ok()) return status;
    }
    return std::move(sorted_);
  }

 private:
  static constexpr std::size_t kNew = ~std::size_t{0};
  static constexpr std::size_t kOpen = kNew - 1;

  absl::Status Visit(std::size_t i) {
    Entry& entry = entries_[i];
    if (places_[i] == kOpen) return Cycle(i);
    if (places_[i] != kNew) return absl::OkStatus();
    places_[i] = kOpen;
    path_.push_back(i);
    for (const std::string& name : entry.needs) {
      const auto needed = numbers_.find(name);
      if (needed == numbers_.end()) {
        return Error(entry.line,
                     absl::StrCat("'", entry.target.name, "' needs '", name,
                                  "', which is no target"));
      }
      if (absl::Status status = Visit(needed->second); !status.ok()) {
        return status;
      }
      entry.target.needs.push_back(places_[needed->second]);
    }
    path_.pop_back();
    places_[i] = sorted_.size();
    sorted_.push_back(std::move(entry.target));
    return absl::OkStatus();
  }

  // The end of the path leads back to `i`.
  absl::Status Cycle(std::size_t i) {
    std::vector<std::string> names;
    for (auto at = std::find(path_.begin(), path_.end(), i); at != path_.end();
         ++at) {
      names.push_back(entries_[*at].target.name);
    }
    names.push_back(names.front());
    return Error(entries_[i].line,
                 absl::StrCat("'", names.front(), "' needs itself: ",
                              absl::StrJoin(names, " -> ")));
  }

  std::vector<Entry> entries_;
  const Numbers& numbers_;
  // Of each entry, where in `sorted_` it is, or what is going on with it.
  std::vector<std::size_t> places_;
  std::vector<std::size_t> path_;
  std::vector<Target> sorted_;
};

}  // namespace

absl::StatusOr<std::vector<Target>> ReadPlan(std::string_view text) {
  Numbers numbers;
  absl::StatusOr<std::vector<Entry>> entries = ReadEntries(text, numbers);
  if (!entries.ok()) return entries.status();
  return Sorter(*std::move(entries), numbers).Sort();
}

}  // namespace build_graph
