package audit

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Head is the signed state of the log after entry Seq.
type Head struct {
	Seq       int64     `json:"seq"`
	Chain     string    `json:"chain"` // SHA-256, hex
	At        time.Time `json:"at"`
	KeyID     string    `json:"key_id"`
	Signature string    `json:"signature"` // Ed25519 over text, hex
}

// text is what is signed.
func (h Head) text() []byte {
	return fmt.Appendf(nil, "steward audit head 1\n%d\n%s\n%d\n%s", h.Seq, h.Chain, store.Micros(h.At), h.KeyID)
}

// signedBy reports whether the signature is the key's.
func (h Head) signedBy(k Key) bool {
	signature, err := hex.DecodeString(h.Signature)
	return err == nil && h.KeyID == k.id && ed25519.Verify(k.private.Public().(ed25519.PublicKey), h.text(), signature)
}

const headColumns = "seq, chain, at, key_id, signature"

func scanHead(s store.Scanner) (Head, error) {
	var h Head
	var at int64
	err := s.Scan(&h.Seq, &h.Chain, &at, &h.KeyID, &h.Signature)
	h.At = store.FromMicros(at)
	return h, err
}

// Export writes the heads after entry since, oldest first, one JSON object a line, to be kept where
// the database's administrator cannot change them. It returns the last Seq written, since when
// there was none. It needs access.ReadAudit.
func (l *Log) Export(ctx context.Context, v access.Viewer, w io.Writer, since int64) (int64, error) {
	if err := v.Require(access.ReadAudit); err != nil {
		return since, err
	}
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	for {
		heads, err := store.Collect(scanHead)(l.db.Query(ctx,
			"SELECT "+headColumns+" FROM audit_head WHERE seq > $1 ORDER BY seq LIMIT $2", since, largestLimit))
		if err != nil {
			return since, fmt.Errorf("export audit heads: %w", err)
		}
		for _, h := range heads {
			if err := encoder.Encode(h); err != nil {
				return since, fmt.Errorf("export audit heads: %w", err)
			}
			since = h.Seq
		}
		if len(heads) < largestLimit {
			return since, out.Flush()
		}
	}
}

const (
	maxHeads    = 10_000_000
	maxHeadLine = 4 << 10
)

// ReadHeads reads what Export wrote, at most ten million lines of 4 KiB. A line that is no head
// gives fault.Invalid with its number.
func ReadHeads(r io.Reader) ([]Head, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxHeadLine), maxHeadLine)
	heads := []Head{}
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var h Head
		if err := json.Unmarshal(lines.Bytes(), &h); err != nil || h.Seq <= 0 {
			return nil, fault.New(fault.Invalid, "Line %d is not an exported head of the audit log. Give the file as it was written.", n)
		}
		if len(heads) == maxHeads {
			return nil, fault.New(fault.Invalid, "There are more than %d heads. Give a part of the file.", maxHeads)
		}
		heads = append(heads, h)
	}
	if err := lines.Err(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The exported heads cannot be read. Give the file as it was written.")
	}
	return heads, nil
}
