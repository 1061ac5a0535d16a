package portfolio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Figures are counts over what applications are made of, as far as the viewer sees it.
type Figures struct {
	Repositories int64 `json:"repositories"`
	Components   int64 `json:"components"`
	NoOwner      int64 `json:"components_without_owner"`
	NoLicence    int64 `json:"components_with_unknown_licence"`
	Packages     int64 `json:"packages"` // different ones, test data left out
}

// Part is one repository or component of an application, as its file names it.
type Part struct {
	Named      string    `json:"named"`
	Found      bool      `json:"found"`
	Repository string    `json:"repository,omitempty"`
	RepoID     string    `json:"repository_id,omitempty"`
	File       string    `json:"file"`
	Line       int       `json:"line"`
	Stated     time.Time `json:"stated"`
}

// Membership is a unit that an application belonged to before. Days are YYYY-MM-DD, empty when not known.
type Membership struct {
	UnitID string `json:"unit_id"`
	Unit   string `json:"unit"`
	From   string `json:"from"`
	To     string `json:"to"`
}

// ApplicationRecord is an application with all that is known of it.
type ApplicationRecord struct {
	Application
	Units   []Unit       `json:"units"` // from the highest to its own; none when it has left it
	Before  []Membership `json:"units_before"`
	Figures Figures      `json:"figures"`
	Parts   []Part       `json:"parts"` // at most 500; those that were not found for those only who may see everything
}

// UnitRecord is a unit with all that is known of it.
type UnitRecord struct {
	Unit
	Above        []Unit  `json:"above"` // the highest first
	Below        []Unit  `json:"below"` // directly, by name
	Applications int64   `json:"applications"`
	Figures      Figures `json:"figures"`
}

// mostParts is how many parts a record lists.
const mostParts = 500

// Find returns an application by its id, also one that is gone; fault.NotFound when there is none.
func (f *Feature) Find(ctx context.Context, v access.Viewer, id string) (ApplicationRecord, error) {
	var one ApplicationRecord
	err := f.db.Snapshot(ctx, func(r store.Reader) (err error) {
		one.Application, err = scanApplication(r.QueryRow(ctx, `SELECT `+applicationColumns+` FROM application a WHERE a.id = $1 AND `+signedIn(v), id))
		if errors.Is(err, store.ErrNoRows) {
			return fault.New(fault.NotFound, "There is no such application.")
		}
		if err != nil {
			return err
		}
		if one.To == "" || one.To >= f.now().UTC().Format(time.DateOnly) {
			if one.Units, err = above(ctx, r, one.UnitID); err != nil {
				return err
			}
		}
		if one.Before, err = store.Collect(scanMembership)(r.Query(ctx, `SELECT u.id, u.name, m.from_day, m.to_day FROM application_unit m JOIN unit u ON u.id = m.unit_id WHERE m.application_id = $1 ORDER BY m.seq DESC`, id)); err != nil {
			return err
		}
		if one.Figures, err = f.count(ctx, r, v, made, "p.application_id", id); err != nil {
			return err
		}
		one.Parts, err = parts(ctx, r, v, id)
		return err
	})
	if err != nil {
		return one, fmt.Errorf("find application: %w", err)
	}
	return one, nil
}

// Unit returns a unit by its id, also one that is gone; fault.NotFound when there is none.
func (f *Feature) Unit(ctx context.Context, v access.Viewer, id string) (UnitRecord, error) {
	var one UnitRecord
	err := f.db.Snapshot(ctx, func(r store.Reader) (err error) {
		one.Unit, err = scanUnit(r.QueryRow(ctx, `SELECT `+unitColumns+` FROM unit u WHERE u.id = $1 AND `+signedIn(v), id))
		if errors.Is(err, store.ErrNoRows) {
			return fault.New(fault.NotFound, "There is no such unit.")
		}
		if err != nil {
			return err
		}
		if one.Above, err = above(ctx, r, one.ParentID); err != nil {
			return err
		}
		if one.Below, err = store.Collect(scanUnit)(r.Query(ctx, `SELECT `+unitColumns+` FROM unit u WHERE u.parent_id = $1 AND u.gone_at = 0 ORDER BY u.name, u.id`, id)); err != nil {
			return err
		}
		if err := r.QueryRow(ctx, `SELECT COUNT(*) FROM `+within+` WHERE n.above_id = $1`, id).Scan(&one.Applications); err != nil {
			return err
		}
		one.Figures, err = f.count(ctx, r, v, within+` JOIN `+made+` ON p.application_id = a.id`, "n.above_id", id)
		return err
	})
	if err != nil {
		return one, fmt.Errorf("find unit: %w", err)
	}
	return one, nil
}

// above lists a unit and those above it, the highest first.
func above(ctx context.Context, r store.Reader, id string) ([]Unit, error) {
	return store.Collect(scanUnit)(r.Query(ctx, `SELECT `+unitColumns+` FROM unit_above n JOIN unit u ON u.id = n.above_id
		WHERE n.unit_id = $1 ORDER BY length(u.place)`, id))
}

func scanMembership(row store.Scanner) (Membership, error) {
	var m Membership
	err := row.Scan(&m.UnitID, &m.Unit, &m.From, &m.To)
	return m, err
}

// count counts over what is made of the parts in from whose column has a value.
func (f *Feature) count(ctx context.Context, r store.Reader, v access.Viewer, from, column, value string) (Figures, error) {
	var n Figures
	where := ` FROM ` + from + ` WHERE ` + column + ` = $1 AND ` + v.Where("r.visibility")
	err := r.QueryRow(ctx, `SELECT `+figures+where, value).Scan(&n.Components, &n.Repositories, &n.NoOwner, &n.NoLicence)
	if err == nil && f.packages != "" {
		err = r.QueryRow(ctx, `SELECT COUNT(DISTINCT k.package_id) FROM `+f.packages+` k WHERE k.repository_id IN (SELECT r.id`+where+`) AND k.component_id IN (SELECT c.id`+where+`)`, value).Scan(&n.Packages)
	}
	return n, err
}

// parts lists what the file names. What was found is seen with its repository; what was not might be
// the name of one that is restricted, and is seen by those who see everything.
func parts(ctx context.Context, r store.Reader, v access.Viewer, id string) ([]Part, error) {
	unfound := "1 = 0"
	if v.Can(access.ReadRestricted) {
		unfound = "p.repository_id = 0"
	}
	return store.Collect(func(row store.Scanner) (Part, error) {
		var p Part
		var repository, component string
		var stated int64
		err := row.Scan(&repository, &component, &p.Found, &p.Repository, &p.RepoID, &p.File, &p.Line, &stated)
		p.Named, p.Stated = sheet.Part{Repository: repository, Component: component}.String(), store.FromMicros(stated)
		return p, err
	})(r.Query(ctx, `SELECT p.repository, p.component, CASE WHEN r.id IS NULL THEN FALSE ELSE TRUE END, COALESCE(r.name, ''), COALESCE(r.uid, ''), p.file, p.line, p.stated_at
		FROM application_part p LEFT JOIN repository r ON r.id = p.repository_id WHERE p.application_id = $1 AND (p.repository_id > 0 AND `+v.Where("r.visibility")+` OR `+unfound+`)
		ORDER BY p.seq LIMIT $2`, id, mostParts))
}

// partOf is the condition that an application has the component whose id is the first parameter.
func partOf(v access.Viewer) string {
	return `a.gone_at = 0 AND a.id IN (SELECT p.application_id FROM component c JOIN repository r ON r.id = c.repository_id
		JOIN application_part p ON (p.component_id = 0 OR p.component_id = c.id) AND p.repository_id IN (SELECT o.id FROM repository o WHERE o.id = r.id OR o.joined_into = r.id)
		WHERE c.id = $1 AND ` + v.Where("r.visibility") + `)`
}

// ofComponent lists the applications that a component belongs to, by name, at most limit.
func (f *Feature) ofComponent(ctx context.Context, v access.Viewer, component int64, limit int) ([]Application, error) {
	all, err := store.Collect(scanApplication)(f.db.Query(ctx, `SELECT `+applicationColumns+` FROM application a WHERE `+partOf(v)+` ORDER BY a.name, a.id LIMIT $2`, component, limit))
	if err != nil {
		return nil, fmt.Errorf("list the applications of a component: %w", err)
	}
	return all, nil
}

// countOfComponent counts the applications that a component belongs to.
func (f *Feature) countOfComponent(ctx context.Context, v access.Viewer, component int64) (int64, error) {
	var n int64
	if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM application a WHERE `+partOf(v), component).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the applications of a component: %w", err)
	}
	return n, nil
}

// applicationsOf lists the applications of a unit and of those beneath it, by name, at most limit.
func (f *Feature) applicationsOf(ctx context.Context, v access.Viewer, unit string, limit int) ([]Application, error) {
	all, err := store.Collect(scanApplication)(f.db.Query(ctx, `SELECT `+applicationColumns+` FROM `+within+` WHERE n.above_id = $1 AND `+signedIn(v)+` ORDER BY a.name, a.id LIMIT $2`, unit, limit))
	if err != nil {
		return nil, fmt.Errorf("list the applications of a unit: %w", err)
	}
	return all, nil
}

// Count returns how many applications there are.
func (f *Feature) Count(ctx context.Context, v access.Viewer) (int64, error) {
	return f.size(ctx, v, "application")
}

// CountUnits returns how many units there are.
func (f *Feature) CountUnits(ctx context.Context, v access.Viewer) (int64, error) {
	return f.size(ctx, v, "unit")
}

func (f *Feature) size(ctx context.Context, v access.Viewer, table string) (int64, error) {
	var n int64
	if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM `+table+` WHERE gone_at = 0 AND `+signedIn(v)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", table, err)
	}
	return n, nil
}
