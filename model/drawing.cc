#include "weft/model/drawing.h"

#include <cstdlib>
#include <fstream>
#include <string_view>

namespace weft::model {
namespace {

struct Style {
  const char* name;
  const char* color;
};

Style StyleOf(Arrow::Kind kind) {
  switch (kind) {
    case Arrow::Kind::kReadsFrom:
      return {"rf", "#2e7d32"};
    case Arrow::Kind::kSynchronizes:
      return {"sw", "#1565c0"};
    case Arrow::Kind::kModification:
      return {"mo", "#ef6c00"};
    case Arrow::Kind::kReadsBefore:
      return {"fr", "#c62828"};
    case Arrow::Kind::kThread:
      return {"", "#757575"};
  }
  return {"", "black"};
}

bool IsDrawn(const Line& line) {
  return line.number > 0 || line.weight == Weight::kKey;
}

std::string Label(const Line& line) {
  std::string label =
      line.number > 0 ? "#" + std::to_string(line.number) + " " : "";
  label += line.text;
  return line.place.empty() ? label : label + "  " + line.place;
}

std::string Replace(std::string text, std::string_view what,
                    std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string Quoted(std::string text) {
  return "\"" + Replace(Replace(std::move(text), "\\", "\\\\"), "\"", "\\\"") +
         "\"";
}

std::string Escaped(std::string text) {
  return Replace(Replace(Replace(std::move(text), "&", "&amp;"), "<", "&lt;"),
                 ">", "&gt;");
}

/// Adds arrows, if both ends are drawn.
class Collector {
 public:
  explicit Collector(const Story& story)
      : story_(story), graph_(story.trace().graph) {}

  std::vector<Arrow> Collect() {
    for (const Step& step : story_.trace().steps) {
      if (step.is_event()) AddOf(step.event);
    }
    for (int i = 0; i < graph_.location_count(); ++i) {
      const std::vector<EventId>& order = graph_.location(i).order;
      for (size_t at = 2; at < order.size(); ++at) {
        Add(Arrow::Kind::kModification, order[at - 1], order[at]);
      }
    }
    return std::move(arrows_);
  }

 private:
  void AddOf(EventId id) {
    const Event& event = graph_.at(id);
    if (event.is_read()) {
      const Event& source = graph_.at(event.rf);
      const bool publishes = !(source.message == VectorClock());
      const bool acquires = publishes && IsAcquire(event.order);
      Add(acquires ? Arrow::Kind::kSynchronizes : Arrow::Kind::kReadsFrom,
          event.rf, id);
      if (publishes && !acquires) AddFence(event.rf, id);
      const std::vector<EventId>& order = graph_.location(event.location).order;
      const size_t next = static_cast<size_t>(graph_.PositionOf(event.rf)) + 1;
      if (next < order.size()) Add(Arrow::Kind::kReadsBefore, id, order[next]);
    } else if (event.kind == EventKind::kCreate) {
      const auto lane = static_cast<int>(event.value.low);
      if (graph_.size(lane) > 0) Add(Arrow::Kind::kThread, id, {lane, 0});
    } else if (event.kind == EventKind::kJoin) {
      const auto lane = static_cast<int>(event.value.low);
      const int size = graph_.size(lane);
      if (size > 0) Add(Arrow::Kind::kThread, {lane, size - 1}, id);
    }
  }

  // The acquire fence by which a relaxed read synchronises.
  void AddFence(EventId source, EventId read) {
    for (int i = read.index; i < graph_.size(read.thread); ++i) {
      const EventId id(read.thread, i);
      const Event& event = graph_.at(id);
      if (event.kind != EventKind::kFence || !IsAcquire(event.order)) continue;
      return Add(Arrow::Kind::kSynchronizes, source, id);
    }
  }

  void Add(Arrow::Kind kind, EventId from, EventId to) {
    const int a = story_.LineOf(from);
    const int b = story_.LineOf(to);
    if (a < 0 || b < 0 || a == b || from.thread == to.thread) return;
    if (!IsDrawn(story_.lines()[a]) || !IsDrawn(story_.lines()[b])) return;
    arrows_.push_back({kind, a, b});
  }

  const Story& story_;
  const Graph& graph_;
  std::vector<Arrow> arrows_;
};

// --- SVG. ---

class Svg {
 public:
  explicit Svg(const Story& story) : story_(story) {
    row_.assign(story.lines().size(), -1);
    size_t widest = 10;
    for (size_t i = 0; i < row_.size(); ++i) {
      const Line& line = story.lines()[i];
      if (!IsDrawn(line)) continue;
      row_[i] = rows_++;
      widest = std::max(widest, Label(line).size());
      used_ |= uint32_t{1} << line.lane;
    }
    width_ = static_cast<int>(widest) * 7 + 20;
  }

  std::string Text() {
    int columns = 0;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      column_[lane] = columns;
      if ((used_ >> lane & 1) == 0) continue;
      AddText(Left(lane), 24, Names::Thread(lane), "font-weight='bold'");
      ++columns;
    }
    for (size_t i = 0; i < row_.size(); ++i) {
      if (row_[i] >= 0) AddStep(static_cast<int>(i));
    }
    for (const Arrow& arrow : ArrowsOf(story_)) AddArrow(arrow);
    return "<svg xmlns='http://www.w3.org/2000/svg' width='" +
           Number(kMargin * 2 + columns * (width_ + kGap)) + "' height='" +
           Number(Top(rows_) + kMargin) +
           "' font-family='monospace' font-size='12'>\n" + Markers() + text_ +
           "</svg>\n";
  }

 private:
  static constexpr int kMargin = 30;
  static constexpr int kGap = 80;
  static constexpr int kRow = 32;

  static std::string Number(int n) { return std::to_string(n); }

  int Left(int lane) const { return kMargin + column_[lane] * (width_ + kGap); }
  int Top(int row) const { return 40 + row * kRow; }

  static std::string Markers() {
    std::string text = "<defs>";
    for (Arrow::Kind kind :
         {Arrow::Kind::kReadsFrom, Arrow::Kind::kSynchronizes,
          Arrow::Kind::kModification, Arrow::Kind::kReadsBefore,
          Arrow::Kind::kThread}) {
      text += "<marker id='a" + Number(static_cast<int>(kind)) +
              "' orient='auto' markerWidth='8' markerHeight='8' refX='7' "
              "refY='4'><path d='M0,1 L8,4 L0,7 z' fill='" +
              StyleOf(kind).color + "'/></marker>";
    }
    return text + "</defs>\n";
  }

  void AddText(int x, int y, const std::string& text, const std::string& how) {
    text_ += "<text x='" + Number(x) + "' y='" + Number(y) + "' " + how + ">" +
             Escaped(text) + "</text>\n";
  }

  void AddStep(int index) {
    const Line& line = story_.lines()[index];
    const int x = Left(line.lane);
    const int y = Top(row_[index]);
    const bool key = line.weight == Weight::kKey;
    text_ += "<rect x='" + Number(x) + "' y='" + Number(y) + "' width='" +
             Number(width_) + "' height='22' rx='4' fill='" +
             (key ? "#ffebee" : "#fafafa") + "' stroke='" +
             (key ? "#c62828" : "#bdbdbd") + "'><title>" +
             Escaped(line.remark) + "</title></rect>\n";
    AddText(x + 8, y + 15, Label(line), key ? "fill='#c62828'" : "");
  }

  void AddArrow(const Arrow& arrow) {
    const Style style = StyleOf(arrow.kind);
    const int from = story_.lines()[arrow.from].lane;
    const int to = story_.lines()[arrow.to].lane;
    const bool right = column_[from] < column_[to];
    const int x1 = Left(from) + (right ? width_ : 0);
    const int x2 = Left(to) + (right ? 0 : width_);
    const int y1 = Top(row_[arrow.from]) + 11;
    const int y2 = Top(row_[arrow.to]) + 11;
    const int bend = right ? 40 : -40;
    text_ += "<path d='M" + Number(x1) + "," + Number(y1) + " C" +
             Number(x1 + bend) + "," + Number(y1) + " " + Number(x2 - bend) +
             "," + Number(y2) + " " + Number(x2) + "," + Number(y2) +
             "' fill='none' stroke='" + style.color + "' marker-end='url(#a" +
             Number(static_cast<int>(arrow.kind)) + ")'/>\n";
    AddText((x1 + x2) / 2, (y1 + y2) / 2 - 4, style.name,
            std::string("fill='") + style.color + "'");
  }

  const Story& story_;
  std::vector<int> row_;  // of each line; -1: not drawn
  int rows_ = 0;
  uint32_t used_ = 0;
  int width_ = 0;
  int column_[kMaxThreads] = {};
  std::string text_;
};

bool WriteFile(const char* name, const std::string& text) {
  std::ofstream file(name);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace

std::vector<Arrow> ArrowsOf(const Story& story) {
  return Collector(story).Collect();
}

std::string ToDot(const Story& story) {
  std::string text =
      "digraph execution {\n"
      "  node [shape=box, fontname=monospace, fontsize=10];\n"
      "  edge [fontname=monospace, fontsize=9];\n";
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    std::string nodes;
    std::string chain;
    for (size_t i = 0; i < story.lines().size(); ++i) {
      const Line& line = story.lines()[i];
      if (line.lane != lane || !IsDrawn(line)) continue;
      const std::string id = "s" + std::to_string(i);
      nodes +=
          "    " + id + " [label=" + Quoted(Label(line)) +
          (line.weight == Weight::kKey ? ", color=red, fontcolor=red" : "") +
          "];\n";
      chain += (chain.empty() ? "    " : " -> ") + id;
    }
    if (nodes.empty()) continue;
    text += "  subgraph cluster_" + Names::Thread(lane) +
            " {\n    label=" + Quoted(Names::Thread(lane)) + ";\n" + nodes +
            chain + ";\n  }\n";
  }
  for (const Arrow& arrow : ArrowsOf(story)) {
    const Style style = StyleOf(arrow.kind);
    text += "  s" + std::to_string(arrow.from) + " -> s" +
            std::to_string(arrow.to) + " [label=" + Quoted(style.name) +
            ", color=" + Quoted(style.color) +
            ", fontcolor=" + Quoted(style.color) + ", constraint=false];\n";
  }
  return text + "}\n";
}

std::string ToSvg(const Story& story) { return Svg(story).Text(); }

std::string DrawForEnvironment(const Story& story) {
  std::string report;
  const auto draw = [&](const char* variable, auto make) {
    const char* name = std::getenv(variable);
    if (name == nullptr || *name == '\0') return;
    report += WriteFile(name, make(story)) ? "drawn in " : "cannot write ";
    report += std::string(name) + "\n";
  };
  draw("MODEL_DOT", ToDot);
  draw("MODEL_SVG", ToSvg);
  return report;
}

}  // namespace weft::model
