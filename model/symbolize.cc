#include "weft/model/symbolize.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

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

bool EndsWithAny(std::string_view file,
                 std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (file.ends_with(name)) return true;
  }
  return false;
}

bool IsOurs(std::string_view file) {
  if (file.find("model/") == std::string_view::npos) return false;
  return EndsWithAny(
      file, {"/new_delete.cc", "/plain.cc", "/execution.cc", "/operations.cc",
             "/guided.cc", "/fiber.cc", "/atomic.h", "/cell.h", "/thread.h",
             "/mutex.h", "/futex.h", "/park.h", "/waiting.cc"});
}

bool IsSystem(std::string_view file) {
  return file.empty() || file.starts_with("/usr/") ||
         file.find("/include/c++/") != std::string_view::npos ||
         file.find("/bits/") != std::string_view::npos;
}

}  // namespace

std::vector<Frame> Symbolize(const std::vector<const void*>& stack) {
  const char* wanted = std::getenv("MODEL_SYMBOLIZE");
  if (wanted != nullptr && *wanted == '0') return {};
  // All addresses of one module in one call; the test is mostly one module.
  std::string module;
  std::string addresses;
  for (const void* address : stack) {
    Dl_info info;
    // A return address may be that of the next line's code.
    const auto* call = static_cast<const char*>(address) - 1;
    if (dladdr(call, &info) == 0 || info.dli_fname == nullptr) continue;
    if (module.empty()) module = info.dli_fname;
    if (module != info.dli_fname) continue;
    char text[32];
    // Position-independent programs are linked as if they began at 0.
    const bool moved =
        reinterpret_cast<uintptr_t>(info.dli_fbase) != 0x400000 &&
        reinterpret_cast<uintptr_t>(info.dli_fbase) != 0x200000;
    const uintptr_t base =
        moved ? reinterpret_cast<uintptr_t>(info.dli_fbase) : 0;
    std::snprintf(text, sizeof(text), " 0x%" PRIxPTR,
                  reinterpret_cast<uintptr_t>(call) - base);
    addresses += text;
  }
  std::vector<Frame> frames;
  if (addresses.empty() || module.find('\'') != std::string::npos) {
    return frames;
  }
  // The main program may be known by the name it was called by.
  if (!module.starts_with('/')) {
    module = "/proc/" + std::to_string(getpid()) + "/exe";
  }
  const std::string output = Output("addr2line -f -i -C -e '" + module + "'" +
                                    addresses + " 2>/dev/null");
  std::string_view rest = output;
  while (!rest.empty()) {
    Frame frame;
    frame.function = NextLine(rest);
    std::string_view place = NextLine(rest);
    place = place.substr(0, place.find(" (discriminator"));
    const size_t colon = place.rfind(':');
    if (colon != std::string_view::npos && !place.starts_with('?')) {
      frame.file = place.substr(0, colon);
      frame.line = std::atoi(std::string(place.substr(colon + 1)).c_str());
    }
    if (frame.line > 0) frames.push_back(std::move(frame));
  }
  return frames;
}

std::string TestPlace(const std::vector<Frame>& frames) {
  const Frame* found = nullptr;
  for (const Frame& frame : frames) {
    if (IsSystem(frame.file) || IsOurs(frame.file)) continue;
    found = &frame;
    // Who ended the object's life says more than its destructor.
    if (frame.function.find('~') == std::string::npos) break;
  }
  return found == nullptr ? ""
                          : found->file.substr(found->file.rfind('/') + 1) +
                                ":" + std::to_string(found->line);
}

}  // namespace weft::model
