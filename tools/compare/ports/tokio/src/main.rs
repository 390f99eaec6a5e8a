//! Tokio, as tools/compare runs it; what each workload is:
//! tools/compare/workloads.txt. A multi-threaded runtime without the drivers of
//! I/O and time, which nothing here needs and which would only cost it.
//!
//! Every task of Tokio has a handle; a detached one's is dropped at once.

mod port;
mod workloads;

fn main() {
    let request = port::Request::parse();
    if let Some(run) = workloads::find(&request.workload, &request.tasks) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(request.workers)
            .build()
            .expect("a runtime");
        port::run(&request, |recorder| run(&runtime, &request, recorder));
    } else if let Some(why) = workloads::missing(&request.workload, &request.tasks) {
        port::print_missing(&request, why);
    } else {
        eprintln!("there is no workload '{}' with tasks '{}'", request.workload, request.tasks);
        std::process::exit(2);
    }
}
