package hook_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"steward/internal/platform/web/hook"
)

func TestOneBadHookCostsOnlyItself(t *testing.T) {
	g := hook.NewGroup(t.Context())
	forever := make(chan struct{})
	defer close(forever)
	good := hook.Ask(g, func(context.Context) (int, error) { return 7, nil })
	failed := hook.Ask(g, func(context.Context) (int, error) { return 0, errors.New("broken") })
	panicked := hook.Ask(g, func(context.Context) (string, error) { panic("oops") })
	heeds := hook.Ask(g, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
	ignores := hook.Ask(g, func(context.Context) (int, error) { <-forever; return 1, nil })
	g.Wait()
	if v, err := good.Take(); v != 7 || err != nil {
		t.Errorf("the good one: %d, %v", v, err)
	}
	if _, err := failed.Take(); err == nil || err.Error() != "broken" {
		t.Errorf("the failed one: %v", err)
	}
	if _, err := panicked.Take(); err == nil || !strings.HasPrefix(err.Error(), "panic: oops") {
		t.Errorf("the panicking one: %v", err)
	}
	if _, err := heeds.Take(); err == nil {
		t.Error("the slow one has an answer")
	}
	if _, err := ignores.Take(); err == nil {
		t.Error("the one that ignores its time has an answer")
	}
}

func TestWhatSeveralHooksWantIsReadOnce(t *testing.T) {
	type key string
	var reads atomic.Int64
	read := func(ctx context.Context) (int64, error) {
		return hook.Once(ctx, key("a"), func(context.Context) (int64, error) { return reads.Add(1), nil })
	}
	for want := range int64(2) { // a group shares nothing with the next
		g := hook.NewGroup(t.Context())
		one, two := hook.Ask(g, read), hook.Ask(g, read)
		other := hook.Ask(g, func(ctx context.Context) (string, error) {
			return hook.Once(ctx, key("b"), func(context.Context) (string, error) { return "", errors.New("broken") })
		})
		g.Wait()
		a, errA := one.Take()
		b, errB := two.Take()
		if a != want+1 || b != want+1 || errA != nil || errB != nil {
			t.Errorf("%d and %d, %v %v; want %d twice", a, b, errA, errB, want+1)
		}
		if _, err := other.Take(); err == nil || err.Error() != "broken" {
			t.Errorf("the other one: %v", err)
		}
	}
	if n, err := read(t.Context()); n != 3 || err != nil {
		t.Errorf("outside a group: %d, %v", n, err)
	}
}
