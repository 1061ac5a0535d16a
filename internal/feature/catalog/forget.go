package catalog

import (
	"context"
	"maps"
	"slices"

	"steward/internal/feature/catalog/erasure"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/roster"
	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/people"
	"steward/internal/feature/people/grouping"
	"steward/internal/format/descriptor"
	"steward/internal/platform/store"
)

// ForgetPerson takes an erased person out of the entries that name it.
func (f *Feature) ForgetPerson(ctx context.Context, tx *store.Tx, e people.Erasure) error {
	accounts := map[string]bool{}
	var gone erasure.Person
	for _, n := range e.Names {
		gone.Add(n.Name, n.Email)
		if n.Account != "" {
			accounts[n.Account] = true
		}
	}
	for _, repository := range e.Repositories {
		refs, err := store.Collect(func(row store.Scanner) (ref string, err error) { return ref, row.Scan(&ref) })(tx.Query(ctx, `SELECT from_id FROM relation WHERE repository_id = $1 AND from_kind = 'user'
			UNION SELECT to_id FROM relation WHERE repository_id = $1 AND to_kind = 'user' UNION SELECT ref FROM entity WHERE repository_id = $1 AND lower(kind) = 'user'`, repository))
		if err != nil {
			return err
		}
		for _, text := range refs {
			if ref, err := descriptor.ParseRef(text, "user", ""); err == nil && accounts[people.Handle(ref.Name)] {
				gone.AddRef(ref)
			}
		}
		if err := gone.Forget(ctx, tx, repository); err != nil {
			return err
		}
		if err := writeDocuments(ctx, tx, repository); err != nil {
			return err
		}
	}
	return nil
}

// keepForgotten takes those whose names were erased earlier out of what has
// just been read again.
func keepForgotten(ctx context.Context, tx *store.Tx, repository int64, r *survey.Survey) error {
	users := map[descriptor.Ref]grouping.Named{}
	for _, e := range r.Entries {
		for _, rel := range e.Relations {
			if ref := rel.TargetRef; ref.Kind == "user" && users[ref] == (grouping.Named{}) {
				users[ref] = grouping.Named{Account: ref.Name}
			}
		}
		if e.Ref.Kind == "user" {
			p := roster.ProfileOf(e)
			users[e.Ref] = grouping.Named{Name: p.DisplayName, Email: p.Email, Account: e.Ref.Name}
		}
	}
	named := slices.Collect(maps.Values(users))
	for _, c := range r.Components {
		for _, one := range c.Claims {
			if one.Kind == ownership.Person {
				named = append(named, grouping.Named{Name: one.Name, Email: one.Email, Account: one.Account})
			}
		}
	}
	erased, err := people.ErasedAmong(ctx, tx, named)
	if err != nil || len(erased) == 0 {
		return err
	}
	var gone erasure.Person
	for n := range erased {
		gone.Add(n.Name, n.Email)
	}
	for ref, n := range users {
		if erased[n] {
			gone.AddRef(ref)
		}
	}
	return gone.Forget(ctx, tx, repository)
}
