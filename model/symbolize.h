// From addresses of code to places in the source, as far as the program has
// debug information.

#ifndef WEFT_MODEL_SYMBOLIZE_H_
#define WEFT_MODEL_SYMBOLIZE_H_

#include <string>
#include <vector>

namespace weft::model {

/// Return addresses, innermost first.
using Stack = std::vector<const void*>;

/// A function at an address; one that was inlined, too.
struct Frame {
  std::string function;
  std::string file;
  int line = 0;
};

/// For each stack its frames, innermost first. Runs the system's addr2line
/// once, which is slow. No frames if there is none, if it knows nothing, or
/// with MODEL_SYMBOLIZE=0 in the environment.
std::vector<std::vector<Frame>> Symbolize(const std::vector<Stack>& stacks);

/// The innermost frame that is neither the system's nor the checker's, as
/// "queue.h:41"; empty if there is none.
std::string TestPlace(const std::vector<Frame>& frames);

}  // namespace weft::model

#endif  // WEFT_MODEL_SYMBOLIZE_H_
