#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

constexpr Workload<Runtime> kWorkloads[] = {
    {"chained_spawn", "detached", ChainedSpawn},
    {"chained_spawn", "joined", ChainedSpawnJoined},
    {"chained_spawn_deep", "detached", ChainedSpawn},
    {"chained_spawn_deep", "joined", ChainedSpawnJoined},
    {"ping_pong", "detached", PingPong},
    {"ping_pong", "joined", PingPongJoined},
    {"spawn_many_local", "detached", SpawnManyLocal},
    {"spawn_many_local", "joined", SpawnManyLocalJoined},
    {"spawn_many_remote", "detached", SpawnManyRemote},
    {"spawn_many_remote", "joined", SpawnManyRemoteJoined},
    {"spawn_many_remote_busy", "detached", SpawnManyRemoteBusy},
    {"yield_many", "detached", YieldMany},
    {"fib", "joined", Fib},
    {"skynet", "joined", Skynet},
    {"fork_fib", "joined", ForkFib},
    {"fork_skynet", "joined", ForkSkynet},
    {"fork_nqueens", "joined", ForkQueens},
    {"flow_chain", "flow", FlowChain},
    {"flow_chain", "joined", FlowChainJoined},
    {"flow_wide", "flow", FlowWide},
    {"flow_wide", "joined", FlowWideJoined},
    {"flow_wide_work", "flow", FlowWideWork},
    {"flow_wide_work", "joined", FlowWideWorkJoined},
    {"flow_wavefront", "flow", FlowWavefront},
    {"mpsc", "detached", MpscBounded},
    {"mutex", "detached", MutexContended},
    {"wake_idle", "detached", WakeIdle},
    {"idle_cpu", "detached", IdleCpu},
    {"rss_parked", "detached", RssParked},
};

}  // namespace

std::span<const Workload<Runtime>> Workloads() { return kWorkloads; }

}  // namespace weft::compare
