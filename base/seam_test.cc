// The ordinary build: the seam's names are the standard library's types.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <type_traits>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/model_mode.h"
#include "weft/base/mutex.h"
#include "weft/base/seam_operations.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

static_assert(!kModelMode);
static_assert(std::is_same_v<atomic<int>, std::atomic<int>>);
static_assert(std::is_same_v<atomic<void*>, std::atomic<void*>>);
static_assert(std::is_same_v<Mutex, std::mutex>);
static_assert(std::is_same_v<MutexLock, std::unique_lock<std::mutex>>);
static_assert(std::is_same_v<CondVar, std::condition_variable>);
static_assert(std::is_same_v<Thread, std::thread>);

TEST(Seam, IsTheStandardLibraryInAnOrdinaryBuild) {
  ExpectAllAtomicOperationsWork();
}

}  // namespace
}  // namespace weft
