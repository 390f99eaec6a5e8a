#include "weft/model/report.h"

#include <algorithm>
#include <vector>

#include "weft/model/drawing.h"
#include "weft/model/explain.h"
#include "weft/model/story.h"

namespace weft::model {
namespace {

/// No line is longer, if it can be helped.
constexpr int kWidth = 130;

/// Steps of a loop that are recognised as one turn, at most.
constexpr size_t kMaxPeriod = 6;

/// Lines of notes and of the legend, at most.
constexpr size_t kMaxNotes = 14;
constexpr size_t kMaxLegend = 8;

std::string Pad(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string Plural(size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

/// Steps side by side: a column for each thread.
class Table {
 public:
  Table(const Story& story, uint32_t threads, size_t max_rows)
      : story_(story), threads_(threads) {
    Fold();
    Choose(max_rows);
    Measure();
  }

  std::string Text() const {
    std::string text = Header();
    size_t left_out = 0;
    uint32_t lanes = 0;
    for (size_t i = 0; i < shown_.size(); ++i) {
      const Line& line = story_.lines()[i];
      if (!shown_[i]) {
        if (line.weight == Weight::kHidden || !HasColumn(line.lane)) continue;
        ++left_out;
        lanes |= uint32_t{1} << line.lane;
        continue;
      }
      text += Gap(left_out, lanes);
      left_out = 0;
      lanes = 0;
      text += Row(line);
    }
    return text + Gap(left_out, lanes);
  }

  /// "T3 (12 steps) has no part in it.", for threads without a column.
  std::string Absent() const {
    std::string text;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      if ((threads_ >> lane & 1) != 0) continue;
      size_t steps = 0;
      for (const Line& line : story_.lines()) {
        steps += line.lane == lane && line.number > 0;
      }
      if (steps == 0) continue;
      text += text.empty() ? "not shown, without a part in it: " : ", ";
      text += Names::Thread(lane) + " (" + Plural(steps, "step") + ")";
    }
    return text;
  }

 private:
  bool HasColumn(int lane) const { return (threads_ >> lane & 1) != 0; }

  // Of a loop of one thread the first and the last turn are enough.
  void Fold() {
    const std::vector<Line>& lines = story_.lines();
    folded_.assign(lines.size(), false);
    std::vector<size_t> seen;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].weight != Weight::kHidden && HasColumn(lines[i].lane)) {
        seen.push_back(i);
      }
    }
    for (size_t i = 0; i < seen.size();) {
      size_t length = 0;
      size_t period = 0;
      for (size_t p = 1; p <= kMaxPeriod; ++p) {
        const size_t n = Repetition(seen, i, p);
        if (n > 3 * p + 2 && n > length) {
          length = n;
          period = p;
        }
      }
      for (size_t k = period; k + period < length; ++k) {
        if (lines[seen[i + k]].weight < Weight::kRelated) {
          folded_[seen[i + k]] = true;
        }
      }
      i += std::max<size_t>(length, 1);
    }
  }

  // How many of these lines, from `begin` on, repeat what stands `period` lines
  // before, these included.
  size_t Repetition(const std::vector<size_t>& seen, size_t begin,
                    size_t period) const {
    size_t end = begin + period;
    for (; end < seen.size(); ++end) {
      const Line& line = story_.lines()[seen[end]];
      const Line& before = story_.lines()[seen[end - period]];
      if (line.lane != before.lane || line.place != before.place) break;
    }
    return end - begin;
  }

  // Which lines are shown: the weightiest, of these the last.
  void Choose(size_t max_rows) {
    const std::vector<Line>& lines = story_.lines();
    shown_.assign(lines.size(), false);
    for (int weight = static_cast<int>(Weight::kKey);
         weight > static_cast<int>(Weight::kHidden); --weight) {
      for (size_t i = lines.size(); i-- > 0;) {
        if (static_cast<int>(lines[i].weight) != weight || folded_[i] ||
            !HasColumn(lines[i].lane)) {
          continue;
        }
        shown_[i] = true;
        // A line that is left out between others costs a line, too.
        if (Rows() > max_rows) {
          shown_[i] = false;
          return;
        }
      }
    }
  }

  size_t Rows() const {
    size_t rows = 0;
    bool gap = false;
    for (size_t i = 0; i < shown_.size(); ++i) {
      const Line& line = story_.lines()[i];
      if (shown_[i]) {
        rows += 1 + gap;
        gap = false;
      } else if (line.weight != Weight::kHidden && HasColumn(line.lane)) {
        gap = true;
      }
    }
    return rows + gap;
  }

  void Measure() {
    for (size_t i = 0; i < shown_.size(); ++i) {
      if (!shown_[i]) continue;
      const Line& line = story_.lines()[i];
      place_width_ = std::max(place_width_, line.place.size());
      width_[line.lane] = std::max(width_[line.lane], line.text.size());
      number_width_ =
          std::max(number_width_, std::to_string(line.number).size());
    }
    // Columns may overlap, since a row has one entry. If there is room they do
    // not.
    const size_t begin = number_width_ + place_width_ + 6;
    size_t sum = begin;
    size_t widest = 0;
    int count = 0;
    int last = 0;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      if (!HasColumn(lane)) continue;
      ++count;
      last = lane;
      width_[lane] = std::max<size_t>(width_[lane], 8) + 2;
      widest = std::max(widest, width_[lane]);
      sum += width_[lane];
    }
    size_t step = 0;  // 0: as wide as they are
    if (sum - width_[last] > kWidth * 2 / 3 && count > 1) {
      const size_t room = kWidth > begin + widest ? kWidth - begin - widest : 0;
      step = std::max<size_t>(6, room / (count - 1));
    }
    size_t at = begin;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      offset_[lane] = at;
      if (HasColumn(lane)) at += step > 0 ? step : width_[lane];
    }
  }

  std::string Header() const {
    std::string text = Pad(
        "  " + std::string(number_width_ - 1, ' ') + "#  place", offset_[0]);
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      if (!HasColumn(lane)) continue;
      text = Pad(text, offset_[lane]) + Names::Thread(lane);
    }
    return text + "\n";
  }

  std::string Row(const Line& line) const {
    const std::string number =
        line.number > 0 ? std::to_string(line.number) : "-";
    std::string text = "  " + std::string(number_width_ - number.size(), ' ') +
                       number + "  " + line.place;
    text = Pad(text, offset_[line.lane]) + line.text;
    if (!line.remark.empty()) text += "  <- " + line.remark;
    return text + "\n";
  }

  std::string Gap(size_t left_out, uint32_t lanes) const {
    if (left_out == 0) return "";
    std::string text = "  " + std::string(number_width_, ' ') + "  ... " +
                       Plural(left_out, "step") + " of ";
    bool first = true;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      if ((lanes >> lane & 1) == 0) continue;
      text += (first ? "" : ", ") + Names::Thread(lane);
      first = false;
    }
    return text + "\n";
  }

  const Story& story_;
  const uint32_t threads_;
  std::vector<bool> folded_;
  std::vector<bool> shown_;
  size_t number_width_ = 1;
  size_t place_width_ = 5;
  size_t width_[kMaxThreads] = {};
  size_t offset_[kMaxThreads] = {};
};

std::string Join(const std::vector<std::string>& lines, size_t most) {
  std::string text;
  for (size_t i = 0; i < std::min(most, lines.size()); ++i) {
    text += lines[i] + "\n";
  }
  if (lines.size() > most) {
    text += "(" + std::to_string(lines.size() - most) + " more)\n";
  }
  return text;
}

size_t CountLines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

std::string WriteReport(const Trace& trace, const ReportFacts& facts) {
  Story story(trace);
  const Explanation explanation = Explain(story);

  std::string head = explanation.headline;
  if (facts.runs > 0) head += ", after " + Plural(facts.runs, "execution");
  head += "\n";
  if (!facts.token.empty()) {
    head += "replay: MODEL_REPLAY=" + facts.token + "\n";
  }
  if (!facts.filter.empty()) head += "        " + facts.filter + "\n";
  const std::string notes = Join(explanation.notes, kMaxNotes);
  const std::string drawn = DrawForEnvironment(story);

  uint32_t threads = explanation.threads;
  if (threads == 0) threads = ~uint32_t{0} >> (32 - kMaxThreads);
  uint32_t used = 0;
  for (const Line& line : story.lines()) used |= uint32_t{1} << line.lane;
  // The header and the absent threads take a line each.
  const size_t other =
      CountLines(head) + CountLines(notes) + CountLines(drawn) + kMaxLegend + 2;
  const Table table(story, threads & used, kMaxReportLines - other);
  std::string text = head + table.Text();
  const std::string absent = table.Absent();
  if (!absent.empty()) text += absent + "\n";
  text += notes + drawn;
  return text + Join(story.names().Legend(text), kMaxLegend - 1);
}

}  // namespace weft::model
