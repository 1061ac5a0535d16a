package view_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/view"
)

var (
	ann = access.As("a-1", "Ann", access.Admin)
	ben = access.As("a-2", "Ben", access.Member)
	cas = access.As("a-3", "Cas", access.Auditor)
)

var migrations = []store.Migrations{{Feature: "view", FS: view.Migrations}, audit.Migrations()}

var noID = cmpopts.IgnoreFields(view.View{}, "ID")

// desk is the views of a database, with a clock.
type desk struct {
	*testing.T
	*view.Views
	db  *store.DB
	now time.Time
}

func each(t *testing.T, f func(*desk)) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		d := &desk{T: t, db: db, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
		d.Views = view.New(db, func() time.Time { return d.now })
		f(d)
	})
}

func (d *desk) put(v access.Viewer, name, terms string) string {
	d.Helper()
	one, err := d.Put(d.Context(), v, "things", name, terms)
	if err != nil {
		d.Fatal(err)
	}
	return one.ID
}

func (d *desk) want(v access.Viewer, want ...view.View) {
	d.Helper()
	got, err := d.Of(d.Context(), v, "things")
	if err != nil {
		d.Fatal(err)
	}
	if diff := cmp.Diff(want, got, noID, cmpopts.EquateEmpty()); diff != "" {
		d.Errorf("%s sees: want -, got +:\n%s", v.Name(), diff)
	}
}

func (d *desk) refused(err error, kind fault.Kind) {
	d.Helper()
	if !errors.Is(err, kind) {
		d.Errorf("%v, want a fault of kind %v", err, kind)
	}
}

func (d *desk) audited() (actions []string) {
	d.Helper()
	actions, err := store.Collect(func(row store.Scanner) (s string, err error) { return s, row.Scan(&s) })(d.db.Query(d.Context(), `SELECT action FROM audit_entry ORDER BY id`))
	if err != nil {
		d.Fatal(err)
	}
	return actions
}

func TestAViewIsItsOwners(t *testing.T) {
	each(t, func(d *desk) {
		mine := d.put(cas, "  My   owners ", "owner=core&sort=-changed")
		d.want(cas, view.View{List: "things", Name: "My owners", Terms: "owner=core&sort=-changed", Mine: true})
		d.want(ann)
		_, err := d.Rename(d.Context(), ann, mine, "Taken")
		d.refused(err, fault.NotFound)
		_, err = d.Remove(d.Context(), ben, mine)
		d.refused(err, fault.NotFound)
		_, err = d.Share(d.Context(), cas, mine, true)
		d.refused(err, fault.Denied)
		if _, err := d.Rename(d.Context(), cas, mine, "Ours"); err != nil {
			d.Error(err)
		}
		d.want(cas, view.View{List: "things", Name: "Ours", Terms: "owner=core&sort=-changed", Mine: true})
		if other, err := d.Of(d.Context(), cas, "others"); err != nil || len(other) > 0 {
			d.Errorf("another list has %v, %v", other, err)
		}
		if got := d.audited(); len(got) > 0 {
			d.Errorf("what is one's own is audited: %v", got)
		}
	})
}

func TestNames(t *testing.T) {
	each(t, func(d *desk) {
		for _, name := range []string{"", "   ", strings.Repeat("é", 61), "a\x00b", "a\u202eb", "a\xffb"} {
			_, err := d.Put(d.Context(), ben, "things", name, "q=x")
			d.refused(err, fault.Invalid)
		}
		_, err := d.Put(d.Context(), ben, "things", "Nothing", "")
		d.refused(err, fault.Invalid)
		_, err = d.Put(d.Context(), access.System("test"), "things", "Nobody's", "q=x")
		d.refused(err, fault.Denied)
		first := d.put(ben, strings.Repeat("é", 60), "q=1")
		d.put(ben, "Two", "q=2")
		d.put(ann, "Two", "q=2") // another's
		_, err = d.Put(d.Context(), ben, "things", "TWO", "q=3")
		d.refused(err, fault.Conflict)
		_, err = d.Rename(d.Context(), ben, first, "two")
		d.refused(err, fault.Conflict)
		if _, err := d.Rename(d.Context(), ben, first, "One"); err != nil {
			d.Error(err)
		}
		d.want(ben, view.View{List: "things", Name: "One", Terms: "q=1", Mine: true}, view.View{List: "things", Name: "Two", Terms: "q=2", Mine: true})
		for i := range 18 {
			d.put(ben, fmt.Sprint("more ", i), "q=4")
		}
		_, err = d.Put(d.Context(), ben, "things", "one too many", "q=5")
		d.refused(err, fault.Conflict)
	})
}

func TestSharedWithEverybody(t *testing.T) {
	each(t, func(d *desk) {
		id := d.put(ben, "Risky", "q=risky")
		// Only what is shared can be shared by one who does not own it: an administrator shares own views.
		_, err := d.Share(d.Context(), ann, id, true)
		d.refused(err, fault.NotFound)
		id = d.put(ann, "Ours", "q=ours")
		if _, err := d.Share(d.Context(), ann, id, true); err != nil {
			d.Fatal(err)
		}
		d.want(cas, view.View{List: "things", Name: "Ours", Terms: "q=ours", Shared: true})
		d.want(ben, view.View{List: "things", Name: "Risky", Terms: "q=risky", Mine: true}, view.View{List: "things", Name: "Ours", Terms: "q=ours", Shared: true})
		_, err = d.Remove(d.Context(), ben, id)
		d.refused(err, fault.Denied)
		other := access.As("a-9", "Dee", access.Admin)
		if _, err := d.Rename(d.Context(), other, id, "The firm's"); err != nil {
			d.Error(err)
		}
		if _, err := d.Open(d.Context(), cas, id, true); err != nil {
			d.Error(err)
		}
		d.want(cas, view.View{List: "things", Name: "The firm's", Terms: "q=ours", Shared: true, Default: true})
		if _, err := d.Share(d.Context(), other, id, false); err != nil {
			d.Error(err)
		}
		d.want(cas)
		d.want(ann, view.View{List: "things", Name: "The firm's", Terms: "q=ours", Mine: true})
		if diff := cmp.Diff([]string{"view.share", "view.rename", "view.share"}, d.audited()); diff != "" {
			d.Errorf("audit: want -, got +:\n%s", diff)
		}
	})
}

func TestRemoveCanBeUndone(t *testing.T) {
	each(t, func(d *desk) {
		id := d.put(ben, "One", "q=1")
		open := func(id string, on bool) {
			d.Helper()
			if _, err := d.Open(d.Context(), ben, id, on); err != nil {
				d.Error(err)
			}
		}
		open(id, true)
		if _, err := d.Remove(d.Context(), ben, id); err != nil {
			d.Fatal(err)
		}
		d.want(ben)
		_, err := d.Find(d.Context(), ben, id)
		d.refused(err, fault.NotFound)
		again := d.put(ben, "One", "q=2")
		_, err = d.Restore(d.Context(), ben, id)
		d.refused(err, fault.Conflict)
		if _, err := d.Rename(d.Context(), ben, again, "Two"); err != nil {
			d.Error(err)
		}
		if _, err := d.Restore(d.Context(), ben, id); err != nil {
			d.Error(err)
		}
		one, two := view.View{List: "things", Name: "One", Terms: "q=1", Mine: true, Default: true}, view.View{List: "things", Name: "Two", Terms: "q=2", Mine: true}
		d.want(ben, one, two)
		open(again, true) // a list opens with one view
		one.Default, two.Default = false, true
		d.want(ben, one, two)
		open(again, false)
		two.Default = false
		d.want(ben, one, two)

		if _, err := d.Remove(d.Context(), ben, id); err != nil {
			d.Fatal(err)
		}
		d.now = d.now.Add(25 * time.Hour)
		if _, err := d.Remove(d.Context(), ben, again); err != nil {
			d.Fatal(err)
		}
		_, err = d.Restore(d.Context(), ben, id) // after a day it is gone
		d.refused(err, fault.NotFound)
		if _, err = d.Restore(d.Context(), ben, again); err != nil {
			d.Error(err)
		}
	})
}
