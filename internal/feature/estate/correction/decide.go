package correction

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// maxDecided is how many corrections are decided on at once.
const maxDecided = 500

// Decide accepts or refuses corrections that wait, and keeps or lets go those that were reopened. All
// of them, or none: one that the viewer may not decide on, or that is settled, is an error. It returns
// the batch by which Undo takes it back.
func (d *Desk) Decide(ctx context.Context, v access.Viewer, uids []string, accept bool, why string) (batch string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	if why = strings.TrimSpace(store.Text(why)); len(why) > maxReason {
		return "", fault.New(fault.Invalid, "A reason has at most %d letters. Shorten it.", maxReason)
	}
	if !accept && why == "" {
		return "", fault.New(fault.Invalid, "Say why: who said it reads your answer.")
	}
	if len(uids) == 0 || len(uids) > maxDecided {
		return "", fault.New(fault.Invalid, "Pick between one and %d corrections.", maxDecided)
	}
	batch = store.NewID()
	return batch, d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		tx.MayRepeat()
		for _, uid := range uids {
			c, err := one(hold(ctx, tx, v, `c.uid = $1`, uid))
			if err != nil {
				return err
			}
			may, err := d.decides(ctx, tx, v, c)
			switch {
			case err != nil:
				return err
			case !may:
				return fault.New(fault.Denied, "Administrators decide on corrections of %s, and those who speak for its confirmed owner.", c.Record)
			case c.State != Queued && c.State != Reopened:
				return fault.New(fault.Conflict, "What was said of %s of %s is %s already.", c.Name, c.Record, strings.ToLower(c.State.Word()))
			}
			to := Binding
			if !accept && c.State == Queued {
				to = Refused
			} else if !accept {
				to = Ended
			}
			if err := d.settle(ctx, tx, v, c, move{uid: c.UID, to: to, batch: batch, by: v.AccountID(), why: why, at: store.Micros(d.p.Now())}, "correction.decide"); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withdraw takes a correction back: who said it may, and who may decide on it. It returns the batch
// by which Undo brings it back.
func (d *Desk) Withdraw(ctx context.Context, v access.Viewer, uid string) (batch string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	batch = store.NewID()
	return batch, d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		tx.MayRepeat()
		c, err := one(hold(ctx, tx, v, `c.uid = $1`, uid))
		if err != nil {
			return err
		}
		if !c.State.open() {
			return fault.New(fault.Conflict, "It is %s already.", strings.ToLower(c.State.Word()))
		}
		may, err := d.decides(ctx, tx, v, c)
		if err != nil {
			return err
		}
		if !may && c.Account != v.AccountID() {
			return fault.New(fault.Denied, "Who said it may take it back, administrators, and those who speak for the confirmed owner.")
		}
		return d.settle(ctx, tx, v, c, move{uid: c.UID, to: Withdrawn, batch: batch, by: v.AccountID(), at: store.Micros(d.p.Now())}, "correction.withdraw")
	})
}

// settle moves a correction and makes its value what counts then.
func (d *Desk) settle(ctx context.Context, tx *store.Tx, v access.Viewer, c Correction, m move, action string) error {
	s, err := d.subject(c.Kind)
	if err != nil {
		return err
	}
	record, there, err := present(ctx, tx, s, c)
	if err != nil {
		return err
	}
	claims := c.Claimed
	if there {
		if claims, _, err = originals(ctx, tx, s, record, c.Name); err != nil {
			return err
		}
	}
	if m.to == Binding {
		if err := d.replace(ctx, tx, c, m.batch, m.by); err != nil {
			return err
		}
		if m.against = claims; m.against == nil {
			m.against = []Claim{}
		}
	}
	if err := step(ctx, tx, m); err != nil {
		return err
	}
	if there {
		if err := d.apply(ctx, tx, s, record, c.Name, claims); err != nil {
			return err
		}
	}
	c.State, c.batch = m.to, m.batch
	return d.note(ctx, tx, v, action, c)
}

// present finds the record of a correction; false when it is not there any more.
func present(ctx context.Context, r store.Reader, s Subject, c Correction) (Record, bool, error) {
	record, err := s.Find(ctx, r, keeper, c.Subject)
	if errors.Is(err, fault.NotFound) {
		return record, false, nil
	}
	return record, err == nil, err
}

// Undo takes one deed back: each correction that it changed is what it was before, and one that it
// made is withdrawn. Who may decide on all of them may undo it, and who did it. A deed that something
// followed is fault.NotFound: one of them has moved on, or somebody decided since on a value for which
// it would bind one again.
func (d *Desk) Undo(ctx context.Context, v access.Viewer, batch string) (all []Correction, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return nil, err
	}
	err = d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		tx.MayRepeat()
		if all, err = hold(ctx, tx, v, `c.batch = $1`, batch); err != nil {
			return err
		}
		gone := fault.New(fault.NotFound, "This has been undone already, or something was said or decided since.")
		if len(all) == 0 {
			return gone
		}
		for _, c := range all {
			may, err := d.decides(ctx, tx, v, c)
			if err != nil {
				return err
			}
			if !may && c.doer() != v.AccountID() {
				return fault.New(fault.Denied, "Only who did it, or who may decide on it, may undo it.")
			}
		}
		if since, err := followed(ctx, tx, all); err != nil {
			return err
		} else if since {
			return gone
		}
		return d.undo(ctx, tx, v, all)
	})
	return all, err
}

// undo brings back the states before. What sources say is asked for while it still shows what counts.
func (d *Desk) undo(ctx context.Context, tx *store.Tx, v access.Viewer, all []Correction) error {
	type touched struct {
		subject Subject
		record  Record
		there   bool
		claims  []Claim
	}
	about := make([]touched, len(all))
	for i, c := range all {
		s, err := d.subject(c.Kind)
		if err != nil {
			return err
		}
		about[i].subject, about[i].claims = s, c.Claimed
		if about[i].record, about[i].there, err = present(ctx, tx, s, c); err != nil {
			return err
		}
		if about[i].there {
			if about[i].claims, _, err = originals(ctx, tx, s, about[i].record, c.Name); err != nil {
				return err
			}
		}
	}
	batch, now := store.NewID(), store.Micros(d.p.Now())
	for _, binds := range []bool{false, true} { // first what makes room
		for _, c := range all {
			if to := c.undone(); binds == (to == Binding) {
				if err := step(ctx, tx, move{uid: c.UID, to: to, batch: batch, by: v.AccountID(), at: now}); err != nil {
					return err
				}
			}
		}
	}
	for i, c := range all {
		if err := keep(ctx, tx, c.UID, about[i].claims, textOf(c.Name, about[i].claims)); err != nil {
			return err
		}
		if about[i].there {
			if err := d.apply(ctx, tx, about[i].subject, about[i].record, c.Name, about[i].claims); err != nil {
				return err
			}
		}
		c, err := one(find(ctx, tx, keeper, `c.uid = $1`, c.UID))
		if err != nil {
			return err
		}
		if err := d.note(ctx, tx, v, "correction.undo", c); err != nil {
			return err
		}
	}
	return nil
}

// End ends what holds no longer than a day that is over. Steward calls it when it starts and daily.
func (d *Desk) End(ctx context.Context, v access.Viewer) error {
	if err := v.Require(access.DecideCorrections); err != nil {
		return err
	}
	today := d.p.Now().UTC().Format(time.DateOnly)
	return d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		over, err := hold(ctx, tx, v, `c.until_day <> '' AND c.until_day < $1 AND c.state IN ('queued', 'binding', 'reopened')`, today)
		if err != nil {
			return err
		}
		for _, c := range over {
			if err := d.settle(ctx, tx, v, c, move{uid: c.UID, to: Ended, batch: store.NewID(), why: "it held until " + c.Until, at: store.Micros(d.p.Now())}, "correction.end"); err != nil {
				return err
			}
		}
		return nil
	})
}

// Follow holds the corrections of a repository's records against what has just been read of it, in
// the transaction of that reading: one whose evidence changed is reopened, all others count again.
func (d *Desk) Follow(ctx context.Context, tx *store.Tx, repository int64) error {
	all, err := hold(ctx, tx, keeper, `c.repository_id = $1 AND c.state = 'binding'`, repository)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := d.follow(ctx, tx, c); err != nil {
			return fmt.Errorf("follow correction %s: %w", c.UID, err)
		}
	}
	return nil
}

func (d *Desk) follow(ctx context.Context, tx *store.Tx, c Correction) error {
	s, err := d.subject(c.Kind)
	if err != nil {
		return err
	}
	record, there, err := present(ctx, tx, s, c)
	if err != nil || !there {
		return err
	}
	claims, _, err := originals(ctx, tx, s, record, c.Name)
	if err != nil {
		return err
	}
	if err := keep(ctx, tx, c.UID, claims, textOf(c.Name, claims)); err != nil {
		return err
	}
	if material(c.Against, kept(claims)) {
		now := store.Micros(d.p.Now())
		if err := step(ctx, tx, move{uid: c.UID, to: Reopened, batch: store.NewID(), why: "what the sources say has changed", at: now}); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, keeper, d.p.Now(), "correction.reopen", c.Kind, c.Subject, map[string]any{"correction": c.UID, "name": c.Name}); err != nil {
			return err
		}
	}
	return d.apply(ctx, tx, s, record, c.Name, claims)
}
