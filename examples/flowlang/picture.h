// The graph of a run as a picture.

#ifndef WEFT_EXAMPLES_FLOWLANG_PICTURE_H_
#define WEFT_EXAMPLES_FLOWLANG_PICTURE_H_

#include <string>

#include "weft/examples/flowlang/recorder.h"
#include "weft/examples/flowlang/source.h"

namespace flowlang {

/// An SVG document: a strip for each worker that shows when it was busy, and
/// below it the graph, a row for each node in the order of their starts and a
/// column for each worker. README.md says how to read it. The first
/// `kMostRows` nodes only.
std::string DrawGraph(const Source& source, const Recorder& recorder);

inline constexpr int kMostRows = 400;

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_PICTURE_H_
