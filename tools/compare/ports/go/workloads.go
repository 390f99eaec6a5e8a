package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The workloads by name and kind of tasks; what they are is in
// tools/compare/workloads.txt. "Joined" is by a channel of the goroutine's own,
// which is how a goroutine gives back a result.
var workloads = map[string]func(n int64, recorder *Recorder) int64{
	"chained_spawn detached":      chainedSpawn,
	"chained_spawn joined":        chainedSpawnJoined,
	"chained_spawn_deep detached": chainedSpawn,
	"chained_spawn_deep joined":   chainedSpawnJoined,
	"ping_pong detached":          pingPong,
	"ping_pong joined":            pingPongJoined,
	"spawn_many_local detached":   spawnManyLocal,
	"spawn_many_local joined":     spawnManyLocalJoined,
	"yield_many detached":         yieldMany,
	"fib joined":                  fib,
	"skynet joined":               skynet,
	"flow_chain joined":           flowChainJoined,
	"flow_wide joined":            flowWideJoined,
	"flow_wide_work joined":       flowWideWorkJoined,
	"mpsc detached":               mpsc,
	"mutex detached":              mutex,
	"idle_cpu detached":           idleCPU,
	"rss_parked detached":         rssParked,
}

const noOutside = "no thread is outside of Go's scheduler"

const noForks = "no other way than goroutines: see fib and skynet"

const noGraphs = "no other way than channels: see joined"

var missing = map[string]string{
	"fork_fib joined":                 noForks,
	"fork_skynet joined":              noForks,
	"fork_nqueens joined":             noForks,
	"flow_chain flow":                 noGraphs,
	"flow_wide flow":                  noGraphs,
	"flow_wide_work flow":             noGraphs,
	"flow_wavefront flow":             noGraphs,
	"spawn_many_remote detached":      noOutside,
	"spawn_many_remote joined":        noOutside,
	"spawn_many_remote_busy detached": noOutside,
	"wake_idle detached":              noOutside,
}

// countdown sends when a number of goroutines have said that they are done.
type countdown struct {
	left int64
	end  chan struct{}
}

func newCountdown(tasks int64) *countdown {
	return &countdown{left: tasks, end: make(chan struct{}, 1)}
}

func (c *countdown) done() {
	if atomic.AddInt64(&c.left, -1) == 0 {
		c.end <- struct{}{}
	}
}

// chained_spawn

func link(spawned, left int64, end chan<- int64) {
	if left > 1 {
		go link(spawned+1, left-1, end)
	} else {
		end <- spawned + 1
	}
}

func chainedSpawn(n int64, _ *Recorder) int64 {
	end := make(chan int64, 1)
	go link(0, n, end)
	return <-end
}

func joinedLink(left int64, result chan<- int64) {
	if left == 1 {
		result <- 1
		return
	}
	next := make(chan int64, 1)
	go joinedLink(left-1, next)
	result <- 1 + <-next
}

func chainedSpawnJoined(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go joinedLink(n, result)
	return <-result
}

// ping_pong

func pingPong(n int64, _ *Recorder) int64 {
	var received int64
	all := newCountdown(n)
	go func() {
		for i := int64(0); i < n; i++ {
			go func() {
				channel := make(chan int64, 1)
				go func() { channel <- 1 }()
				atomic.AddInt64(&received, <-channel)
				all.done()
			}()
		}
	}()
	<-all.end
	return atomic.LoadInt64(&received)
}

func joinedPing(result chan<- int64) {
	channel := make(chan int64, 1)
	pong := make(chan struct{}, 1)
	go func() {
		channel <- 1
		pong <- struct{}{}
	}()
	value := <-channel
	<-pong
	result <- value
}

func one(result chan<- int64) { result <- 1 }

func joinAll(n int64, task func(result chan<- int64), result chan<- int64) {
	handles := make([]chan int64, n)
	for i := range handles {
		handles[i] = make(chan int64, 1)
		go task(handles[i])
	}
	sum := int64(0)
	for _, handle := range handles {
		sum += <-handle
	}
	result <- sum
}

func pingPongJoined(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go joinAll(n, joinedPing, result)
	return <-result
}

// spawn_many

func spawnManyLocal(n int64, _ *Recorder) int64 {
	all := newCountdown(n)
	go func() {
		for i := int64(0); i < n; i++ {
			go all.done()
		}
	}()
	<-all.end
	return n - atomic.LoadInt64(&all.left)
}

func spawnManyLocalJoined(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go joinAll(n, one, result)
	return <-result
}

// yield_many

func yieldMany(n int64, _ *Recorder) int64 {
	const yielders = 200
	var yields int64
	all := newCountdown(yielders)
	for i := 0; i < yielders; i++ {
		go func() {
			for j := int64(0); j < n; j++ {
				runtime.Gosched()
			}
			atomic.AddInt64(&yields, n)
			all.done()
		}()
	}
	<-all.end
	return atomic.LoadInt64(&yields)
}

// The recursive ones.

func fibCall(n int64, result chan<- int64) {
	if n < 2 {
		result <- n
		return
	}
	results := make(chan int64, 2)
	go fibCall(n-1, results)
	go fibCall(n-2, results)
	result <- <-results + <-results
}

func fib(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go fibCall(n, result)
	return <-result
}

func subtree(first, leaves int64, result chan<- int64) {
	if leaves == 1 {
		result <- first
		return
	}
	results := make(chan int64, 10)
	for i := int64(0); i < 10; i++ {
		go subtree(first+i*(leaves/10), leaves/10, results)
	}
	sum := int64(0)
	for i := 0; i < 10; i++ {
		sum += <-results
	}
	result <- sum
}

func skynet(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go subtree(0, n, result)
	return <-result
}

// Graphs.

func flowChainJoined(n int64, _ *Recorder) int64 {
	result := make(chan int64, 1)
	go func() {
		before := make(chan int64, 1)
		go one(before)
		for i := int64(1); i < n; i++ {
			next := make(chan int64, 1)
			go func(before <-chan int64, next chan<- int64) {
				next <- 1 + <-before
			}(before, next)
			before = next
		}
		result <- <-before
	}()
	return <-result
}

// grain works for a while and gives one, which no compiler knows.
func grain(seed int64) int64 {
	x := uint64(seed) | 1
	for i := 0; i < 1000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 {
		return 0
	}
	return 1
}

func wideJoined(n int64, leaf func(source, i int64) int64) int64 {
	result := make(chan int64, 1)
	go func() {
		first := make(chan int64, 1)
		go one(first)
		source := <-first
		handles := make([]chan int64, n)
		for i := range handles {
			handles[i] = make(chan int64, 1)
			go func(i int, handle chan<- int64) {
				handle <- leaf(source, int64(i))
			}(i, handles[i])
		}
		sum := int64(0)
		for _, handle := range handles {
			sum += <-handle
		}
		result <- sum
	}()
	return <-result
}

func flowWideJoined(n int64, _ *Recorder) int64 {
	return wideJoined(n, func(source, _ int64) int64 { return source })
}

func flowWideWorkJoined(n int64, _ *Recorder) int64 {
	return wideJoined(n, func(source, i int64) int64 {
		return source * grain(i)
	})
}

// Channels and locks.

func mpsc(n int64, _ *Recorder) int64 {
	channel := make(chan int64, 1024)
	result := make(chan int64, 1)
	go func() {
		sum := int64(0)
		for value := range channel {
			sum += value
		}
		result <- sum
	}()
	go func() {
		for i := int64(0); i < n; i++ {
			channel <- i
		}
		close(channel)
	}()
	return <-result
}

func mutex(n int64, _ *Recorder) int64 {
	const tasks = 100
	var lock sync.Mutex
	number := int64(0)
	all := newCountdown(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			for j := int64(0); j < n; j++ {
				lock.Lock()
				number++
				lock.Unlock()
			}
			all.done()
		}()
	}
	<-all.end
	return number
}

// Idle and parked.

// idleCPU sleeps in the system, not in the scheduler, as the other ports do.
func idleCPU(n int64, recorder *Recorder) int64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	spawnManyLocal(10000, recorder)
	sleep := func(milliseconds int64) {
		left := syscall.NsecToTimespec(milliseconds * int64(time.Millisecond))
		for syscall.Nanosleep(&left, &left) == syscall.EINTR {
		}
	}
	sleep(100)
	before := cpuTimeOfOthers()
	sleep(n)
	used := cpuTimeOfOthers() - before
	if used < 0 {
		used = 0
	}
	recorder.Add(float64(used) / float64(n))
	return n
}

func rssParked(n int64, recorder *Recorder) int64 {
	senders := make([]chan int64, n)
	unsent := make(chan int64)
	for i := range senders {
		senders[i] = unsent
	}
	var received int64
	parked, end := newCountdown(n), newCountdown(n)
	before := residentBytes()
	go func() {
		for i := range senders {
			go func(i int) {
				channel := make(chan int64, 1)
				senders[i] = channel
				parked.done()
				atomic.AddInt64(&received, <-channel)
				end.done()
			}(i)
		}
	}()
	<-parked.end
	// The last of them is about to wait.
	time.Sleep(10 * time.Millisecond)
	recorder.Add(float64(residentBytes()-before) / float64(n))
	for _, sender := range senders {
		sender <- 1
	}
	<-end.end
	return atomic.LoadInt64(&received)
}
