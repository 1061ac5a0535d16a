package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"steward/internal/platform/store"
)

// nextID returns the id of an entry that is written at a time: a UUIDv7 (RFC 9562, section 5.7) of
// that time, or of the newest entry's plus a little when the clock has gone back since. So ids have
// the order in which entries were written, whatever the clock says.
func nextID(ctx context.Context, tx *store.Tx, at time.Time) (string, error) {
	var newest string
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(id), '') FROM audit_entry").Scan(&newest); err != nil {
		return "", err
	}
	// 48 bits of milliseconds, and 12 bits of what is left of one.
	tick := at.UnixMilli()<<12 | at.UnixMicro()%1000*4096/1000
	if newest != "" {
		last, err := uuid.Parse(newest)
		if err != nil {
			return "", fmt.Errorf("id of the newest entry: %w", err)
		}
		tick = max(tick, ticksOf(last)+1)
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return "", err
	}
	for i := range 6 {
		id[i] = byte(tick >> (52 - 8*i))
	}
	id[6], id[7] = 0x70|byte(tick>>8)&0x0f, byte(tick)
	return id.String(), nil
}

// ticksOf returns the time in a UUIDv7, as nextID counts it.
func ticksOf(id uuid.UUID) (ticks int64) {
	for i := range 6 {
		ticks = ticks<<8 | int64(id[i])
	}
	return ticks<<12 | int64(id[6]&0x0f)<<8 | int64(id[7])
}
