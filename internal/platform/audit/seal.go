package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

const (
	// round is the most entries that one transaction seals.
	round = 1000
	// pause is between two rounds of Run.
	pause = time.Second
	// sealLock is the key of the advisory lock of sealers on PostgreSQL.
	sealLock = 0x73746577_617564 // "stewaud"
)

// Log seals, verifies and lists entries. It is safe for use by many goroutines.
type Log struct {
	db    *store.DB
	key   Key
	clock func() time.Time
}

// New returns the log in db, sealed with a key; with the zero Key it is only read. A nil clock means
// time.Now.
func New(db *store.DB, key Key, clock func() time.Time) *Log {
	if clock == nil {
		clock = time.Now
	}
	return &Log{db: db, key: key, clock: clock}
}

// Run seals each second until ctx ends, and once more then. What goes wrong is logged and tried
// again. Replicas may all run it; one seals at a time.
func (l *Log) Run(ctx context.Context, logger *slog.Logger) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer stop()
			if _, err := l.Seal(last); err != nil {
				logger.WarnContext(ctx, "seal the audit log", "error", err)
			}
			return
		case <-tick.C:
			if _, err := l.Seal(ctx); err != nil && ctx.Err() == nil {
				logger.WarnContext(ctx, "seal the audit log", "error", err)
			}
		}
	}
}

// Seal seals all entries that wait for it and returns how many.
func (l *Log) Seal(ctx context.Context) (int, error) {
	if l.key.private == nil {
		return 0, nil // sealed by those who have the key
	}
	var waiting int
	if err := l.db.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM audit_pending LIMIT 1) AS first_one").Scan(&waiting); err != nil {
		return 0, fmt.Errorf("seal the audit log: %w", err)
	}
	sealed := 0
	for waiting > 0 {
		n, err := l.sealRound(ctx)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("seal the audit log: %w", err)
		}
		if n < round {
			break
		}
	}
	return sealed, nil
}

func (l *Log) sealRound(ctx context.Context) (n int, err error) {
	err = l.db.Tx(ctx, func(tx *store.Tx) error {
		if l.db.Engine() == store.PostgreSQL {
			if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(sealLock)); err != nil {
				return err
			}
		}
		switch known, err := keyOfDatabase(ctx, tx); {
		case err != nil:
			return err
		case known != "" && known != l.key.id:
			return fault.New(fault.Conflict, "The audit key was changed to %s meanwhile. Stop this Steward, copy that key to its data folder, and start it again.", known)
		}
		type pending struct{ id, digest string }
		// A pending id without its entry stays: Verify says that the entry was removed.
		all, err := store.Collect(func(s store.Scanner) (p pending, err error) { return p, s.Scan(&p.id, &p.digest) })(
			tx.Query(ctx, `SELECT e.id, e.digest FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id
				LEFT JOIN audit_seal s ON s.entry_id = e.id WHERE s.entry_id IS NULL ORDER BY e.id LIMIT $1`, round))
		if err != nil || len(all) == 0 {
			return err
		}
		last, err := newest(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Insert(ctx, "audit_seal", []string{"seq", "entry_id", "digest", "chain", "mac"}, func(yield func([]any) bool) {
			for _, p := range all {
				last = seal{seq: last.seq + 1, entry: p.id, digest: p.digest, chain: link(last.chain, last.seq+1, p.id, p.digest)}
				if !yield([]any{last.seq, last.entry, last.digest, last.chain, l.key.code(last)}) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		// Ids are time-ordered: all pending ones up to the last that have an entry are in the round.
		n = len(all)
		_, err = tx.Exec(ctx, `DELETE FROM audit_pending WHERE entry_id <= $1
			AND entry_id IN (SELECT entry_id FROM audit_seal WHERE seq > $2)`, all[n-1].id, last.seq-int64(n))
		if err != nil {
			return err
		}
		h := Head{Seq: last.seq, Chain: last.chain, At: l.clock().UTC().Truncate(time.Microsecond), KeyID: l.key.id}
		h.Signature = hex.EncodeToString(ed25519.Sign(l.key.private, h.text()))
		_, err = tx.Exec(ctx, "INSERT INTO audit_head (seq, chain, at, key_id, signature) VALUES ($1, $2, $3, $4, $5)",
			h.Seq, h.Chain, store.Micros(h.At), h.KeyID, h.Signature)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// newest returns the last seal, the zero seal when there is none. It goes by the head too, so that
// the number of a seal that somebody removed is not given out again.
func newest(ctx context.Context, tx *store.Tx) (seal, error) {
	var s seal
	err := tx.QueryRow(ctx, `SELECT seq, chain FROM (
			SELECT seq, chain FROM audit_seal UNION ALL SELECT seq, chain FROM audit_head
		) AS both_tables ORDER BY seq DESC LIMIT 1`).Scan(&s.seq, &s.chain)
	if errors.Is(err, store.ErrNoRows) {
		err = nil
	}
	return s, err
}

// seal is one link of the chain.
type seal struct {
	seq                  int64
	entry, digest, chain string
}

// link returns the chain's value at seq: the SHA-256 of what was before and what is new.
func link(before string, seq int64, entry, digest string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "steward audit chain 1\n%s\n%d\n%s\n%s", before, seq, entry, digest))
	return hex.EncodeToString(sum[:])
}

// code returns what only the holder of the key can write beside a seal.
func (k Key) code(s seal) string {
	h := hmac.New(sha256.New, k.mac)
	fmt.Fprintf(h, "%d\n%s\n%s\n%s", s.seq, s.entry, s.digest, s.chain)
	return hex.EncodeToString(h.Sum(nil))
}
