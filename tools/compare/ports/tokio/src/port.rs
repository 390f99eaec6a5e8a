//! The command line, the clock, and the line of JSON, as ports/common/port.h
//! has them for C++.

use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct Request {
    pub workload: String,
    pub tasks: String,
    pub workers: usize,
    pub n: i64,
    seconds: f64,
    rounds: i64,
}

fn usage() -> ! {
    eprintln!(
        "usage: --workload=NAME --n=N [--tasks=detached|joined] [--workers=W] [--seconds=S | --rounds=R]"
    );
    std::process::exit(2);
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| usage())
}

impl Request {
    pub fn parse() -> Request {
        let mut request = Request {
            workload: String::new(),
            tasks: "detached".to_string(),
            workers: 2,
            n: 0,
            seconds: 1.0,
            rounds: 0,
        };
        for argument in std::env::args().skip(1) {
            match argument.split_once('=') {
                Some(("--workload", v)) => request.workload = v.to_string(),
                Some(("--tasks", v)) => request.tasks = v.to_string(),
                Some(("--workers", v)) => request.workers = number(v),
                Some(("--n", v)) => request.n = number(v),
                Some(("--seconds", v)) => request.seconds = number(v),
                Some(("--rounds", v)) => request.rounds = number(v),
                _ => usage(),
            }
        }
        if request.workload.is_empty() || request.n < 1 || request.workers < 1 {
            usage();
        }
        request
    }
}

/// Collects the samples of a run. An iteration is timed from its begin to its
/// end, unless it says `start` or `stop` itself or adds samples of its own.
pub struct Recorder {
    start: Instant,
    stop: Option<Instant>,
    own_samples: bool,
    samples: Vec<f64>,
}

impl Recorder {
    pub fn start(&mut self) {
        self.start = Instant::now();
    }
    pub fn stop(&mut self) {
        self.stop = Some(Instant::now());
    }
    pub fn add(&mut self, sample: f64) {
        self.samples.push(sample);
        self.own_samples = true;
    }
}

fn fib(n: i64) -> i64 {
    let (mut a, mut b) = (0, 1);
    for _ in 0..n {
        (a, b) = (b, a + b);
    }
    a
}

/// How many operations an iteration is, and what must come out.
fn expected(workload: &str, n: i64) -> (i64, i64) {
    match workload {
        "yield_many" => (200 * n, 200 * n),
        "fib" => (2 * fib(n + 1) - 1, fib(n)),
        "skynet" | "mpsc" => (n, n * (n - 1) / 2),
        "mutex" => (100 * n, 100 * n),
        _ => (n, n),
    }
}

/// The resident memory of this process, in bytes.
pub fn resident_bytes() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("statm");
    let pages: i64 = text.split(' ').nth(1).and_then(|p| p.parse().ok()).expect("pages");
    pages * 4096
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// Nanoseconds that a clock of the processor's time shows.
fn cpu_nanoseconds(clock: i32) -> i64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the clocks below exist on Linux, and `time` is theirs to write.
    let status = unsafe { clock_gettime(clock, &mut time) };
    assert_eq!(status, 0);
    time.seconds * 1_000_000_000 + time.nanoseconds
}

/// What all threads but this one have used of the processors, in nanoseconds.
pub fn cpu_time_of_others() -> i64 {
    const PROCESS: i32 = 2;
    const THREAD: i32 = 3;
    cpu_nanoseconds(PROCESS) - cpu_nanoseconds(THREAD)
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.max(1) - 1]
}

/// Iterates as the command line asks for, and prints the line.
pub fn run(request: &Request, iteration: impl Fn(&mut Recorder) -> i64) {
    let (operations, result) = expected(&request.workload, request.n);
    let mut recorder =
        Recorder { start: Instant::now(), stop: None, own_samples: false, samples: Vec::new() };
    let iterate = |recorder: &mut Recorder| {
        recorder.own_samples = false;
        recorder.stop = None;
        recorder.start();
        let out = iteration(recorder);
        if !recorder.own_samples {
            let stop = recorder.stop.unwrap_or_else(Instant::now);
            let ns = (stop - recorder.start).as_nanos() as f64;
            recorder.samples.push(ns / operations as f64);
        }
        if out != result {
            eprintln!("{}: {} came out, and not {}", request.workload, out, result);
            std::process::exit(1);
        }
    };
    if request.rounds > 0 {
        for _ in 0..request.rounds {
            iterate(&mut recorder);
        }
    } else {
        iterate(&mut recorder);
        recorder.samples.clear();
        let end = Instant::now() + Duration::from_secs_f64(request.seconds);
        loop {
            iterate(&mut recorder);
            if Instant::now() >= end {
                break;
            }
        }
    }
    let mut sorted = recorder.samples;
    sorted.sort_by(f64::total_cmp);
    println!(
        "{{\"port\": \"tokio\", \"workload\": \"{}\", \"tasks\": \"{}\", \"workers\": {}, \"n\": {}, \
         \"operations\": {}, \"samples\": {}, \"min\": {:.3}, \"median\": {:.3}, \"p99\": {:.3}}}",
        request.workload,
        request.tasks,
        request.workers,
        request.n,
        operations,
        sorted.len(),
        sorted[0],
        quantile(&sorted, 0.5),
        quantile(&sorted, 0.99)
    );
}

/// Prints the line of a workload that is left out.
pub fn print_missing(request: &Request, why: &str) {
    println!(
        "{{\"port\": \"tokio\", \"workload\": \"{}\", \"tasks\": \"{}\", \"workers\": {}, \"n\": {}, \
         \"missing\": \"{}\"}}",
        request.workload, request.tasks, request.workers, request.n, why
    );
}
