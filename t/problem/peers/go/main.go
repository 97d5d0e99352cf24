// A server of reads in the study's form, with net/http.
//
//	go port
//
// A goroutine that reads a file holds a thread of the operating system until
// the kernel has answered: files cannot be polled.  time.Sleep would hold none,
// for the runtime has timers, so it would hide what a dying disk costs.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Signals by which the runtime preempts end a sleep early, but no read.
func read(ms int64) {
	left := syscall.NsecToTimespec(ms * 1e6)
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	var status int
	var ms int64
	var path string

	n, _ := fmt.Sscanf(r.URL.Path, "/%d,%d,%s", &status, &ms, &path)
	if n != 3 || status < 200 || status > 599 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	begun := time.Now()
	read(ms)
	total := time.Since(begun).Milliseconds()
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	if size, err := strconv.Atoi(r.FormValue("size")); err == nil {
		fmt.Fprint(w, strings.Repeat(".", size))
	} else {
		fmt.Fprintf(w, "%d,%s", total, path)
	}
}

// net/http takes its backlog from net.core.somaxconn, and os raises the limit
// of descriptors.  The runtime ends a program that needs more than 10,000
// threads; who met that limits the reads at once, and so it is left as it is.
func main() {
	server := http.Server{
		Addr:    "127.0.0.1:" + os.Args[1],
		Handler: http.HandlerFunc(serve),
	}
	server.SetKeepAlivesEnabled(false)
	log.Fatal(server.ListenAndServe())
}
