package hook_test

import (
	"context"
	"errors"
	"strings"
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
