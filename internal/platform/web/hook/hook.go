// Package hook asks the hooks of a page side by side and waits for them only so long, so that one
// that is slow, fails or panics costs the page its part and nothing else.
//
//	g := hook.NewGroup(ctx)
//	figure := hook.Ask(g, f.figure)
//	news := hook.Ask(g, f.news)
//	g.Wait()
//	value, err := figure.Take()
package hook

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Limit is how long a page waits for its hooks.
const Limit = 200 * time.Millisecond

// ErrLate says that a hook had not answered in time.
var ErrLate = fmt.Errorf("took longer than %s", Limit)

// Group is the hooks of one page. Make it with NewGroup.
type Group struct {
	ctx    context.Context // of the hooks; ends with the group's time, and holds what Once shares
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// NewGroup returns a group whose time begins now.
func NewGroup(ctx context.Context) *Group {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, sharedKey{}, &sync.Map{}), Limit)
	return &Group{ctx: ctx, cancel: cancel}
}

type sharedKey struct{}

// Once reads what several hooks of one group want, once, and gives each the same answer. The key says
// what is read and for whom; it is a value of a type of the caller's own. Outside a group it reads.
func Once[T any](ctx context.Context, key any, read func(context.Context) (T, error)) (T, error) {
	shared, ok := ctx.Value(sharedKey{}).(*sync.Map)
	if !ok {
		return read(ctx)
	}
	first, _ := shared.LoadOrStore(key, sync.OnceValues(func() (T, error) { return read(ctx) }))
	return first.(func() (T, error))()
}

// Wait returns when all hooks have answered or the time is up, whichever comes first. A hook that
// does not heed its context goes on alone; its answer is not taken any more.
func (g *Group) Wait() {
	done := make(chan struct{})
	go func() { g.all.Wait(); close(done); g.cancel() }()
	select {
	case <-done:
	case <-time.After(Limit):
	}
}

// Answer is what one hook answers.
type Answer[T any] struct{ answer chan result[T] }

type result[T any] struct {
	value T
	err   error
}

// Ask starts a hook; a panic in it is its error.
func Ask[T any](g *Group, h func(context.Context) (T, error)) *Answer[T] {
	a := &Answer[T]{answer: make(chan result[T], 1)}
	g.all.Go(func() {
		var r result[T]
		defer func() {
			if cause := recover(); cause != nil {
				r.err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			}
			a.answer <- r
		}()
		r.value, r.err = h(g.ctx)
	})
	return a
}

// Take gives the answer, or an error when it was not there in time. It is called once, after Wait.
func (a *Answer[T]) Take() (T, error) {
	select {
	case r := <-a.answer:
		return r.value, r.err
	default:
		var none T
		return none, ErrLate
	}
}
