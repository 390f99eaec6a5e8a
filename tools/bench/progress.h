#ifndef WEFT_TOOLS_BENCH_PROGRESS_H_
#define WEFT_TOOLS_BENCH_PROGRESS_H_

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace weft::bench {

/// One line on a terminal that says what is being done; written over by the
/// next. Silent if the stream is no terminal. One thread.
class ProgressLine {
 public:
  explicit ProgressLine(std::FILE* stream)
      : stream_(stream), visible_(isatty(fileno(stream)) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { Clear(); }

  bool visible() const { return visible_; }

  /// Shows `text`, cut off where a narrow terminal would wrap it; ten times a
  /// second at most, so that it does not disturb what is measured.
  void Show(const std::string& text) {
    if (!visible_) return;
    const auto now = std::chrono::steady_clock::now();
    if (shown_ && now - last_ < kInterval) return;
    last_ = now;
    shown_ = true;
    std::fprintf(stream_, "\r%s\x1b[K", text.substr(0, kWidth).c_str());
    std::fflush(stream_);
  }

  /// Takes the line away, before something else is written there.
  void Clear() {
    if (!shown_) return;
    shown_ = false;
    std::fputs("\r\x1b[K", stream_);
    std::fflush(stream_);
  }

 private:
  static constexpr std::size_t kWidth = 79;
  static constexpr std::chrono::milliseconds kInterval{100};

  std::FILE* const stream_;
  const bool visible_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_PROGRESS_H_
