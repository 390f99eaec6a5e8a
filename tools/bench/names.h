#ifndef WEFT_TOOLS_BENCH_NAMES_H_
#define WEFT_TOOLS_BENCH_NAMES_H_

#include <array>
#include <string_view>

namespace weft::bench {

/// The benchmarks of "Making the Tokio scheduler 10x faster", in the order of
/// the table. spawn_many is measured from a thread outside of the pool and from
/// one of its workers; chained_spawn with a short chain, where the time until
/// the first task starts counts, and with a long one, where it does not.
inline constexpr std::string_view kChainedSpawn = "chained_spawn";
inline constexpr std::string_view kChainedSpawnDeep = "chained_spawn_deep";
inline constexpr std::string_view kPingPong = "ping_pong";
inline constexpr std::string_view kSpawnManyOutside = "spawn_many_outside";
inline constexpr std::string_view kSpawnManyWorker = "spawn_many_worker";
inline constexpr std::string_view kYieldMany = "yield_many";
/// And of dataflow.
inline constexpr std::string_view kFlowChain = "flow_chain";
inline constexpr std::string_view kFlowWide = "flow_wide";
inline constexpr std::string_view kFlowWavefront = "flow_wavefront";
inline constexpr std::string_view kFlowTree = "flow_tree";
inline constexpr std::string_view kFlowLate = "flow_late";
inline constexpr std::array kBenchmarks = {
    kChainedSpawn,    kChainedSpawnDeep, kPingPong,  kSpawnManyOutside,
    kSpawnManyWorker, kYieldMany,        kFlowChain, kFlowWide,
    kFlowWavefront,   kFlowTree,         kFlowLate,
};

/// How the tasks are written.
inline constexpr std::string_view kCoroutine = "coroutine";
inline constexpr std::string_view kPoll = "poll";
/// Only of the benchmarks of dataflow, which have no other.
inline constexpr std::string_view kFlow = "flow";
inline constexpr std::array kStyles = {kCoroutine, kPoll, kFlow};

/// What the spawner does with them: nothing, a counter tells it that all are
/// done; or it keeps a JoinHandle of each and takes its outcome.
inline constexpr std::string_view kDetached = "detached";
inline constexpr std::string_view kJoined = "joined";
inline constexpr std::array kTaskKinds = {kDetached, kJoined};

/// The schedulers of the article, and those of "Architecting Asynchronous
/// Schedulers", assembled in pool/. The first is what the
/// others are measured against.
inline constexpr std::string_view kWeft = "weft";
inline constexpr std::string_view kSingleQueue = "single_queue";
inline constexpr std::string_view kSharded = "sharded";
inline constexpr std::string_view kTokio01 = "tokio01";
inline constexpr std::string_view kRamping = "ramping";
inline constexpr std::string_view kCycling = "cycling";
inline constexpr std::array kSchedulers = {kWeft,    kSingleQueue, kSharded,
                                           kTokio01, kRamping,     kCycling};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_NAMES_H_
