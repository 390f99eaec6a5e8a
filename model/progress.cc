#include "weft/model/progress.h"

#include <cinttypes>
#include <cstdio>

namespace weft::model {

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                       start_)
      .count();
}

void Progress::Report(uint64_t complete, uint64_t blocked, uint64_t runs,
                      double explored) {
  const double now = seconds();
  if (now < next_report_) return;
  next_report_ = now + 1;
  std::fprintf(stderr,
               "[model] %" PRIu64 " of about %.3g executions (%s), %" PRIu64
               " blocked, %.0f runs/s\n",
               complete, static_cast<double>(complete) / explored,
               Percent(explored).c_str(), blocked,
               static_cast<double>(runs) / now);
}

std::string Progress::Percent(double explored) {
  char text[32];
  std::snprintf(text, sizeof text, "about %.2g %%", 100 * explored);
  return text;
}

}  // namespace weft::model
