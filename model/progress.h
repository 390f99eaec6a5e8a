// How far an exploration is.

#ifndef WEFT_MODEL_PROGRESS_H_
#define WEFT_MODEL_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace weft::model {

/// Measures the time of an exploration and, once a second, says on standard
/// error how far it is.
class Progress {
 public:
  Progress() : start_(std::chrono::steady_clock::now()), next_report_(1.0) {}

  double seconds() const;

  /// To be called now and then. `explored` as in Explorer.
  void Report(uint64_t complete, uint64_t blocked, uint64_t runs,
              double explored);

  /// "about 41 %", or nothing if that is not known.
  static std::string Percent(double explored);

 private:
  std::chrono::steady_clock::time_point start_;
  double next_report_;  // in seconds
};

}  // namespace weft::model

#endif  // WEFT_MODEL_PROGRESS_H_
