#include "weft/model/token.h"

#include <cstring>
#include <vector>

namespace weft::model {
namespace {

constexpr std::string_view kPrefix = "g1.";
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// FNV-1a.
class Hash {
 public:
  void Add(uint8_t byte) { state_ = (state_ ^ byte) * 16777619u; }
  void Add(std::string_view text) {
    for (char c : text) Add(static_cast<uint8_t>(c));
  }
  void AddNumber(uint64_t number) {
    for (int i = 0; i < 8; ++i) Add(static_cast<uint8_t>(number >> (8 * i)));
  }
  uint32_t value() const { return state_ == 0 ? 1 : state_; }

 private:
  uint32_t state_ = 2166136261u;
};

using Bytes = std::vector<uint8_t>;

uint32_t Checksum(const Bytes& bytes, size_t count) {
  Hash hash;
  for (size_t i = 0; i < count; ++i) hash.Add(bytes[i]);
  return hash.value() & 0xffff;
}

// --- Numbers of seven bits a byte. ---

void PutNumber(Bytes& bytes, uint32_t number) {
  for (; number >= 0x80; number >>= 7) {
    bytes.push_back(static_cast<uint8_t>(number | 0x80));
  }
  bytes.push_back(static_cast<uint8_t>(number));
}

/// Reads numbers; once something is missing, all are 0.
class Reader {
 public:
  Reader(const Bytes& bytes, size_t end) : bytes_(bytes), end_(end) {}

  uint32_t Number() {
    uint32_t number = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (at_ >= end_) break;
      const uint8_t byte = bytes_[at_++];
      number |= static_cast<uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    complete_ = false;
    return 0;
  }

  bool complete() const { return complete_; }
  bool at_end() const { return at_ == end_; }

 private:
  const Bytes& bytes_;
  const size_t end_;
  size_t at_ = 0;
  bool complete_ = true;
};

// --- Six bits a letter. ---

std::string ToText(const Bytes& bytes) {
  std::string text(kPrefix);
  uint32_t bits = 0;
  int count = 0;
  for (uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) {
      text += kDigits[bits >> (count - 6) & 63];
    }
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 63];
  return text;
}

std::optional<Bytes> FromText(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  Bytes bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<uint8_t>(bits >> count));
    }
  }
  return bytes;
}

// --- Schedules. ---

// Most tests start all threads from the first one: that is not said.
bool LanesAreObvious(const Schedule& schedule) {
  for (size_t i = 0; i < schedule.lanes.size(); ++i) {
    if (schedule.lanes[i] != std::pair(0, static_cast<int>(i))) return false;
  }
  return true;
}

// Most answers are 0: only how many of them stand between the others is said.
void PutSchedule(Bytes& bytes, const Schedule& schedule) {
  const auto lanes = static_cast<uint32_t>(schedule.lanes.size());
  const bool obvious = LanesAreObvious(schedule);
  PutNumber(bytes, lanes * 2 + !obvious);
  for (size_t i = 0; !obvious && i < schedule.lanes.size(); ++i) {
    PutNumber(bytes, static_cast<uint32_t>(schedule.lanes[i].first + 1));
    PutNumber(bytes, static_cast<uint32_t>(schedule.lanes[i].second));
  }
  PutNumber(bytes, static_cast<uint32_t>(schedule.answers.size()));
  uint32_t zeros = 0;
  for (uint32_t answer : schedule.answers) {
    if (answer == 0) {
      ++zeros;
      continue;
    }
    PutNumber(bytes, zeros);
    PutNumber(bytes, answer);
    zeros = 0;
  }
}

bool GetSchedule(Reader& reader, Schedule& schedule) {
  constexpr uint32_t kMostAnswers = 1 << 20;
  const uint32_t lanes = reader.Number();
  if (lanes / 2 >= static_cast<uint32_t>(kMaxThreads)) return false;
  for (uint32_t i = 0; i < lanes / 2; ++i) {
    if (lanes % 2 == 0) {
      schedule.lanes.emplace_back(0, static_cast<int>(i));
    } else {
      const int parent = static_cast<int>(reader.Number()) - 1;
      schedule.lanes.emplace_back(parent, static_cast<int>(reader.Number()));
    }
  }
  const uint32_t count = reader.Number();
  if (count > kMostAnswers) return false;
  while (!reader.at_end()) {
    const uint32_t zeros = reader.Number();
    if (zeros >= count - schedule.answers.size()) return false;
    schedule.answers.resize(schedule.answers.size() + zeros, 0);
    schedule.answers.push_back(reader.Number());
    if (!reader.complete()) return false;
  }
  schedule.answers.resize(count, 0);
  return reader.complete();
}

}  // namespace

std::string Encode(const Token& token) {
  Bytes bytes;
  PutNumber(bytes, token.test);
  PutNumber(bytes, token.check);
  PutNumber(bytes, static_cast<uint32_t>(token.verdict));
  PutNumber(bytes, token.steps);
  PutSchedule(bytes, token.schedule);
  const uint32_t sum = Checksum(bytes, bytes.size());
  bytes.push_back(static_cast<uint8_t>(sum));
  bytes.push_back(static_cast<uint8_t>(sum >> 8));
  return ToText(bytes);
}

std::optional<Token> Decode(std::string_view text) {
  const std::optional<Bytes> bytes = FromText(text);
  if (!bytes || bytes->size() < 2) return std::nullopt;
  const size_t end = bytes->size() - 2;
  const uint32_t sum = (*bytes)[end] | static_cast<uint32_t>((*bytes)[end + 1])
                                           << 8;
  if (sum != Checksum(*bytes, end)) return std::nullopt;
  Reader reader(*bytes, end);
  Token token;
  token.test = reader.Number();
  token.check = reader.Number();
  token.verdict = static_cast<Verdict>(reader.Number());
  token.steps = reader.Number();
  if (!GetSchedule(reader, token.schedule)) return std::nullopt;
  return token;
}

uint32_t HashOf(std::string_view text) {
  Hash hash;
  hash.Add(text);
  return hash.value();
}

uint32_t HashOf(const Trace& trace) {
  Hash hash;
  const auto add = [&hash](int lane, int kind,
                           const std::source_location& where) {
    std::string_view file = where.file_name();
    file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
    hash.Add(static_cast<uint8_t>(lane));
    hash.Add(static_cast<uint8_t>(kind));
    hash.Add(file);
    hash.AddNumber(where.line());
  };
  for (const Step& step : trace.steps) {
    if (step.is_event()) {
      const Event& event = trace.graph.at(step.event);
      add(step.event.thread, static_cast<int>(event.kind), event.where);
      hash.Add(static_cast<uint8_t>(event.update.op));
      hash.Add(static_cast<uint8_t>(event.order));
    } else if (step.access.kind == PlainAccess::Kind::kRead ||
               step.access.kind == PlainAccess::Kind::kWrite) {
      // What a compiler adds or leaves out, like allocations, does not count.
      add(step.access.lane, 0x80 | static_cast<int>(step.access.kind),
          step.access.where);
    }
  }
  return hash.value();
}

}  // namespace weft::model
