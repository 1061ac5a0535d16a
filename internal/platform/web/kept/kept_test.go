package kept_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/web/kept"
)

// counter gives 1, 2, 3 …, each after a while.
type counter struct {
	n    int
	late time.Duration
}

func (c *counter) read(ctx context.Context) (int, error) {
	time.Sleep(c.late)
	c.n++
	return c.n, ctx.Err()
}

func value(p *int) any {
	if p == nil {
		return nil
	}
	return *p
}

func TestNumbersByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, c := kept.New[int](time.Now), &counter{late: 50 * time.Millisecond}
		asks := []kept.Ask[int]{{Key: "a", Read: c.read}}
		var got []any
		for _, after := range []time.Duration{0, 9 * time.Second, 2 * time.Second, time.Second, 2 * time.Minute} {
			time.Sleep(after)
			synctest.Wait()
			got = append(got, value(k.Of(t.Context(), asks)[0]))
		}
		// new; fresh; old but usable, read behind; what was read behind; too old, waited for
		if diff := cmp.Diff([]any{1, 1, 1, 2, 3}, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		k.Forget()
		if got := value(k.Of(t.Context(), asks)[0]); got != 4 {
			t.Errorf("after Forget the number is %v", got)
		}
	})
}

func TestOneThatIsLateServesTheNextPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, c := kept.New[int](time.Now), &counter{late: time.Second}
		broken := func(context.Context) (int, error) { panic("broken") }
		failed := func(context.Context) (int, error) { return 7, errors.New("failed") }
		asks := []kept.Ask[int]{{Key: "late", Read: c.read}, {Key: "broken", Read: broken}, {Key: "failed", Read: failed}}
		var got []any
		for range 2 {
			for _, p := range k.Of(t.Context(), asks) {
				got = append(got, value(p))
			}
			time.Sleep(time.Second)
		}
		if diff := cmp.Diff([]any{nil, nil, nil, 1, nil, nil}, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

// TestForgetDuringReading: what was counted before a change is not kept after it.
func TestForgetDuringReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, c := kept.New[int](time.Now), &counter{late: time.Second}
		asks := []kept.Ask[int]{{Key: "a", Read: c.read}}
		k.Of(t.Context(), asks)
		k.Forget()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		c.late = 0
		if got := value(k.Of(t.Context(), asks)[0]); got != 2 {
			t.Errorf("the number is %v, want the one counted after the change", got)
		}
	})
}
