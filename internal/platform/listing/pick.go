package listing

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Picked is what somebody picked in a list: some rows by what they post, or all rows under a query,
// however many pages they fill. Forms carry it in the fields of Values.
type Picked struct {
	Rows []string // what picked rows post; nil with All

	All   bool
	Terms string // of the query, see Query.Terms
	Seen  int64  // rows that there were when all were picked
	State string // digest of what was confirmed, "" before that
}

// ParsePicked reads a form. "pick" is a row; "all" is the number of all rows and says that they are
// picked, whatever rows are named besides.
func ParsePicked(in url.Values) Picked {
	seen, err := strconv.ParseInt(in.Get("all"), 10, 64)
	if err != nil || seen < 1 {
		return Picked{Rows: in["pick"]}
	}
	return Picked{All: true, Terms: in.Get("terms"), Seen: seen, State: in.Get("state")}
}

// Values gives the fields of a form or the parameters of an address.
func (p Picked) Values() url.Values {
	if !p.All {
		return url.Values{"pick": slices.Clone(p.Rows)}
	}
	out := url.Values{"all": {strconv.FormatInt(p.Seen, 10)}, "terms": {p.Terms}}
	if p.State != "" {
		out.Set("state", p.State)
	}
	return out
}

// Resolve answers what the picked rows post, at most most of them: the values of a text column, in
// the order of the list. The state is a digest of them: as long as it stays, the same rows are
// picked. Rows named one by one are given back as they are; whoever acts on them checks that the
// viewer may.
func (s Spec) Resolve(ctx context.Context, db *store.DB, v access.Viewer, p Picked, column string, most int, now time.Time) (rows []string, state string, err error) {
	rows = p.Rows
	if p.All {
		if rows, err = s.all(ctx, db, v, p, column, most, now); err != nil {
			return nil, "", fmt.Errorf("resolve what was picked in list %s: %w", s.Name, err)
		}
	}
	if len(rows) > most {
		return nil, "", fault.New(fault.Invalid, "More than %d %s are picked, which is too much at once. Narrow the list down and go on in parts.", most, s.Plural)
	}
	sorted := slices.Sorted(slices.Values(rows))
	sum := sha256.Sum256([]byte(strings.Join(sorted, "\n")))
	return rows, base64.RawURLEncoding.EncodeToString(sum[:12]), nil
}

func (s Spec) all(ctx context.Context, db *store.DB, v access.Viewer, p Picked, column string, most int, now time.Time) ([]string, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return nil, err
	}
	c, ok := s.column(column)
	if !ok {
		return nil, fmt.Errorf("%q is no column", column)
	}
	in, err := url.ParseQuery(p.Terms)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "What was picked cannot be understood. Go back to the list and pick again.")
	}
	q := s.Parse(in, now)
	if len(q.Unknown) > 0 { // leaving one out would pick more than was seen
		return nil, fault.New(fault.Invalid, "The list does not know %s, so that it is not certain what was picked. Go back to the list and pick again.", strings.Join(q.Unknown, ", "))
	}
	b := &statement{engine: db.Engine()}
	o := s.order(q)
	text := "SELECT " + b.text(c.SQL) + " FROM " + s.From + " WHERE " + b.where(s, v, q, "") + " ORDER BY " + b.orderBy(s, o, false) + " LIMIT " + strconv.Itoa(most+1)
	return store.Collect(func(row store.Scanner) (one string, err error) { return one, row.Scan(&one) })(db.Query(ctx, text, b.args...))
}
