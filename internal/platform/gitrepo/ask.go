package gitrepo

import (
	"context"
	"os"

	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/gitrepo/layout"
)

// Ask finds out whether the repository at an address can be copied with what
// Mirror would use, and copies nothing. Its errors are those of Mirror.
func Ask(ctx context.Context, text string, opts MirrorOptions) error {
	to, err := address.Parse(text)
	if err == nil && to.Local() {
		var r *Repo
		if r, err = Open(ctx, to.Path, opts.Read); err == nil {
			return r.Close()
		}
	}
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(opts.Read.Scratch, "steward-ask-")
	if err != nil {
		return layout.Reason(err)
	}
	defer os.RemoveAll(temp)
	m := mirroring{opts: opts.withDefaults(), address: to, temp: temp, source: to.Text}
	if err = m.prepare(ctx); err == nil {
		_, err = m.list(ctx)
	}
	return err
}
