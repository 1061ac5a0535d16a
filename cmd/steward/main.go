// Command steward is an open source programme office as one program.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"steward/internal/app"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "development"

// memoryGoal is the heap under which the collector works harder to stay, in
// bytes: one hostile lock file of 32 MB would otherwise take 450 MB, half of it
// garbage. GOMEMLIMIT overrides it.
const memoryGoal = 300 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := app.Run(ctx, version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
