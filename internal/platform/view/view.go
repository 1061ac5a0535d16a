// Package view keeps the views of lists that people save: an address under a name.
//
// A view belongs to the account that saved it, whatever its role: it is the account's own and writes
// nothing on the estate. Who may change settings may share a view with everybody, and may then
// change it as its owner may; what is done to a shared view is audited. Each account may have one
// view of a list, its own or a shared one, as what the list opens with.
//
// What a view shows is read anew by whoever opens it and with that one's rights; its name and its
// address are all that is shared.
package view

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Migrations holds the tables of views.
//
//go:embed migration
var Migrations embed.FS

const (
	maxName  = 60   // characters of a name
	maxTerms = 2000 // bytes of an address
	maxViews = 20   // of one list that an account has, and that are shared
	undoable = 24 * time.Hour
)

// View is one saved view as one viewer sees it.
type View struct {
	ID      string
	List    string // name of the list
	Name    string
	Terms   string // parameters of its address: "owner=core&sort=-changed"
	Shared  bool   // everybody sees it
	Mine    bool   // the viewer may rename, remove or, with the right to, share it
	Default bool   // what the list opens with for the viewer
}

// Views reads and writes them.
type Views struct {
	db  *store.DB
	now func() time.Time
}

// New returns the views kept in db.
func New(db *store.DB, now func() time.Time) *Views { return &Views{db: db, now: now} }

const (
	columns = `w.id, w.list, w.name, w.terms, w.shared, CASE WHEN w.account_id = $1 THEN 1 ELSE 0 END, CASE WHEN d.view_id IS NULL THEN 0 ELSE 1 END`
	from    = ` FROM saved_view w LEFT JOIN saved_view_default d ON d.view_id = w.id AND d.account_id = $1 WHERE (w.account_id = $1 OR w.shared = 1)`
)

func scanFor(v access.Viewer) func(store.Scanner) (View, error) {
	return func(row store.Scanner) (View, error) {
		var w View
		var shared, mine, standard int
		err := row.Scan(&w.ID, &w.List, &w.Name, &w.Terms, &shared, &mine, &standard)
		w.Shared, w.Default = shared == 1, standard == 1
		w.Mine = mine == 1 || w.Shared && v.Can(access.ManageSettings)
		return w, err
	}
}

// Of returns the views of a list that the viewer has, then the shared ones, each by name.
func (w *Views) Of(ctx context.Context, v access.Viewer, list string) ([]View, error) {
	if v.AccountID() == "" {
		return nil, nil
	}
	all, err := store.Collect(scanFor(v))(w.db.Query(ctx, `SELECT `+columns+from+` AND w.list = $2 AND w.removed_at = 0 ORDER BY w.shared, lower(w.name), w.id`, v.AccountID(), list))
	if err != nil {
		return nil, fmt.Errorf("views of list %s: %w", list, err)
	}
	return all, nil
}

// Find returns a view that the viewer has or that is shared.
func (w *Views) Find(ctx context.Context, v access.Viewer, id string) (View, error) {
	return find(ctx, w.db, v, id, `w.removed_at = 0`)
}

func find(ctx context.Context, r store.Reader, v access.Viewer, id, condition string) (View, error) {
	one, err := scanFor(v)(r.QueryRow(ctx, `SELECT `+columns+from+` AND w.id = $2 AND `+condition, v.AccountID(), id))
	if errors.Is(err, store.ErrNoRows) {
		return View{}, fault.New(fault.NotFound, "There is no such view, or it is somebody else's.")
	}
	if err != nil {
		return View{}, fmt.Errorf("find view %s: %w", id, err)
	}
	return one, nil
}

// Put saves the parameters of a list's address under a name that none of the viewer's views of the
// list has.
func (w *Views) Put(ctx context.Context, v access.Viewer, list, name, terms string) (View, error) {
	if v.AccountID() == "" {
		return View{}, fault.New(fault.Denied, "A view belongs to an account. Sign in to save one.")
	}
	name, err := named(name)
	switch {
	case err != nil:
		return View{}, err
	case terms == "" || len(terms) > maxTerms:
		return View{}, fault.New(fault.Invalid, "There is nothing to save, or too much. Filter or sort the list first, in at most %d characters.", maxTerms)
	}
	made := View{ID: store.NewID(), List: list, Name: name, Terms: terms, Mine: true}
	err = w.db.Tx(ctx, func(tx *store.Tx) error {
		if err := room(ctx, tx, `account_id = $2`, v.AccountID(), list, "You have"); err != nil {
			return err
		}
		if err := free(ctx, tx, v, made); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO saved_view (id, list, account_id, name, terms, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			made.ID, list, v.AccountID(), name, terms, store.Micros(w.now()))
		return err
	})
	if err != nil {
		return View{}, fmt.Errorf("put view %q: %w", name, err)
	}
	return made, nil
}

// Rename gives a view another name.
func (w *Views) Rename(ctx context.Context, v access.Viewer, id, name string) (View, error) {
	name, err := named(name)
	if err != nil {
		return View{}, err
	}
	return w.change(ctx, v, id, `removed_at = 0`, "view.rename", func(tx *store.Tx, one *View) error {
		one.Name = name
		if err := free(ctx, tx, v, *one); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE saved_view SET name = $2 WHERE id = $1`, id, name)
		return err
	})
}

// Remove takes a view away. Restore brings it back within a day.
func (w *Views) Remove(ctx context.Context, v access.Viewer, id string) (View, error) {
	return w.change(ctx, v, id, `removed_at = 0`, "view.remove", func(tx *store.Tx, _ *View) error {
		now := w.now()
		if _, err := tx.Exec(ctx, `DELETE FROM saved_view_default WHERE view_id IN (SELECT id FROM saved_view WHERE removed_at > 0 AND removed_at < $1)`, store.Micros(now.Add(-undoable))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM saved_view WHERE removed_at > 0 AND removed_at < $1`, store.Micros(now.Add(-undoable))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE saved_view SET removed_at = $2 WHERE id = $1`, id, store.Micros(now))
		return err
	})
}

// Restore takes Remove back, unless its name has been taken since.
func (w *Views) Restore(ctx context.Context, v access.Viewer, id string) (View, error) {
	return w.change(ctx, v, id, `removed_at > 0`, "view.restore", func(tx *store.Tx, one *View) error {
		if err := free(ctx, tx, v, *one); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE saved_view SET removed_at = 0 WHERE id = $1`, id)
		return err
	})
}

// Share shows a view to everybody, or to its owner alone again.
func (w *Views) Share(ctx context.Context, v access.Viewer, id string, shared bool) (View, error) {
	if err := v.Require(access.ManageSettings); err != nil {
		return View{}, err
	}
	return w.change(ctx, v, id, `removed_at = 0`, "view.share", func(tx *store.Tx, one *View) error {
		if shared && !one.Shared {
			if err := room(ctx, tx, `shared = $2`, 1, one.List, "There are"); err != nil {
				return err
			}
		}
		one.Shared = shared
		_, err := tx.Exec(ctx, `UPDATE saved_view SET shared = $2 WHERE id = $1`, id, map[bool]int{true: 1}[shared])
		return err
	})
}

// Open makes a view what its list opens with for the viewer, or no longer.
func (w *Views) Open(ctx context.Context, v access.Viewer, id string, on bool) (View, error) {
	var one View
	err := w.db.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if one, err = find(ctx, tx, v, id, `w.removed_at = 0`); err != nil {
			return err
		}
		one.Default = on
		if !on {
			_, err = tx.Exec(ctx, `DELETE FROM saved_view_default WHERE account_id = $1 AND view_id = $2`, v.AccountID(), id)
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO saved_view_default (account_id, list, view_id) VALUES ($1, $2, $3)
			ON CONFLICT (account_id, list) DO UPDATE SET view_id = excluded.view_id`, v.AccountID(), one.List, id)
		return err
	})
	if err != nil {
		return View{}, fmt.Errorf("open list with view %s: %w", id, err)
	}
	return one, nil
}

// change does something to a view that is the viewer's to change; where the view is or becomes
// shared, the audit log says so.
func (w *Views) change(ctx context.Context, v access.Viewer, id, condition, action string, do func(*store.Tx, *View) error) (View, error) {
	var one View
	err := w.db.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if one, err = find(ctx, tx, v, id, "w."+condition); err != nil {
			return err
		}
		if !one.Mine {
			return fault.New(fault.Denied, "This view is shared by somebody else. Save it under a name of your own, or ask an administrator.")
		}
		was := one.Shared
		if err := do(tx, &one); err != nil {
			return err
		}
		if !was && !one.Shared {
			return nil
		}
		return audit.Append(ctx, tx, v, w.now(), action, "view", id, map[string]any{"list": one.List, "shared": one.Shared})
	})
	if err != nil {
		return View{}, fmt.Errorf("%s %s: %w", action, id, err)
	}
	return one, nil
}

func named(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len([]rune(name)) > maxName || strings.ContainsFunc(name, unprintable) {
		return "", fault.New(fault.Invalid, "A view needs a name of 1 to %d characters.", maxName)
	}
	return name, nil
}

// unprintable holds for what would hide in a name or turn it round.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar
}

// free refuses a name that another view has which the viewer would see beside this one.
func free(ctx context.Context, tx *store.Tx, v access.Viewer, one View) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM saved_view WHERE list = $1 AND id <> $2 AND lower(name) = lower($3) AND removed_at = 0 AND (account_id = $4 OR shared = 1)`,
		one.List, one.ID, one.Name, v.AccountID()).Scan(&n)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "There is a view called %q already. Choose another name, or remove that one first.", one.Name)
	}
	return nil
}

// room refuses a view too many: each is a tab.
func room(ctx context.Context, tx *store.Tx, condition string, value any, list, who string) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM saved_view WHERE list = $1 AND removed_at = 0 AND `+condition, list, value).Scan(&n); err != nil {
		return err
	}
	if n >= maxViews {
		return fault.New(fault.Conflict, "%s %d views of this list already, which is as many as fit. Remove one first.", who, n)
	}
	return nil
}
