package gitrepo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"

	"steward/internal/platform/gitrepo/layout"
)

// digest is equal for equal branches and tags.
func (r remoteRefs) digest() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r.refs)) {
		fmt.Fprintf(h, "%s %s\n", r.refs[name], name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// refusal is the file beside a copy that says why there is none: the limit that it was larger than,
// and the digest of what the other side had.
func (m *mirroring) refusal() string { return m.dir + ".refused" }

// tooBig is the error of a copy that is larger than allowed. It is kept, so that the next run does
// not transfer all of it again; where it cannot be kept, that is all that happens.
func (m *mirroring) tooBig(size int64) error {
	_ = os.WriteFile(m.refusal(), fmt.Appendf(nil, "%d %s\n", m.opts.MaxBytes, m.refs), 0o600)
	return fmt.Errorf("the copy has %d bytes, limit %d: %w; allow more or leave the repository out", size, m.opts.MaxBytes, ErrTooLarge)
}

// refusedBefore is the refusal of an earlier run that still holds, and forgets one that does not.
func (m *mirroring) refusedBefore() error {
	text, err := os.ReadFile(m.refusal())
	if err != nil {
		return nil // none was kept
	}
	var limit int64
	var refs string
	if _, err := fmt.Sscanf(string(text), "%d %s", &limit, &refs); err == nil && limit >= m.opts.MaxBytes && refs == m.refs {
		return fmt.Errorf("the copy was larger than %d bytes before, and neither its branches and tags nor the limit have changed: %w; allow more or leave the repository out", limit, ErrTooLarge)
	}
	if err := os.Remove(m.refusal()); err != nil {
		return layout.Reason(err)
	}
	return nil
}
