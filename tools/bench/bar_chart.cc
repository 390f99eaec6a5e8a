// The comparison as text and as a picture. The picture looks like those of
// tools/compare/svg.py.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/tools/bench/comparison.h"
#include "weft/tools/bench/names.h"

namespace weft::bench {
namespace {

// ---- Both. ----

std::string Decimals(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

// Three digits that matter.
std::string Digits(double value) {
  return Decimals(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

double Longest(const BarGroup& group) {
  double longest = 0;
  for (const Bar& bar : group.bars) longest = std::max(longest, bar.time);
  return longest;
}

// How long a bar is where the longest is as long as `whole`.
double Length(const Bar& bar, const BarGroup& group, double whole) {
  const double longest = Longest(group);
  return longest > 0 ? whole * bar.time / longest : 0;
}

std::string SpeedupText(const Bar& bar, const BarGroup& group) {
  if (&bar == &group.bars.front()) return "";
  return Decimals(bar.speedup.median, 2) + " times as fast (" +
         Decimals(bar.speedup.low, 2) + " to " + Decimals(bar.speedup.high, 2) +
         ")";
}

// ---- Text. ----

constexpr int kColumns = 40;

std::string Padded(std::string_view text, std::size_t width) {
  return std::string(text) +
         std::string(width - std::min(width, text.size()), ' ');
}

std::string Blocks(int count) {
  std::string bar;
  for (int i = 0; i < count; ++i) bar += "\u2588";
  return bar;
}

// ---- A picture. ----

constexpr int kWidth = 800;
constexpr int kRight = 230;  // room for the numbers after the longest bar
constexpr int kBarHeight = 13;
constexpr int kGap = 12;
constexpr int kTop = 64;
constexpr int kMargin = 12;
constexpr int kLetter = 7;  // the width of one, about

std::string_view ColourOf(std::string_view scheduler) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6>
      kColours = {{{kWeft, "#d1495b"},
                   {kSingleQueue, "#6b6570"},
                   {kSharded, "#00a19a"},
                   {kTokio01, "#30638e"},
                   {kRamping, "#e0a030"},
                   {kCycling, "#7a5195"}}};
  for (const auto& [name, colour] : kColours) {
    if (name == scheduler) return colour;
  }
  return "#999999";
}

std::string Text(double x, double y, std::string_view text,
                 std::string_view anchor = "start",
                 std::string_view weight = "normal") {
  return "<text x=\"" + Decimals(x, 0) + "\" y=\"" + Decimals(y, 0) +
         "\" text-anchor=\"" + std::string(anchor) + "\" font-weight=\"" +
         std::string(weight) + "\">" + std::string(text) + "</text>\n";
}

std::string Rectangle(double x, double y, double width, double height,
                      std::string_view colour) {
  return "<rect x=\"" + Decimals(x, 0) + "\" y=\"" + Decimals(y, 0) +
         "\" width=\"" + Decimals(std::max(width, 1.0), 1) + "\" height=\"" +
         Decimals(height, 0) + "\" fill=\"" + std::string(colour) + "\"/>\n";
}

std::string Legend(const std::vector<BarGroup>& groups) {
  std::string text;
  int x = kMargin;
  if (groups.empty()) return text;
  for (const Bar& bar : groups.front().bars) {
    text += Rectangle(x, 36, 10, 10, ColourOf(bar.scheduler));
    text += Text(x + 15, 45, bar.scheduler);
    x += 32 + kLetter * static_cast<int>(bar.scheduler.size());
  }
  return text;
}

}  // namespace

std::string BarChart(const std::vector<BarGroup>& groups) {
  const Titles titles = TitlesOf(groups);
  std::string text = titles.whole + "\n";
  std::size_t names = 0;
  for (const BarGroup& group : groups) {
    for (const Bar& bar : group.bars) {
      names = std::max(names, bar.scheduler.size());
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    text += "\n" + titles.groups[i] + "\n";
    for (const Bar& bar : groups[i].bars) {
      const int length = std::max(
          1, static_cast<int>(std::lround(Length(bar, groups[i], kColumns))));
      text += "  " + Padded(bar.scheduler, names) + "  " + Blocks(length) +
              " " + Digits(bar.time);
      const std::string speedup = SpeedupText(bar, groups[i]);
      text += speedup.empty() ? "\n" : "  " + speedup + "\n";
    }
  }
  return text;
}

std::string SvgChart(const std::vector<BarGroup>& groups) {
  const Titles titles = TitlesOf(groups);
  std::size_t letters = 0;
  for (const std::string& title : titles.groups) {
    letters = std::max(letters, title.size());
  }
  const int left = kMargin + 8 + kLetter * static_cast<int>(letters);
  const int longest = kWidth - left - kRight;
  std::string body =
      Text(kMargin, 22, titles.whole + "; each group has a scale of its own",
           "start", "bold") +
      Legend(groups);
  int y = kTop;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    body += Text(left - 8, y + kBarHeight - 2, titles.groups[i], "end");
    for (const Bar& bar : groups[i].bars) {
      const double length = Length(bar, groups[i], longest);
      body +=
          Rectangle(left, y, length, kBarHeight - 2, ColourOf(bar.scheduler));
      const std::string speedup = SpeedupText(bar, groups[i]);
      body += Text(left + length + 5, y + kBarHeight - 3,
                   Digits(bar.time) + (speedup.empty() ? "" : ", " + speedup));
      y += kBarHeight;
    }
    y += kGap;
  }
  const std::string size =
      std::to_string(kWidth) + "\" height=\"" + std::to_string(y) + "\"";
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size +
         " font-family=\"sans-serif\" font-size=\"11\">\n"
         "<rect width=\"" +
         size + " fill=\"#ffffff\"/>\n" + body + "</svg>\n";
}

}  // namespace weft::bench
