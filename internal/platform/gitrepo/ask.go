package gitrepo

import (
	"context"
	"fmt"
	"os"

	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/gitrepo/layout"
)

// Ask finds out whether the repository at an address can be copied with what
// Mirror would use, and copies nothing. It returns the number of branches and
// tags; its errors are those of Mirror.
func Ask(ctx context.Context, text string, opts MirrorOptions) (refs int, err error) {
	opts = opts.withDefaults()
	if refs, err = ask(ctx, text, opts); err != nil {
		return 0, fmt.Errorf("ask %s: %w", address.WithoutCredentials(text), err)
	}
	return refs, nil
}

func ask(ctx context.Context, text string, opts MirrorOptions) (int, error) {
	to, err := address.Parse(text)
	if err != nil {
		return 0, err
	}
	temp, err := os.MkdirTemp(opts.Read.Scratch, "steward-ask-")
	if err != nil {
		return 0, layout.Reason(err)
	}
	defer os.RemoveAll(temp)
	m := mirroring{opts: opts, address: to, temp: temp, source: to.Text}
	if to.Local() {
		done, err := m.serveLocal(ctx)
		if err != nil {
			return 0, err
		}
		defer done()
	}
	if err := m.prepare(ctx); err != nil {
		return 0, err
	}
	remote, err := m.list(ctx)
	return len(remote.refs), err
}
