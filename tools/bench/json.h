#ifndef WEFT_TOOLS_BENCH_JSON_H_
#define WEFT_TOOLS_BENCH_JSON_H_

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weft::bench {

/// Writes JSON text, piece by piece:
///
///     JsonWriter json;
///     json.BeginObject();
///     json.Key("rounds").Number(3);
///     json.Key("cells").BeginArray();
///     json.EndArray();
///     json.EndObject();
///     std::string text = json.Take();
///
/// Sets the commas and the indentation; the caller sees to it that what it
/// begins it ends, and that an object's values have keys.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Begin('{'); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& BeginArray() { return Begin('['); }
  JsonWriter& EndArray() { return End(']'); }

  /// The name of the value that comes next.
  JsonWriter& Key(std::string_view key) {
    BeforeValue();
    Quote(key);
    text_ += ": ";
    after_key_ = true;
    return *this;
  }

  /// UTF-8 text.
  JsonWriter& String(std::string_view value) {
    BeforeValue();
    Quote(value);
    return *this;
  }
  JsonWriter& Bool(bool value) {
    BeforeValue();
    text_ += value ? "true" : "false";
    return *this;
  }
  /// The shortest text that reads back as the same number. JSON has no
  /// infinities and no NaN: null.
  JsonWriter& Number(double value) {
    BeforeValue();
    if (std::isfinite(value)) {
      AppendNumber(value);
    } else {
      text_ += "null";
    }
    return *this;
  }
  template <std::integral T>
  JsonWriter& Number(T value) {
    BeforeValue();
    AppendNumber(value);
    return *this;
  }

  /// The text, with a newline at its end. The writer is empty afterwards.
  std::string Take() {
    std::string text = std::move(text_) + "\n";
    *this = JsonWriter();
    return text;
  }

 private:
  JsonWriter& Begin(char bracket) {
    BeforeValue();
    text_ += bracket;
    empty_.push_back(true);
    return *this;
  }
  JsonWriter& End(char bracket) {
    const bool empty = empty_.back();
    empty_.pop_back();
    if (!empty) NewLine();
    text_ += bracket;
    return *this;
  }

  // The comma and the new line that belong in front of what comes.
  void BeforeValue() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (empty_.empty()) return;
    if (!empty_.back()) text_ += ',';
    empty_.back() = false;
    NewLine();
  }
  void NewLine() {
    text_ += '\n';
    text_.append(2 * empty_.size(), ' ');
  }

  template <class T>
  void AppendNumber(T value) {
    char digits[32];
    const auto result = std::to_chars(digits, digits + sizeof(digits), value);
    text_.append(digits, result.ptr);
  }

  void Quote(std::string_view value) {
    static constexpr char kHex[] = "0123456789abcdef";
    text_ += '"';
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (c == '\n') {
        text_ += "\\n";
      } else if (byte < 0x20) {
        text_ += "\\u00";
        text_ += kHex[byte >> 4];
        text_ += kHex[byte & 15];
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  std::string text_;
  // Of each object and array that has begun: whether nothing is in it yet.
  std::vector<bool> empty_;
  bool after_key_ = false;
};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_JSON_H_
