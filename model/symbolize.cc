#include "weft/model/symbolize.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

#include "weft/model/source_text.h"

namespace weft::model {
namespace {

std::string Output(const std::string& command) {
  const auto close = [](FILE* file) { pclose(file); };
  const std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"),
                                                    close);
  std::string text;
  if (pipe == nullptr) return text;
  std::array<char, 4096> buffer;
  size_t n;
  while ((n = fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0) {
    text.append(buffer.data(), n);
  }
  return text;
}

/// The next line of the text, which is taken away.
std::string_view NextLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// The module that most of the test is in, and addresses in it.
class Module {
 public:
  /// The address as addr2line knows it, or 0 if it is in another module.
  uintptr_t Add(const void* address) {
    Dl_info info;
    // A return address may be that of the next line's code.
    const auto* call = static_cast<const char*>(address) - 1;
    if (dladdr(call, &info) == 0 || info.dli_fname == nullptr) return 0;
    if (name_.empty()) name_ = info.dli_fname;
    if (name_ != info.dli_fname) return 0;
    // Position-independent programs are linked as if they began at 0.
    auto base = reinterpret_cast<uintptr_t>(info.dli_fbase);
    if (base == 0x400000 || base == 0x200000) base = 0;
    return reinterpret_cast<uintptr_t>(call) - base;
  }

  /// For the shell; empty if nothing can be said of it.
  std::string QuotedFile() const {
    if (name_.empty() || name_.find('\'') != std::string::npos) return "";
    // The main program may be known by the name it was called by.
    return name_.starts_with('/')
               ? "'" + name_ + "'"
               : "/proc/" + std::to_string(getpid()) + "/exe";
  }

 private:
  std::string name_;
};

/// A frame of two lines of addr2line's; line 0 if it does not know.
Frame ParseFrame(std::string_view function, std::string_view place) {
  Frame frame;
  frame.function = function;
  place = place.substr(0, place.find(" (discriminator"));
  const size_t colon = place.rfind(':');
  if (colon != std::string_view::npos && !place.starts_with('?')) {
    frame.file = place.substr(0, colon);
    frame.line = std::atoi(std::string(place.substr(colon + 1)).c_str());
  }
  return frame;
}

}  // namespace

std::vector<std::vector<Frame>> Symbolize(const std::vector<Stack>& stacks) {
  std::vector<std::vector<Frame>> frames(stacks.size());
  const char* wanted = std::getenv("MODEL_SYMBOLIZE");
  if (wanted != nullptr && *wanted == '0') return frames;
  Module module;
  std::map<uintptr_t, std::vector<Frame>> known;
  std::string addresses;
  for (const Stack& stack : stacks) {
    for (const void* address : stack) {
      const uintptr_t number = module.Add(address);
      if (number == 0 || !known.try_emplace(number).second) continue;
      char text[32];
      std::snprintf(text, sizeof(text), " 0x%" PRIxPTR, number);
      addresses += text;
    }
  }
  const std::string file = module.QuotedFile();
  if (addresses.empty() || file.empty()) return frames;

  // For each address, the address and then two lines for each function.
  const std::string output =
      Output("addr2line -a -f -i -C -e " + file + addresses + " 2>/dev/null");
  std::vector<Frame>* current = nullptr;
  for (std::string_view rest = output; !rest.empty();) {
    const std::string_view line = NextLine(rest);
    if (line.starts_with("0x")) {
      current = &known[std::strtoull(std::string(line).c_str(), nullptr, 16)];
    } else {
      Frame frame = ParseFrame(line, NextLine(rest));
      if (frame.line > 0 && current != nullptr) current->push_back(frame);
    }
  }
  for (size_t i = 0; i < stacks.size(); ++i) {
    for (const void* address : stacks[i]) {
      const std::vector<Frame>& more = known[module.Add(address)];
      frames[i].insert(frames[i].end(), more.begin(), more.end());
    }
  }
  return frames;
}

std::string TestPlace(const std::vector<Frame>& frames) {
  const Frame* found = nullptr;
  for (const Frame& frame : frames) {
    if (IsForeign(frame.file)) continue;
    found = &frame;
    // Who ended the object's life says more than its destructor.
    if (frame.function.find('~') == std::string::npos) break;
  }
  return found == nullptr ? ""
                          : found->file.substr(found->file.rfind('/') + 1) +
                                ":" + std::to_string(found->line);
}

}  // namespace weft::model
