#include "weft/examples/flowlang/picture.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace flowlang {
namespace {

constexpr std::string_view kColours[] = {"#4e79a7", "#f28e2b", "#59a14f",
                                         "#b07aa1", "#76b7b2", "#e15759",
                                         "#9c755f", "#edc948"};
constexpr int kMargin = 10;
constexpr int kTimeColumn = 80;
constexpr int kBoxWidth = 230;
constexpr int kGap = 90;  // between the boxes of two workers
constexpr int kBoxHeight = 16;
constexpr int kRow = 24;
constexpr int kLane = 14;
constexpr int kHead = 44;

std::string_view ColourOf(int worker) {
  return kColours[static_cast<std::size_t>(worker) % std::size(kColours)];
}

// Plain text for XML; what is not printable ASCII becomes a point.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      escaped += absl::ascii_isprint(c) ? c : '.';
    }
  }
  return escaped;
}

double Microseconds(NodeRecord::Time::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

class Picture {
 public:
  Picture(const Source& source, const Recorder& recorder)
      : source_(source),
        recorder_(recorder),
        records_(recorder.Records()),
        rows_(static_cast<int>(
            std::min<std::size_t>(records_.size(), kMostRows))) {}

  std::string Draw() {
    const int strips = kHead + recorder_.workers() * (kLane + 2);
    top_ = strips + 30;
    const int height = top_ + rows_ * kRow + kMargin;
    svg_ = absl::StrFormat(
        "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
        "font-family='sans-serif' font-size='11'>\n"
        "<rect width='100%%' height='100%%' fill='white'/>\n"
        "<defs><marker id='arrow' viewBox='0 0 6 6' refX='6' refY='3' "
        "markerWidth='6' markerHeight='6' orient='auto'>"
        "<path d='M0,0 L6,3 L0,6 z' fill='#555'/></marker></defs>\n",
        Width(), height);
    DrawHead();
    DrawStrips();
    for (int row = 0; row < rows_; ++row) DrawEdges(row);
    for (int row = 0; row < rows_; ++row) DrawBox(row);
    return svg_ + "</svg>\n";
  }

 private:
  int Width() const {
    return kMargin + kTimeColumn + recorder_.workers() * (kBoxWidth + kGap);
  }
  int Left(int row) const {
    return kMargin + kTimeColumn + records_[row].worker * (kBoxWidth + kGap);
  }
  int Top(int row) const { return top_ + row * kRow; }
  int Middle(int row) const { return Top(row) + kBoxHeight / 2; }
  double Since(NodeRecord::Time time) const {
    return Microseconds(time - recorder_.start());
  }

  // The row of a node that is drawn, or -1. Numbers begin at 1, and a dropped
  // one is higher than all that are there.
  int RowOf(NodeId id) const {
    const int row = static_cast<int>(id) - 1;
    return row < rows_ ? row : -1;
  }

  void Text(int x, int y, std::string_view text, std::string_view more = "") {
    absl::StrAppend(&svg_, "<text x='", x, "' y='", y, "' ", more, ">",
                    Escaped(text), "</text>\n");
  }

  void DrawHead() {
    Text(kMargin, 18,
         absl::StrCat(
             source_.name(), ": ", recorder_.nodes(), " nodes on ",
             recorder_.workers(), " workers",
             recorder_.nodes() > records_.size() || records_.size() > kMostRows
                 ? absl::StrCat("; below the first ", rows_)
                 : ""),
         "font-size='14'");
    Text(kMargin, 34,
         "Solid: a value that was waited for. Dashed: the call that made it. "
         "Point at a box for more.",
         "fill='#555'");
  }

  // When each worker was busy, in real proportion. What is closer together than
  // a third of a point is one.
  void DrawStrips() {
    if (records_.empty()) return;
    const double width = Width() - 2 * kMargin - kTimeColumn;
    double last = 0;
    for (const NodeRecord& r : records_) last = std::max(last, Since(r.end));
    const double first = Since(records_.front().begin);
    const double scale = width / std::max(last - first, 1.0);
    for (int worker = 0; worker < recorder_.workers(); ++worker) {
      const int y = kHead + worker * (kLane + 2);
      Text(kMargin, y + 11, absl::StrCat("worker ", worker));
      double from = 0;
      double to = -1;
      const auto flush = [&] {
        if (to < 0) return;
        absl::StrAppendFormat(&svg_,
                              "<rect x='%.1f' y='%d' width='%.1f' height='%d' "
                              "fill='%s'/>\n",
                              kMargin + kTimeColumn + from, y,
                              std::max(to - from, 0.3), kLane,
                              ColourOf(worker));
      };
      for (const NodeRecord& record : records_) {
        if (record.worker != worker) continue;
        const double x = (Since(record.begin) - first) * scale;
        if (x > to + 0.3) {
          flush();
          from = x;
        }
        to = std::max(to, (Since(record.end) - first) * scale);
      }
      flush();
    }
    const int y = kHead + recorder_.workers() * (kLane + 2) + 12;
    Text(kMargin + kTimeColumn, y, "0", "fill='#555'");
    Text(Width() - kMargin, y, absl::StrFormat("%.0f us", last - first),
         "fill='#555' text-anchor='end'");
  }

  void DrawEdges(int row) {
    const NodeRecord& record = records_[row];
    std::vector<int> inputs;
    for (NodeId id : record.inputs) {
      if (id == 0 || id == record.made_by || RowOf(id) < 0) continue;
      if (std::ranges::count(inputs, RowOf(id)) != 0) continue;
      inputs.push_back(RowOf(id));
      DrawEdge(RowOf(id), row, "stroke='#555' marker-end='url(#arrow)'");
    }
    if (record.made_by != 0 && RowOf(record.made_by) >= 0) {
      DrawEdge(RowOf(record.made_by), row,
               "stroke='#aaa' stroke-dasharray='3,3'");
    }
  }

  // To the other column straight; within one by its right side.
  void DrawEdge(int from, int to, std::string_view style) {
    const bool same = records_[from].worker == records_[to].worker;
    const bool right = Left(from) < Left(to);
    const int x0 = Left(from) + (same || right ? kBoxWidth : 0);
    const int x1 = Left(to) + (same || !right ? kBoxWidth : 0);
    const int bend =
        same ? std::min(12 + 4 * std::abs(to - from), kGap - 10) : kGap / 2;
    absl::StrAppendFormat(
        &svg_, "<path d='M%d,%d C%d,%d %d,%d %d,%d' fill='none' %s/>\n", x0,
        Middle(from), x0 + (same || right ? bend : -bend), Middle(from),
        x1 + (same || !right ? bend : -bend), Middle(to), x1, Middle(to),
        style);
  }

  void DrawBox(int row) {
    const NodeRecord& record = records_[row];
    const double begin = Microseconds(record.begin - records_.front().begin);
    Text(kMargin, Middle(row) + 4, absl::StrFormat("%.1f us", begin),
         "fill='#555'");
    absl::StrAppendFormat(
        &svg_,
        "<g><title>%s\nnode %d at %s\nworker %d, at %.1f us, for %.1f us"
        "</title><rect x='%d' y='%d' width='%d' height='%d' rx='3' "
        "fill='%s'/>",
        Escaped(record.label), record.id, source_.Place(record.position),
        record.worker, begin, Microseconds(record.end - record.begin),
        Left(row), Top(row), kBoxWidth, kBoxHeight, ColourOf(record.worker));
    constexpr std::size_t kFits = 38;
    Text(Left(row) + 4, Top(row) + 12, record.label.substr(0, kFits),
         "fill='white'");
    svg_ += "</g>\n";
  }

  const Source& source_;
  const Recorder& recorder_;
  const std::vector<NodeRecord> records_;
  const int rows_;
  int top_ = 0;
  std::string svg_;
};

}  // namespace

std::string DrawGraph(const Source& source, const Recorder& recorder) {
  return Picture(source, recorder).Draw();
}

}  // namespace flowlang
