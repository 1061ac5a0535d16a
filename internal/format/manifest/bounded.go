package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"steward/internal/format/lockfile"
)

// Limits on what is read of one tree.
const (
	maxFiles = 100_000   // manifests
	maxBytes = 256 << 20 // of all of them together
)

// bounded shows readers no more of a tree than the limits allow, and nothing
// once ctx has ended. It is safe for a reader that is still at work then.
type bounded struct {
	ctx   context.Context
	paths []string
	over  []string // paths left out because of their number
	room  *lockfile.Room

	mu    sync.Mutex
	files lockfile.Files
	bytes int // read so far
}

// bound takes the paths that are nearest to the root where there are too many.
func bound(ctx context.Context, files lockfile.Files, most int) *bounded {
	b := &bounded{ctx: ctx, files: files, paths: files.Paths(), room: lockfile.NewRoom()}
	if len(b.paths) <= most {
		return b
	}
	byDepth := slices.Clone(b.paths)
	slices.SortStableFunc(byDepth, func(x, y string) int { return cmp.Compare(strings.Count(x, "/"), strings.Count(y, "/")) })
	b.paths, b.over = byDepth[:most:most], byDepth[most:]
	slices.Sort(b.paths)
	return b
}

// Paths lists the manifests that may be read.
func (b *bounded) Paths() []string { return b.paths }

// ReadFile reads one of them, or a file beside.
func (b *bounded) ReadFile(path string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	if b.bytes > maxBytes || b.room.Full() {
		return nil, lockfile.ErrFull
	}
	data, err := b.files.ReadFile(path)
	b.bytes += len(data)
	return data, err
}

// rest waits until no file is being read; from then on none will be, when ctx
// has ended.
func (b *bounded) rest() {
	b.mu.Lock()
	defer b.mu.Unlock()
}

// sum makes one failure of those that all have the same cause.
func (b *bounded) sum(failures []lockfile.Failure) []lockfile.Failure {
	unread, first := b.room.Left()
	failures = slices.DeleteFunc(failures, func(f lockfile.Failure) bool {
		if !errors.Is(f.Err, lockfile.ErrFull) {
			return false
		}
		if unread++; first == "" || f.Path < first {
			first = f.Path
		}
		return true
	})
	if unread > 0 {
		failures = append(failures, lockfile.Failure{Err: fmt.Errorf("%w: %w: %d packages, or %d MiB of files; manifests left out for that: %d, %q first", lockfile.ErrTooLarge, lockfile.ErrFull, lockfile.MaxKept, maxBytes>>20, unread, first)})
	}
	if n := len(b.over); n > 0 {
		failures = append(failures, lockfile.Failure{Err: fmt.Errorf("%w: more than %d manifests; those not read, farthest from the root: %d, %q first", lockfile.ErrTooLarge, len(b.paths), n, b.over[0])})
	}
	return failures
}
