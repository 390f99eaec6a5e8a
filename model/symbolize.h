// From addresses of code to places in the source, as far as the program has
// debug information.

#ifndef WEFT_MODEL_SYMBOLIZE_H_
#define WEFT_MODEL_SYMBOLIZE_H_

#include <string>
#include <vector>

namespace weft::model {

/// A function call on a stack; one that was inlined, too.
struct Frame {
  std::string function;
  std::string file;  ///< Empty if unknown.
  int line = 0;
};

/// The frames of a stack of return addresses, innermost first. Runs the
/// system's addr2line, which is slow; empty if there is none, if it knows
/// nothing, or with MODEL_SYMBOLIZE=0 in the environment.
std::vector<Frame> Symbolize(const std::vector<const void*>& stack);

/// The innermost frame that is neither the system's nor the checker's, as
/// "queue.h:41"; empty if there is none.
std::string TestPlace(const std::vector<Frame>& frames);

}  // namespace weft::model

#endif  // WEFT_MODEL_SYMBOLIZE_H_
