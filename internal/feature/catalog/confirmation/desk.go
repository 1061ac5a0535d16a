package confirmation

import (
	"context"
	"net/url"

	"steward/internal/feature/catalog/claim"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Desk takes back what was confirmed, and brings it back.
type Desk struct{ p mount.Platform }

// NewDesk returns the desk over the platform's database.
func NewDesk(p mount.Platform) *Desk { return &Desk{p} }

// Mount adds what the owners panel of a component posts.
func (d *Desk) Mount(s *web.Server) {
	s.Post("/components/{id}/owner/takeback", access.LinkRecords, d.takeBack)
	s.Post("/components/owner/return/{confirmation}", access.LinkRecords, d.putBack)
}

// TakeBack ends what a person confirmed of a component, by its uid: from then on
// the sources decide again. It returns the id under which Return undoes it.
// Errors: fault.Denied, fault.NotFound.
func (d *Desk) TakeBack(ctx context.Context, v access.Viewer, component string) (id string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	err = d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		c, ok, err := Of(ctx, tx, v, component)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "Nothing that was confirmed counts for this component. Open its page for what names its owner now.")
		}
		id = c.ID
		if _, err := End(ctx, tx, []int64{c.component}, store.Micros(d.p.Now())); err != nil {
			return err
		}
		return d.settle(ctx, tx, v, c, "component.disown")
	})
	return id, err
}

// Return undoes TakeBack and returns the uid of the component whose owner is
// confirmed again. Errors: fault.Denied, fault.NotFound.
func (d *Desk) Return(ctx context.Context, v access.Viewer, id string) (component string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	err = d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		c, ok, err := ended(ctx, tx, v, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "This has been undone already, or another owner was confirmed since.")
		}
		component = c.Component
		if err := putBack(ctx, tx, c.ID); err != nil {
			return err
		}
		return d.settle(ctx, tx, v, c, "component.own")
	})
	return component, err
}

// settle works out who owns the components of the repository now, and keeps who did it.
func (d *Desk) settle(ctx context.Context, tx *store.Tx, v access.Viewer, c Confirmation, action string) error {
	if err := claim.Settle(ctx, tx, c.Repository); err != nil {
		return err
	}
	return audit.Append(ctx, tx, v, d.p.Now(), action, "component", c.Component, map[string]any{"components": []string{c.Component}, "confirmation": c.ID})
}

func (d *Desk) takeBack(r *web.Request) (web.Done, error) {
	uid := r.PathValue("id")
	id, err := d.TakeBack(r.Context(), r.Viewer, uid)
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/components/" + url.PathEscape(uid), Toast: web.Toast{Text: "What was confirmed is taken back. The sources decide again.", Undo: "/components/owner/return/" + id}}, nil
}

func (d *Desk) putBack(r *web.Request) (web.Done, error) {
	uid, err := d.Return(r.Context(), r.Viewer, r.PathValue("confirmation"))
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/components/" + url.PathEscape(uid), Toast: web.Toast{Text: "The owner is confirmed again."}}, nil
}
