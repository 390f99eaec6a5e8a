//! The workloads; what they are is in tools/compare/workloads.txt.

use crate::port::{cpu_time_of_others, resident_bytes, Recorder, Request};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, Mutex};
use tokio::task::{yield_now, JoinHandle};

type Run = fn(&Runtime, &Request, &mut Recorder) -> i64;

pub fn find(workload: &str, tasks: &str) -> Option<Run> {
    Some(match (workload, tasks) {
        ("chained_spawn" | "chained_spawn_deep", "detached") => chained_spawn,
        ("chained_spawn" | "chained_spawn_deep", "joined") => chained_spawn_joined,
        ("ping_pong", "detached") => ping_pong,
        ("ping_pong", "joined") => ping_pong_joined,
        ("spawn_many_local", "detached") => spawn_many_local,
        ("spawn_many_local", "joined") => spawn_many_local_joined,
        ("spawn_many_remote", "detached") => spawn_many_remote,
        ("spawn_many_remote", "joined") => spawn_many_remote_joined,
        ("spawn_many_remote_busy", "detached") => spawn_many_remote_busy,
        ("yield_many", "detached") => yield_many,
        ("fib", "joined") => fib,
        ("skynet", "joined") => skynet,
        ("flow_chain", "joined") => flow_chain_joined,
        ("flow_wide", "joined") => flow_wide_joined,
        ("flow_wide_work", "joined") => flow_wide_work_joined,
        ("mpsc", "detached") => bounded_mpsc,
        ("mutex", "detached") => contended_mutex,
        ("wake_idle", "detached") => wake_idle,
        ("idle_cpu", "detached") => idle_cpu,
        ("rss_parked", "detached") => rss_parked,
        _ => return None,
    })
}

const NO_GRAPHS: &str = "no other way than tasks: see joined";

/// Why a workload is left out, if it is.
pub fn missing(workload: &str, tasks: &str) -> Option<&'static str> {
    match (workload, tasks) {
        ("fork_fib" | "fork_skynet" | "fork_nqueens", "joined") => {
            Some("no other way than tasks: see fib and skynet")
        }
        ("flow_chain", "flow") => Some(NO_GRAPHS),
        ("flow_wide", "flow") => Some(NO_GRAPHS),
        ("flow_wide_work", "flow") => Some(NO_GRAPHS),
        ("flow_wavefront", "flow") => Some(NO_GRAPHS),
        _ => None,
    }
}

/// Wakes the blocked caller when a number of tasks have said that they are
/// done.
struct Countdown {
    left: AtomicI64,
    end: SyncSender<()>,
}

impl Countdown {
    fn new(tasks: i64) -> (Arc<Countdown>, Receiver<()>) {
        let (end, wait) = sync_channel(1);
        (Arc::new(Countdown { left: AtomicI64::new(tasks), end }), wait)
    }
    fn done(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.end.send(()).unwrap();
        }
    }
}

// ---- chained_spawn ----

fn link(spawned: i64, left: i64, end: SyncSender<i64>) {
    tokio::spawn(async move {
        if left > 1 {
            link(spawned + 1, left - 1, end);
        } else {
            end.send(spawned + 1).unwrap();
        }
    });
}

fn chained_spawn(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let (end, wait) = sync_channel(1);
    let _inside = runtime.enter();
    link(0, request.n, end);
    wait.recv().unwrap()
}

fn joined_link(left: i64) -> JoinHandle<i64> {
    tokio::spawn(async move {
        if left == 1 {
            1
        } else {
            1 + joined_link(left - 1).await.unwrap()
        }
    })
}

fn chained_spawn_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let _inside = runtime.enter();
    let first = joined_link(request.n);
    runtime.block_on(first).unwrap()
}

// ---- ping_pong ----

struct Match {
    received: AtomicI64,
    end: Arc<Countdown>,
}

fn ping_pong(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let n = request.n;
    let (end, wait) = Countdown::new(n);
    let all = Arc::new(Match { received: AtomicI64::new(0), end });
    let pings = all.clone();
    runtime.spawn(async move {
        for _ in 0..n {
            let all = pings.clone();
            tokio::spawn(async move {
                let (sender, receiver) = oneshot::channel();
                tokio::spawn(async move { sender.send(1).unwrap() });
                all.received.fetch_add(receiver.await.unwrap(), Ordering::Relaxed);
                all.end.done();
            });
        }
    });
    wait.recv().unwrap();
    all.received.load(Ordering::Relaxed)
}

async fn joined_ping() -> i64 {
    let (sender, receiver) = oneshot::channel();
    let pong = tokio::spawn(async move { sender.send(1).unwrap() });
    let value = receiver.await.unwrap();
    pong.await.unwrap();
    value
}

async fn join_all<F>(n: i64, task: fn() -> F) -> i64
where
    F: Future<Output = i64> + Send + 'static,
{
    let mut handles = Vec::with_capacity(n as usize);
    for _ in 0..n {
        handles.push(tokio::spawn(task()));
    }
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.unwrap();
    }
    sum
}

/// Runs `root` as a task on a worker; `block_on` alone would run it here.
fn on_worker(runtime: &Runtime, root: impl Future<Output = i64> + Send + 'static) -> i64 {
    runtime.block_on(runtime.spawn(root)).unwrap()
}

fn ping_pong_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    on_worker(runtime, join_all(request.n, joined_ping))
}

// ---- spawn_many ----

fn spawn_many_local(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let n = request.n;
    let (end, wait) = Countdown::new(n);
    let counter = end.clone();
    runtime.spawn(async move {
        for _ in 0..n {
            let end = end.clone();
            tokio::spawn(async move { end.done() });
        }
    });
    wait.recv().unwrap();
    n - counter.left.load(Ordering::Relaxed)
}

async fn one() -> i64 {
    1
}

fn spawn_many_local_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    on_worker(runtime, join_all(request.n, one))
}

fn spawn_many_remote(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let (end, wait) = Countdown::new(request.n);
    for _ in 0..request.n {
        let end = end.clone();
        runtime.spawn(async move { end.done() });
    }
    wait.recv().unwrap();
    request.n - end.left.load(Ordering::Relaxed)
}

fn spawn_many_remote_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    // block_on runs the root on this very thread, outside of the workers.
    runtime.block_on(join_all(request.n, one))
}

fn spawn_many_remote_busy(runtime: &Runtime, request: &Request, recorder: &mut Recorder) -> i64 {
    let stop = Arc::new(AtomicBool::new(false));
    let (end, wait) = Countdown::new(request.workers as i64);
    for _ in 0..request.workers {
        let (stop, end) = (stop.clone(), end.clone());
        runtime.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                yield_now().await;
            }
            end.done();
        });
    }
    recorder.start();
    let done = spawn_many_remote(runtime, request, recorder);
    recorder.stop();
    stop.store(true, Ordering::Relaxed);
    wait.recv().unwrap();
    done
}

// ---- yield_many ----

fn yield_many(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    const YIELDERS: i64 = 200;
    let n = request.n;
    let (end, wait) = Countdown::new(YIELDERS);
    let yields = Arc::new(AtomicI64::new(0));
    for _ in 0..YIELDERS {
        let (end, yields) = (end.clone(), yields.clone());
        runtime.spawn(async move {
            for _ in 0..n {
                yield_now().await;
            }
            yields.fetch_add(n, Ordering::Relaxed);
            end.done();
        });
    }
    wait.recv().unwrap();
    yields.load(Ordering::Relaxed)
}

// ---- The recursive ones. ----

fn fib_call(n: i64) -> JoinHandle<i64> {
    tokio::spawn(async move {
        if n < 2 {
            return n;
        }
        let first = fib_call(n - 1);
        let second = fib_call(n - 2);
        first.await.unwrap() + second.await.unwrap()
    })
}

fn fib(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let _inside = runtime.enter();
    runtime.block_on(fib_call(request.n)).unwrap()
}

fn subtree(first: i64, leaves: i64) -> JoinHandle<i64> {
    tokio::spawn(async move {
        if leaves == 1 {
            return first;
        }
        let part = leaves / 10;
        let children: [JoinHandle<i64>; 10] =
            std::array::from_fn(|i| subtree(first + i as i64 * part, part));
        let mut sum = 0;
        for child in children {
            sum += child.await.unwrap();
        }
        sum
    })
}

fn skynet(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let _inside = runtime.enter();
    runtime.block_on(subtree(0, request.n)).unwrap()
}

// ---- Graphs. ----

async fn chain(n: i64) -> i64 {
    let mut last = tokio::spawn(async { 1 });
    for _ in 1..n {
        let before = last;
        last = tokio::spawn(async move { 1 + before.await.unwrap() });
    }
    last.await.unwrap()
}

fn flow_chain_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    on_worker(runtime, chain(request.n))
}

/// Works for a while and gives one, which no compiler knows.
fn grain(seed: i64) -> i64 {
    let mut x = seed as u64 | 1;
    for _ in 0..1000 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    (x != 0) as i64
}

async fn wide(n: i64, leaf: fn(i64, i64) -> i64) -> i64 {
    let source = tokio::spawn(async { 1 }).await.unwrap();
    let mut handles = Vec::with_capacity(n as usize);
    for i in 0..n {
        handles.push(tokio::spawn(async move { leaf(source, i) }));
    }
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.unwrap();
    }
    sum
}

fn flow_wide_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    on_worker(runtime, wide(request.n, |source, _| source))
}

fn flow_wide_work_joined(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    on_worker(runtime, wide(request.n, |source, i| source * grain(i)))
}

// ---- Channels and locks. ----

fn bounded_mpsc(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    let n = request.n;
    let (end, wait) = sync_channel(1);
    let (sender, mut receiver) = mpsc::channel(1024);
    runtime.spawn(async move {
        let mut sum = 0;
        while let Some(value) = receiver.recv().await {
            sum += value;
        }
        end.send(sum).unwrap();
    });
    runtime.spawn(async move {
        for i in 0..n {
            sender.send(i).await.unwrap();
        }
    });
    wait.recv().unwrap()
}

fn contended_mutex(runtime: &Runtime, request: &Request, _: &mut Recorder) -> i64 {
    const TASKS: i64 = 100;
    let n = request.n;
    let (end, wait) = Countdown::new(TASKS);
    let number = Arc::new(Mutex::new(0));
    for _ in 0..TASKS {
        let (end, number) = (end.clone(), number.clone());
        runtime.spawn(async move {
            for _ in 0..n {
                *number.lock().await += 1;
            }
            end.done();
        });
    }
    wait.recv().unwrap();
    let sum = *number.try_lock().unwrap();
    sum
}

// ---- Idle and parked. ----

fn wake_idle(runtime: &Runtime, request: &Request, recorder: &mut Recorder) -> i64 {
    for _ in 0..request.n {
        std::thread::sleep(Duration::from_millis(1));
        let (end, wait) = sync_channel(1);
        let begin = Instant::now();
        runtime.spawn(async move { end.send(Instant::now()).unwrap() });
        let woken = wait.recv().unwrap();
        recorder.add((woken - begin).as_nanos() as f64);
    }
    request.n
}

fn idle_cpu(runtime: &Runtime, request: &Request, recorder: &mut Recorder) -> i64 {
    let mut burst = request.clone();
    burst.n = 10_000;
    spawn_many_remote(runtime, &burst, recorder);
    std::thread::sleep(Duration::from_millis(100));
    let before = cpu_time_of_others();
    std::thread::sleep(Duration::from_millis(request.n as u64));
    let used = cpu_time_of_others() - before;
    recorder.add(used.max(0) as f64 / request.n as f64);
    request.n
}

fn rss_parked(runtime: &Runtime, request: &Request, recorder: &mut Recorder) -> i64 {
    let n = request.n;
    let senders: Arc<Vec<std::sync::Mutex<Option<oneshot::Sender<i64>>>>> =
        Arc::new((0..n).map(|_| Default::default()).collect());
    let received = Arc::new(AtomicI64::new(0));
    let (parked, wait_parked) = Countdown::new(n);
    let (end, wait_end) = Countdown::new(n);
    let before = resident_bytes();
    let (table, sum) = (senders.clone(), received.clone());
    runtime.spawn(async move {
        for i in 0..n as usize {
            let (senders, received) = (table.clone(), sum.clone());
            let (parked, end) = (parked.clone(), end.clone());
            tokio::spawn(async move {
                let (sender, receiver) = oneshot::channel();
                *senders[i].lock().unwrap() = Some(sender);
                drop(senders);
                parked.done();
                drop(parked);
                received.fetch_add(receiver.await.unwrap(), Ordering::Relaxed);
                end.done();
            });
        }
    });
    wait_parked.recv().unwrap();
    // The last of them is about to wait.
    std::thread::sleep(Duration::from_millis(10));
    recorder.add((resident_bytes() - before) as f64 / n as f64);
    for sender in senders.iter() {
        sender.lock().unwrap().take().unwrap().send(1).unwrap();
    }
    wait_end.recv().unwrap();
    received.load(Ordering::Relaxed)
}
