#include "weft/base/exception.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

TEST(CatchAll, CallsTheFunctionOnceAndReturnsNullIfItSucceeds) {
  int calls = 0;
  EXPECT_EQ(CatchAll([&] { ++calls; }), nullptr);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(CatchAll([&] { return ++calls; }), nullptr);
  EXPECT_EQ(calls, 2);
}

TEST(CatchAll, ForwardsTheFunctionsValueCategory) {
  struct Once {
    void operator()() && { *called = true; }
    bool* called;
  };
  bool called = false;
  EXPECT_EQ(CatchAll(Once{&called}), nullptr);
  EXPECT_TRUE(called);
}

#if defined(__cpp_exceptions)

static_assert(kExceptionsEnabled);

std::string MessageOf(const std::exception_ptr& exception) {
  try {
    Rethrow(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (int n) {
    return std::to_string(n);
  }
}

TEST(CatchAll, KeepsWhatWasThrown) {
  EXPECT_EQ(MessageOf(CatchAll([] { throw std::runtime_error("no"); })), "no");
  EXPECT_EQ(MessageOf(CatchAll([] { throw 7; })), "7");
}

TEST(CatchAll, AnExceptionCanBeThrownAgainOnAnotherThread) {
  std::exception_ptr exception;
  Thread thread([&] {
    exception = CatchAll([] { throw std::runtime_error("from over there"); });
  });
  thread.join();
  EXPECT_EQ(MessageOf(exception), "from over there");
  EXPECT_EQ(MessageOf(exception), "from over there") << "and again";
}

TEST(CatchAll, DestroysTheLocalsOfTheFunctionBeforeItReturns) {
  auto local = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = local;
  const auto exception = CatchAll([local = std::move(local)]() mutable {
    const auto mine = std::move(local);
    throw 1;
  });
  EXPECT_NE(exception, nullptr);
  EXPECT_TRUE(watch.expired());
}

using RethrowDeathTest = testing::Test;

TEST(RethrowDeathTest, NeedsAnException) {
  EXPECT_DEATH(Rethrow(nullptr), "Rethrow needs an exception");
}

#else

static_assert(!kExceptionsEnabled);

using RethrowDeathTest = testing::Test;

TEST(RethrowDeathTest, AbortsWithoutExceptions) {
  EXPECT_DEATH(Rethrow(nullptr), "compiled without exceptions");
}

#endif

}  // namespace
}  // namespace weft
