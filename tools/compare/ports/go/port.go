// Go, as tools/compare runs it; what each workload is:
// tools/compare/workloads.txt. GOMAXPROCS is the number of workers, all else
// is as Go sets it. The caller is the main goroutine, which is scheduled like
// all others: no thread is outside of Go's scheduler.
//
// This file has the command line, the clock, and the line of JSON, as
// ports/common/port.h has them for C++.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Recorder collects the samples of a run. An iteration is timed from its begin
// to its end, unless it adds samples of its own.
type Recorder struct {
	samples    []float64
	ownSamples bool
}

// Add adds a sample.
func (r *Recorder) Add(sample float64) {
	r.samples = append(r.samples, sample)
	r.ownSamples = true
}

func fibOf(n int64) int64 {
	a, b := int64(0), int64(1)
	for ; n > 0; n-- {
		a, b = b, a+b
	}
	return a
}

// expected says how many operations an iteration is, and what must come out.
func expected(workload string, n int64) (operations, result int64) {
	switch workload {
	case "yield_many":
		return 200 * n, 200 * n
	case "fib":
		return 2*fibOf(n+1) - 1, fibOf(n)
	case "skynet", "mpsc":
		return n, n * (n - 1) / 2
	case "mutex":
		return 100 * n, 100 * n
	}
	return n, n
}

// residentBytes is the resident memory of this process.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	var total, resident int64
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		panic(err)
	}
	return resident * int64(os.Getpagesize())
}

// cpuNanoseconds is what a clock of the processor's time shows.
func cpuNanoseconds(clock uintptr) int64 {
	var now syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&now)), 0); err != 0 {
		panic(err)
	}
	return now.Nano()
}

// cpuTimeOfOthers is what all threads but this one have used of the processors,
// in nanoseconds.
func cpuTimeOfOthers() int64 {
	const process, thread = 2, 3
	return cpuNanoseconds(process) - cpuNanoseconds(thread)
}

func quantile(sorted []float64, share float64) float64 {
	rank := int(math.Ceil(share * float64(len(sorted))))
	if rank < 1 {
		rank = 1
	}
	return sorted[rank-1]
}

func main() {
	workload := flag.String("workload", "", "a name of tools/compare/workloads.txt")
	tasks := flag.String("tasks", "detached", "detached or joined")
	workers := flag.Int("workers", 2, "how many threads run goroutines")
	n := flag.Int64("n", 0, "how large an iteration is")
	seconds := flag.Float64("seconds", 1, "how long to iterate, after one to warm up")
	rounds := flag.Int64("rounds", 0, "exactly so many iterations, and none to warm up")
	flag.Parse()
	if *n < 1 || *workers < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	line := fmt.Sprintf(`"port": "go", "workload": "%s", "tasks": "%s", "workers": %d, "n": %d`,
		*workload, *tasks, *workers, *n)
	if why, ok := missing[*workload+" "+*tasks]; ok {
		fmt.Printf("{%s, \"missing\": \"%s\"}\n", line, why)
		return
	}
	run, ok := workloads[*workload+" "+*tasks]
	if !ok {
		fmt.Fprintf(os.Stderr, "there is no workload '%s' with tasks '%s'\n", *workload, *tasks)
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*workers)

	recorder := &Recorder{}
	operations, result := expected(*workload, *n)
	iterate := func() {
		recorder.ownSamples = false
		begin := time.Now()
		out := run(*n, recorder)
		if !recorder.ownSamples {
			recorder.samples = append(recorder.samples, float64(time.Since(begin).Nanoseconds())/float64(operations))
		}
		if out != result {
			fmt.Fprintf(os.Stderr, "%s: %d came out, and not %d\n", *workload, out, result)
			os.Exit(1)
		}
	}
	if *rounds > 0 {
		for i := int64(0); i < *rounds; i++ {
			iterate()
		}
	} else {
		iterate()
		recorder.samples = nil
		end := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
		for iterate(); time.Now().Before(end); {
			iterate()
		}
	}
	sort.Float64s(recorder.samples)
	fmt.Println("{" + strings.Join([]string{line,
		fmt.Sprintf(`"operations": %d`, operations),
		fmt.Sprintf(`"samples": %d`, len(recorder.samples)),
		fmt.Sprintf(`"min": %.3f`, recorder.samples[0]),
		fmt.Sprintf(`"median": %.3f`, quantile(recorder.samples, 0.5)),
		fmt.Sprintf(`"p99": %.3f`, quantile(recorder.samples, 0.99))}, ", ") + "}")
}
