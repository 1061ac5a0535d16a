// Package kept keeps numbers that are dear to count, so that pages show them without waiting.
//
//	age of a number    what a page gets
//	up to 10 s         the number
//	up to a minute     the number, which is counted again behind the page's back
//	older, or none     the new one, when it is there within the time that a page waits for hooks
//
// A number that could not be counted is left out; the page stands without it.
package kept

import (
	"context"
	"sync"
	"time"

	"steward/internal/platform/web/hook"
)

const (
	fresh    = 10 * time.Second
	usable   = time.Minute
	longest  = 10 * time.Second // one that is late may go on for its next use, but not forever
	capacity = 5000
)

// Numbers keeps values by key. Make it with New; it is safe for use by many goroutines.
type Numbers[T any] struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]entry[T]
	age  int // raised by Forget: what began before is not kept
}

type entry[T any] struct {
	value *T // nil: could not be counted
	at    time.Time
	busy  bool
}

// Ask is one number that is wanted. The key says which and for whom.
type Ask[T any] struct {
	Key  string
	Read func(context.Context) (T, error)
}

// New returns an empty keeper.
func New[T any](now func() time.Time) *Numbers[T] {
	return &Numbers[T]{now: now, kept: map[string]entry[T]{}}
}

// Of gives the numbers in the order of what is asked, nil where there is none in time.
func (n *Numbers[T]) Of(ctx context.Context, asks []Ask[T]) []*T {
	out := make([]*T, len(asks))
	var wait sync.WaitGroup
	for _, a := range asks {
		start, behind, age := n.start(a.Key)
		switch {
		case start && behind:
			go n.read(context.WithoutCancel(ctx), a, age)
		case start:
			wait.Go(func() { n.read(context.WithoutCancel(ctx), a, age) })
		}
	}
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(hook.Limit):
	case <-ctx.Done():
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, a := range asks {
		out[i] = n.kept[a.Key].value
	}
	return out
}

// Forget makes all numbers be counted again, because something has been changed.
func (n *Numbers[T]) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.kept)
	n.age++
}

// start reports whether a number must be read anew, and whether the old one serves meanwhile; it
// notes that it is being read.
func (n *Numbers[T]) start(key string) (start, behind bool, age int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e := n.kept[key]
	old := n.now().Sub(e.at)
	if e.busy || !e.at.IsZero() && old < fresh {
		return false, false, n.age
	}
	if len(n.kept) >= capacity {
		clear(n.kept)
	}
	if e.at.IsZero() || old >= usable {
		e.value = nil
	}
	e.busy = true
	n.kept[key] = e
	return true, e.value != nil, n.age
}

func (n *Numbers[T]) read(ctx context.Context, a Ask[T], age int) {
	var value *T
	defer func() {
		if recover() != nil {
			value = nil // a broken hook costs its number, not the page
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if age == n.age {
			n.kept[a.Key] = entry[T]{value: value, at: n.now()}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if v, err := a.Read(ctx); err == nil {
		value = &v
	}
}
