#ifndef WEFT_TOOLS_BENCH_LINE_LATENCY_H_
#define WEFT_TOOLS_BENCH_LINE_LATENCY_H_

namespace weft::bench {

/// How long a cache line takes from one processor to another, in nanoseconds:
/// two threads pass a word to and fro. Takes some five milliseconds at most, so
/// that it also ends where there is one processor, or other programs want them.
/// On virtual machines the answer may change by a
/// factor of five from one second to the next, and with it everything that two
/// workers do together: so it is measured in every round.
double MeasureLineLatency();

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_LINE_LATENCY_H_
