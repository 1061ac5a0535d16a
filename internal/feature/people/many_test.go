package people_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"steward/internal/platform/store"
)

// TestManyPeople pages through 3,000 names: in order, each once, and read from
// the index of names in steps, never all of them for one page.
func TestManyPeople(t *testing.T) {
	const many = 3000
	each(t, func(t *testing.T, h *house) {
		h.set("people.mode", "named")
		insert := func(table string, columns []string, row func(i int64) []any) {
			t.Helper()
			err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
				_, err := tx.Insert(h.ctx, table, columns, func(yield func([]any) bool) {
					for i := int64(1); i <= many; i++ {
						if !yield(row(i)) {
							return
						}
					}
				})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		r := newRepo(t, "one")
		r.commit("Zoe", "zoe@x.test", "begin", "a.txt", "one")
		h.look(r.dir)
		var repository int64
		if err := h.db.QueryRow(h.ctx, `SELECT id FROM repository`).Scan(&repository); err != nil {
			t.Fatal(err)
		}
		var want []string
		name := func(i int64) string {
			return fmt.Sprintf("%s Person%05d", []string{"ann", "Bob", "Ägir"}[i%3], i*7919%many)
		}
		for i := int64(1); i <= many; i++ {
			want = append(want, name(i))
		}
		insert("person", []string{"id", "uid", "kind", "name_of", "created_at", "merged_into"}, func(i int64) []any { return []any{i, fmt.Sprintf("p%d", i), "unknown", i, i, int64(0)} })
		insert("identity", []string{"id", "person_id", "kind", "first_scan", "seen_at"}, func(i int64) []any { return []any{i, i, "unknown", int64(1), i} })
		insert("person_name", []string{"identity_id", "label", "name", "email", "account", "email_key", "local_key", "name_key"}, func(i int64) []any {
			return []any{i, name(i), name(i), "", "", "", "", ""}
		})
		insert("contributor", []string{"repository_id", "identity_id", "commits", "bulk_commits", "first_at", "last_at"}, func(i int64) []any {
			return []any{repository, i, int64(1), int64(0), int64(0), int64(0)}
		})
		err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(h.ctx, `ANALYZE`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		list := h.people.PersonList()
		query := url.Values{"limit": {"100"}, "q": {"person"}}
		var got []string
		for after := "-"; after != ""; {
			if after != "-" {
				query.Set("after", after)
			}
			page, err := list.Page(h.ctx, h.db, member, list.Parse(query, time.Now()))
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				got = append(got, row["name"].(string))
			}
			after = page.Next
		}
		slices.SortFunc(want, func(a, b string) int {
			return strings.Compare(strings.ToLower(a[:1])+a[1:], strings.ToLower(b[:1])+b[1:])
		})
		h.want("names in order", got, want)
		for _, q := range []url.Values{{}, query} {
			plan, err := list.Plan(h.ctx, h.db, member, list.Parse(q, time.Now()))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(plan, "person_name_order") {
				t.Errorf("%v: not read from the index of names:\n%s", q, plan)
			}
		}
	})
}
