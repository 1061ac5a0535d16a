// Package roster keeps the teams and people that the files of one repository
// name, under one name each.
package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/format/descriptor"
	"steward/internal/platform/store"
)

// Book finds the teams that the files of one repository name. Sources
// spell one team differently (payments, @bank/payments, group:default/payments):
// a bare name is the team whose handle ends with it, and the other way round,
// when exactly one is known or named. So all names are needed before the first
// is looked up; their order says nothing.
type Book struct {
	at     estate.Target
	known  map[string]bool     // handles of teams that are kept
	byLast map[string][]string // handles with a slash, kept or named, by their last part
	put    map[string]int64    // handle and source → id
	people map[[3]string]int64
}

// New returns a book that knows the teams that are kept so far, and those that
// the files of one repository name.
func New(ctx context.Context, tx *store.Tx, at estate.Target, named *survey.Survey) (*Book, error) {
	all, err := store.Collect(func(row store.Scanner) (handle string, err error) { return handle, row.Scan(&handle) })(
		tx.Query(ctx, `SELECT t.handle FROM team t WHERE EXISTS (SELECT 1 FROM team_mention m WHERE m.team_id = t.id) ORDER BY t.handle`))
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	return newBook(at, all, handlesOf(named)), nil
}

// handlesOf are the teams that the files of a repository name, as they write them.
func handlesOf(r *survey.Survey) []string {
	var all []string
	for _, one := range r.Components {
		for _, c := range one.Claims {
			if c.Kind == ownership.Team && (c.Decides || c.Share != 0) {
				all = append(all, c.Handle)
			}
		}
	}
	for _, e := range r.Entries {
		if e.Ref.Kind == "group" {
			all = append(all, ownership.Handle(e.Ref))
		}
		for _, rel := range e.Relations {
			if e.Ref.Kind == "user" && rel.Type == "memberOf" && rel.TargetRef.Kind == "group" {
				all = append(all, ownership.Handle(rel.TargetRef))
			}
		}
	}
	return all
}

func newBook(at estate.Target, known, named []string) *Book {
	b := &Book{at: at, known: map[string]bool{}, byLast: map[string][]string{}, put: map[string]int64{}, people: map[[3]string]int64{}}
	seen := map[string]bool{}
	add := func(handle string) {
		if strings.Contains(handle, "/") && !seen[handle] {
			seen[handle] = true
			b.byLast[lastPart(handle)] = append(b.byLast[lastPart(handle)], handle)
		}
	}
	for _, h := range known {
		b.known[h] = true
		add(h)
	}
	for _, h := range named {
		add(people.Handle(h))
	}
	return b
}

func lastPart(handle string) string { return handle[strings.LastIndexByte(handle, '/')+1:] }

// same is the handle by which a team is kept.
func (b *Book) same(handle string) string {
	last := lastPart(handle)
	switch alike := b.byLast[last]; {
	case b.known[handle] || len(alike) != 1:
		return handle
	case last == handle:
		return alike[0]
	case b.known[last]:
		return last
	}
	return handle
}

// team keeps that a source names a team and returns its id; 0 when the name is none.
func (b *Book) team(ctx context.Context, tx *store.Tx, handle, title, source string) (int64, error) {
	handle = people.Handle(handle)
	if handle == "" {
		return 0, nil
	}
	handle = b.same(handle)
	key := handle + "\x00" + source + "\x00" + title
	if id, ok := b.put[key]; ok {
		return id, nil
	}
	id, err := people.PutTeam(ctx, tx, b.at, handle, title, source)
	if err != nil {
		return 0, err
	}
	b.put[key] = id
	return id, nil
}

// person keeps that a file names a person and returns the person's id; 0 when it names nobody.
func (b *Book) person(ctx context.Context, tx *store.Tx, name, email, account string) (int64, error) {
	if strings.TrimSpace(name+email+people.Handle(account)) == "" {
		return 0, nil
	}
	key := [3]string{name, email, account}
	if id, ok := b.people[key]; ok {
		return id, nil
	}
	id, err := people.Publish(ctx, tx, b.at, name, email, account)
	if err != nil {
		return 0, err
	}
	b.people[key] = id
	return id, nil
}

// Resolve fills in the ids of a claim. A claim whose owner has no name decides nothing.
func (b *Book) Resolve(ctx context.Context, tx *store.Tx, c *ownership.Claim) error {
	if !c.Decides && c.Share == 0 {
		return nil // a placeholder makes no team and no person
	}
	var err error
	if c.Kind == ownership.Team {
		c.TeamID, err = b.team(ctx, tx, c.Handle, "", c.Source)
	} else {
		c.PersonID, err = b.person(ctx, tx, c.Name, c.Email, c.Account)
	}
	c.Decides = c.Decides && c.TeamID+c.PersonID != 0
	return err
}

// Profile is spec.profile of a Group or a User.
type Profile struct {
	DisplayName string `json:"displayName"`
	Email       string `json:"email"`
}

// AddEntries keeps the teams and memberships that Group and User entities state.
func (b *Book) AddEntries(ctx context.Context, tx *store.Tx, entries []survey.Entry) error {
	users := map[descriptor.Ref]Profile{}
	for _, e := range entries {
		if e.Ref.Kind == "user" {
			users[e.Ref] = ProfileOf(e)
		}
	}
	member := func(group, user descriptor.Ref) error {
		team, err := b.team(ctx, tx, ownership.Handle(group), "", ownership.Entry)
		if err != nil || team == 0 {
			return err
		}
		p := users[user]
		person, err := b.person(ctx, tx, p.DisplayName, p.Email, user.Name)
		if err != nil || person == 0 {
			return err
		}
		return people.PutMember(ctx, tx, b.at, team, person, ownership.Entry)
	}
	for _, e := range entries {
		if e.Ref.Kind == "group" {
			title := e.Metadata.Title
			if p := ProfileOf(e); p.DisplayName != "" {
				title = p.DisplayName
			}
			if _, err := b.team(ctx, tx, ownership.Handle(e.Ref), title, ownership.Entry); err != nil {
				return err
			}
		}
		for _, rel := range e.Relations {
			var err error
			switch {
			case e.Ref.Kind == "group" && rel.Type == "hasMember" && rel.TargetRef.Kind == "user":
				err = member(e.Ref, rel.TargetRef)
			case e.Ref.Kind == "user" && rel.Type == "memberOf" && rel.TargetRef.Kind == "group":
				err = member(rel.TargetRef, e.Ref)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ProfileOf reads it; what is not there or not of the right shape is empty.
func ProfileOf(e survey.Entry) Profile {
	var spec struct {
		Profile json.RawMessage `json:"profile"`
	}
	var p Profile
	if json.Unmarshal(e.Spec, &spec) != nil || len(spec.Profile) == 0 {
		return p
	}
	if json.Unmarshal(spec.Profile, &p) != nil {
		return Profile{}
	}
	return p
}
