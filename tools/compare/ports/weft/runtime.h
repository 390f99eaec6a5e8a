#ifndef WEFT_TOOLS_COMPARE_PORTS_WEFT_RUNTIME_H_
#define WEFT_TOOLS_COMPARE_PORTS_WEFT_RUNTIME_H_

#include <cstdint>
#include <span>

#include "weft/pool/options.h"
#include "weft/pool/pool.h"
#include "weft/tools/compare/ports/common/countdown.h"
#include "weft/tools/compare/ports/common/port.h"

namespace weft::compare {

/// What the workloads run on: a pool as anybody would make it.
struct Runtime {
  explicit Runtime(int workers) : pool(OptionsFor(workers)) {}

  Pool pool;
  Countdown end;

 private:
  static Options OptionsFor(int workers) {
    Options options;
    options.workers = workers;
    return options;
  }
};

// The workloads; what they are is in tools/compare/workloads.txt.
using Run = std::int64_t(Runtime& runtime, std::int64_t n, Recorder& recorder);

Run ChainedSpawn;
Run ChainedSpawnJoined;
Run PingPong;
Run PingPongJoined;
Run SpawnManyLocal;
Run SpawnManyLocalJoined;
Run SpawnManyRemote;
Run SpawnManyRemoteJoined;
Run SpawnManyRemoteBusy;
Run YieldMany;
Run Fib;
Run Skynet;
Run ForkFib;
Run ForkSkynet;
Run ForkQueens;
Run FlowChain;
Run FlowChainJoined;
Run FlowWide;
Run FlowWideJoined;
Run FlowWideWork;
Run FlowWideWorkJoined;
Run FlowWavefront;
Run MpscBounded;
Run MutexContended;
Run WakeIdle;
Run IdleCpu;
Run RssParked;

/// All of them by name.
std::span<const Workload<Runtime>> Workloads();

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_WEFT_RUNTIME_H_
