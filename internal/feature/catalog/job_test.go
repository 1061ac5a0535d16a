package catalog_test

import (
	"path/filepath"
	"testing"

	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// TestOneBrokenRepositoryKeepsNoOtherFromItsOwners breaks the first; SQLite keeps text where a number belongs.
func TestOneBrokenRepositoryKeepsNoOtherFromItsOwners(t *testing.T) {
	h := open(t, storetest.Open(t, storetest.Fresh(t, store.SQLite), migrations()))
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		newTree(t, filepath.Join(dir, name), map[string]string{"CODEOWNERS": "* @bank/core\n", "a.go": "package a\n"})
	}
	h.look(dir)
	err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(h.ctx, `UPDATE component SET owner_kind = '', owner_name = '', owner_state = 'none', owner_from = ''`); err != nil {
			return err
		}
		if _, err := tx.Exec(h.ctx, `UPDATE component SET owner_team_id = 'broken' WHERE repository_id = (SELECT MIN(repository_id) FROM component)`); err != nil {
			return err
		}
		return h.catalog.OwnersAgain(h.ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.idle()
	first := h.strings(`SELECT name FROM component ORDER BY repository_id LIMIT 1`)[0]
	other := map[string]string{"one": "two", "two": "one"}[first]
	if got := h.strings(`SELECT name FROM component WHERE owner_name = 'bank/core'`); len(got) != 1 || got[0] != other {
		t.Errorf("owners were worked out for %q, want %q alone", got, other)
	}
}
