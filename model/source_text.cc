#include "weft/model/source_text.h"

#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <vector>

namespace weft::model {
namespace {

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool IsName(std::string_view text) {
  return !text.empty() && IsWord(text[0]) &&
         std::isdigit(static_cast<unsigned char>(text[0])) == 0;
}

// --- Files. ---

/// The name below the root of the workspace: Bazel compiles headers by way of
/// "bazel-out/.../_virtual_includes/<target>/weft/queue/ring.h".
std::string InWorkspace(std::string_view file) {
  constexpr std::string_view kVirtual = "/_virtual_includes/";
  const size_t at = file.find(kVirtual);
  if (at != std::string_view::npos) {
    file.remove_prefix(at + kVirtual.size());
    file.remove_prefix(file.find('/') + 1);  // the target
    file.remove_prefix(file.find('/') + 1);  // the include prefix
  }
  return std::string(file);
}

/// Directories that may hold the workspace.
std::vector<std::string> Roots() {
  std::vector<std::string> roots;
  for (const char* name : {"MODEL_SOURCE_ROOT", "BUILD_WORKSPACE_DIRECTORY"}) {
    if (const char* value = std::getenv(name)) roots.emplace_back(value);
  }
  roots.emplace_back(".");
  std::array<char, 4096> buffer;
  if (getcwd(buffer.data(), buffer.size()) == nullptr) return roots;
  // A test of Bazel's runs in <base>/execroot/<name>/bazel-out/..., perhaps
  // with /sandbox/<kind>/<number> after <base>. The sources are below
  // <base>/execroot/<name>.
  const std::string directory = buffer.data();
  constexpr std::string_view kExecroot = "/execroot/";
  const size_t at = directory.find(kExecroot);
  if (at == std::string::npos) return roots;
  const size_t end = directory.find('/', at + kExecroot.size());
  std::string base = directory.substr(0, at);
  const size_t sandbox = base.find("/sandbox/");
  if (sandbox != std::string::npos) base.resize(sandbox);
  roots.push_back(base + directory.substr(at, end - at));
  return roots;
}

using Lines = std::vector<std::string>;

const Lines& LinesOf(const std::string& file) {
  static auto* files = new std::map<std::string, Lines>;
  const auto [entry, added] = files->try_emplace(file);
  if (!added) return entry->second;
  const std::string name = InWorkspace(file);
  std::ifstream in;
  if (name.starts_with('/')) {
    in.open(name);
  } else {
    for (const std::string& root : Roots()) {
      in.open(root + "/" + name);
      if (in.is_open()) break;
      in.clear();
    }
  }
  std::string line;
  while (std::getline(in, line)) entry->second.push_back(line);
  return entry->second;
}

// --- Expressions. ---

/// Where the bracket that is closed at `end` was opened; npos if nowhere.
size_t Opening(std::string_view line, size_t end) {
  int depth = 0;
  for (size_t i = end + 1; i-- > 0;) {
    const char c = line[i];
    if (c == ')' || c == ']' || c == '}') ++depth;
    if ((c == '(' || c == '[' || c == '{') && --depth == 0) return i;
  }
  return std::string_view::npos;
}

/// Where the postfix expression begins that ends before `end`.
size_t BeginOfObject(std::string_view line, size_t end) {
  size_t begin = end;
  while (begin > 0) {
    const char c = line[begin - 1];
    if (IsWord(c)) {
      --begin;
    } else if (c == ']' || c == ')') {
      const size_t open = Opening(line, begin - 1);
      if (open == std::string_view::npos) break;
      begin = open;
    } else if (c == '.') {
      --begin;
    } else if (begin >= 2 && (line.substr(begin - 2, 2) == "->" ||
                              line.substr(begin - 2, 2) == "::")) {
      begin -= 2;
    } else {
      break;
    }
  }
  return begin;
}

/// Whether a declared name may follow: "Atomic<int> ", "Mutex a, ".
bool FollowsType(std::string_view before) {
  while (before.ends_with(' ')) before.remove_suffix(1);
  if (before.empty()) return false;
  const char last = before.back();
  if (last == ',') {
    // After the declarator before: "first", "a{1}", "c = 3".
    const size_t equals = before.find_last_of("=,", before.size() - 2);
    size_t end = before.size() - 1;
    if (equals != std::string_view::npos && before[equals] == '=') end = equals;
    while (end > 0 && before[end - 1] == ' ') --end;
    if (end > 0 && (before[end - 1] == ')' || before[end - 1] == '}')) {
      end = Opening(before, end - 1);
      if (end == std::string_view::npos) return false;
    }
    while (end > 0 && IsWord(before[end - 1])) --end;
    return FollowsType(before.substr(0, end));
  }
  if (last == '>' || last == '&') return true;
  size_t begin = before.size();
  while (begin > 0 && IsWord(before[begin - 1])) --begin;
  const std::string_view word = before.substr(begin);
  for (std::string_view keyword : {"struct", "class", "explicit", "constexpr",
                                   "inline", "new", "return", "noexcept"}) {
    if (word == keyword) return false;
  }
  return IsName(word);
}

/// Long names lose their beginnings.
std::string Shorten(std::string_view name) {
  constexpr size_t kMost = 24;
  if (name.starts_with("this->")) name.remove_prefix(6);
  while (name.size() > kMost) {
    const size_t dot = name.find_first_of(".>");
    if (dot == std::string_view::npos) return "";
    name.remove_prefix(dot + 1);
  }
  return std::string(name);
}

}  // namespace

std::string ShortPlace(const std::source_location& where) {
  if (where.line() == 0) return "?";
  std::string_view file = where.file_name();
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(where.line());
}

bool IsForeign(std::string_view file) {
  if (file.empty() || file.starts_with("/usr/") ||
      file.find("/include/c++/") != std::string_view::npos) {
    return true;
  }
  const size_t slash = file.rfind('/');
  if (slash == std::string_view::npos ||
      !file.substr(0, slash).ends_with("model")) {
    return false;
  }
  file.remove_prefix(slash + 1);
  for (std::string_view ours :
       {"new_delete.cc", "plain.cc", "execution.cc", "operations.cc",
        "waiting.cc", "wait_queue.cc", "wait_queue.h", "guided.cc", "fiber.cc",
        "atomic.h", "cell.h", "thread.h", "mutex.h", "futex.h", "park.h"}) {
    if (file == ours) return true;
  }
  return false;
}

bool IsForeign(const std::source_location& where) {
  return where.line() == 0 || IsForeign(std::string_view(where.file_name()));
}

std::string_view SourceLine(std::string_view file, unsigned line) {
  const Lines& lines = LinesOf(std::string(file));
  return line == 0 || line > lines.size() ? std::string_view()
                                          : std::string_view(lines[line - 1]);
}

std::string ObjectOfCall(const std::source_location& where) {
  return ObjectOfCall(SourceLine(where.file_name(), where.line()),
                      where.column());
}

std::string ObjectOfCall(std::string_view line, unsigned column) {
  if (column == 0 || column > line.size()) return "";
  // The parenthesis of the call: g++ points at it, clang++ before the object.
  size_t open = column - 1;
  if (line[open] != '(') {
    // The first "object.method(" from here on.
    for (;; ++open) {
      open = line.find('(', open);
      if (open == std::string_view::npos) return "";
      size_t method = open;
      while (method > 0 && IsWord(line[method - 1])) --method;
      if (method > column - 1 && method < open &&
          (line[method - 1] == '.' ||
           (method > 1 && line.substr(method - 2, 2) == "->"))) {
        break;
      }
    }
  }
  size_t end = open;
  while (end > 0 && IsWord(line[end - 1])) --end;
  if (end == open) return "";
  if (end > 0 && line[end - 1] == '.') {
    end -= 1;
  } else if (end > 1 && line.substr(end - 2, 2) == "->") {
    end -= 2;
  } else {
    return "";
  }
  const size_t begin = BeginOfObject(line, end);
  return Shorten(line.substr(begin, end - begin));
}

std::string NameOfDeclaration(const std::source_location& where) {
  return NameOfDeclaration(SourceLine(where.file_name(), where.line()),
                           where.column());
}

std::string NameOfDeclaration(std::string_view line, unsigned column) {
  if (column == 0 || column > line.size()) return "";
  size_t end = column - 1;
  if (IsWord(line[end]) && (end == 0 || !IsWord(line[end - 1])) &&
      IsName(line.substr(end))) {
    // At the name itself.
    while (end < line.size() && IsWord(line[end])) ++end;
  } else {
    // At the end of the initialiser, or in it.
    if (line[end] == ')' || line[end] == '}') {
      const size_t open = Opening(line, end);
      if (open == std::string_view::npos) return "";
      end = open;
    }
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '=' ||
                       line[end - 1] == '(' || line[end - 1] == '{')) {
      --end;
    }
  }
  size_t begin = end;
  while (begin > 0 && IsWord(line[begin - 1])) --begin;
  const std::string_view name = line.substr(begin, end - begin);
  if (!IsName(name) || !FollowsType(line.substr(0, begin))) return "";
  return std::string(name);
}

}  // namespace weft::model
