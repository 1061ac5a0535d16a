package gitrepo

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// maxDeaths is how many objects of one batch may each bring git down before it
// is given up.
const maxDeaths = 100

// each reads n objects of the kind want, or of any when that is empty, without waiting for one answer before
// the next question. It calls visit in their order, until that returns false:
// with the content, or with why there is none (ErrTooLarge, ErrMissing, which
// also stands for another kind, ErrCorrupt, and ErrGit where git died of it).
// The error is that of ctx, or ErrGit when git cannot be started or keeps dying.
func (b *Blobs) each(n int, id func(i int) string, limit int64, want string, visit func(i int, kind string, data []byte, err error) bool) error {
	for at, deaths := 0, 0; at < n; {
		if err := b.run(); err != nil {
			return err
		}
		asked := b.ask(at, n, id)
		for ; at < n; at++ {
			kind, data, err := b.answer(id(at), limit, want, b.pass)
			died := err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrCorrupt)
			switch {
			case died:
				err = b.end(err)
				<-asked
				if b.ctx.Err() != nil {
					return err
				}
				if deaths++; deaths > maxDeaths {
					return err
				}
			case err == nil && want != "" && kind != want:
				err = fmt.Errorf("object %s is a %s, not a %s: %w", id(at), kind, want, ErrMissing)
			}
			if !visit(at, kind, data, err) {
				b.shut()
				<-asked
				return nil
			}
			if died {
				at++
				break
			}
		}
		if at == n && b.p != nil {
			<-asked
		}
	}
	return nil
}

// ask writes the ids from at on to git; the channel is closed when it has ended,
// which it does at the latest when git's input is closed.
func (b *Blobs) ask(at, n int, id func(i int) string) <-chan struct{} {
	done := make(chan struct{})
	go func(in *os.File) {
		defer close(done)
		out := bufio.NewWriterSize(in, 32<<10)
		for ; at < n; at++ {
			out.WriteString(id(at))
			if out.WriteByte('\n') != nil {
				return
			}
		}
		_ = out.Flush() // git's end is seen where its answers are read
	}(b.in)
	return done
}
