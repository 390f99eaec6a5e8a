#ifndef WEFT_POOL_TESTING_NO_THREADS_H_
#define WEFT_POOL_TESTING_NO_THREADS_H_

#include <pthread.h>

#include <cstddef>

#include "weft/base/check.h"

namespace weft::testing {

/// The system refuses every new thread while this object lives: none has room
/// for such a stack. One at a time; for the whole process.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_t attr;
    pthread_getattr_default_np(&attr);
    pthread_attr_getstacksize(&attr, &before_);
    Set(&attr, std::size_t{1} << 46);
  }
  ~NoThreads() {
    pthread_attr_t attr;
    pthread_getattr_default_np(&attr);
    Set(&attr, before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  static void Set(pthread_attr_t* attr, std::size_t size) {
    pthread_attr_setstacksize(attr, size);
    Check(pthread_setattr_default_np(attr) == 0, "the size is allowed");
    pthread_attr_destroy(attr);
  }

  std::size_t before_ = 0;
};

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_NO_THREADS_H_
