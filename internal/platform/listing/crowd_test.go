package listing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// TestACrowdAtAListThatAsksTheDatabase: more readers at once than there are connections, at a list whose FromOf
// needs one too. Each page holding its connection while it waits for another would end in none going on.
func TestACrowdAtAListThatAsksTheDatabase(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, []item{{id: 1, visibility: access.Internal}})
		spec := listing.Spec{
			Name: "items", Title: "Items", Noun: "item", Plural: "items", Key: "i.id", KeyKind: listing.Number,
			FromOf: func(ctx context.Context, v access.Viewer) (string, error) {
				var n int
				err := db.QueryRow(ctx, "SELECT count(*) FROM item WHERE "+v.Where("visibility")).Scan(&n)
				return "item i", err
			},
			Where:   func(v access.Viewer) string { return v.Where("i.visibility") },
			Columns: []listing.Column{{Key: "id", Label: "Id", SQL: "i.id", Kind: listing.Number, Sort: true}},
			Default: listing.Sort{Column: "id"},
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		const crowd = 300
		errs := make(chan error, crowd)
		for range crowd {
			go func() {
				result, err := spec.Page(ctx, db, access.System("test"), listing.Query{Limit: 10})
				if err == nil && len(result.Rows) != 1 {
					err = errors.New("the row is missing")
				}
				errs <- err
			}()
		}
		for range crowd {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
	})
}
