// Hashes every file below a directory on a pool, with a progress bar; Ctrl-C
// ends it cleanly at once.
//
// One task for each directory and each file. A directory's task waits for its
// children, so the root's end is the end of all. A file's task yields between
// blocks, so that a big file neither starves others nor delays an abort.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/task/yield.h"

namespace {

namespace fs = std::filesystem;

// FNV-1a, 64 bits: short, and good enough to show which files differ.
class Fnv1a {
 public:
  void Add(std::string_view bytes) {
    for (char c : bytes) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
  }
  std::uint64_t Value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

struct Progress {
  std::atomic<std::uint64_t> files_found = 0;
  std::atomic<std::uint64_t> files_done = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> errors = 0;
};

volatile sig_atomic_t interrupted = 0;

// The next block of a file, empty at its end; nothing if it cannot be read.
// Opens and closes the file: a tree has more files than a process may hold
// open, and every one of their tasks may be between two blocks.
std::optional<std::string> ReadBlock(const fs::path& path, std::size_t offset) {
  constexpr std::size_t kBlockBytes = 128 * 1024;
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file) return std::nullopt;
  std::string block(kBlockBytes, '\0');
  file.read(block.data(), kBlockBytes);
  if (file.bad()) return std::nullopt;
  block.resize(static_cast<std::size_t>(file.gcount()));
  return block;
}

weft::Task<> HashFile(fs::path path, Progress& progress) {
  Fnv1a hash;
  std::size_t offset = 0;
  auto block = ReadBlock(path, offset);
  while (block.has_value() && !block->empty()) {
    hash.Add(*block);
    progress.bytes += block->size();
    offset += block->size();
    block.reset();
    co_await weft::YieldNow();  // an abort ends the task here
    block = ReadBlock(path, offset);
  }
  if (block.has_value()) {
    std::printf("%016" PRIx64 "  %s\n", hash.Value(), path.c_str());
  } else {
    std::fprintf(stderr, "\r\033[Kcannot read %s\n", path.c_str());
    ++progress.errors;
  }
  ++progress.files_done;
}

weft::Task<> HashDirectory(fs::path path, Progress& progress) {
  std::vector<weft::JoinHandle<void>> children;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_symlink(ignored)) continue;
    if (it->is_directory(ignored)) {
      children.push_back(weft::Spawn(HashDirectory(it->path(), progress)));
    } else if (it->is_regular_file(ignored)) {
      ++progress.files_found;
      children.push_back(weft::Spawn(HashFile(it->path(), progress)));
    }
  }
  if (error) {
    std::fprintf(stderr, "\r\033[Kcannot list %s: %s\n", path.c_str(),
                 error.message().c_str());
    ++progress.errors;
  }
  for (auto& child : children) (co_await child).value();
}

void Draw(const Progress& progress) {
  constexpr int kWidth = 30;
  const std::uint64_t found = progress.files_found, done = progress.files_done;
  const int filled = found == 0 ? 0 : static_cast<int>(kWidth * done / found);
  std::fprintf(stderr,
               "\r\033[K[%-*.*s] %" PRIu64 " of %" PRIu64 " files, %.1f MB",
               kWidth, filled, "##############################", done, found,
               static_cast<double>(progress.bytes) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const char* directory = argc < 2 ? "." : argv[1];
  if (argc > 2 || directory[0] == '-') {
    std::fprintf(stderr, "usage: hash_tree [DIRECTORY]\n");
    return 2;
  }
  // A path given on the command line of `bazel run` is the caller's.
  if (const char* caller = std::getenv("BUILD_WORKING_DIRECTORY")) {
    if (chdir(caller) != 0) std::perror(caller);
  }
  if (std::error_code error; !fs::is_directory(directory, error)) {
    std::fprintf(stderr, "hash_tree: %s is not a directory\n", directory);
    return 2;
  }
  signal(SIGINT, [](int) { interrupted = 1; });
  const bool terminal = isatty(STDERR_FILENO) != 0;

  Progress progress;
  weft::Pool pool;
  auto root = pool.Spawn(HashDirectory(directory, progress));
  while (!root.Done() && !interrupted) {
    weft::SleepFor(std::chrono::milliseconds(20));
    if (terminal) Draw(progress);
  }
  absl::Status status = pool.Shutdown({.mode = weft::ShutdownMode::kCancel});
  std::fprintf(stderr, "%s%" PRIu64 " files, %.1f MB, %" PRIu64 " errors%s\n",
               terminal ? "\r\033[K" : "", progress.files_done.load(),
               static_cast<double>(progress.bytes) / 1e6,
               progress.errors.load(), interrupted ? " (interrupted)" : "");
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return interrupted ? 130 : progress.errors == 0 ? 0 : 1;
}
