package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Related is one relation as seen from one of its ends.
type Related struct {
	Type  string `json:"type"` // dependsOn, dependencyOf, partOf, ...
	Ref   string `json:"ref"`  // of the other end
	Kind  string `json:"kind"`
	Name  string `json:"name"`           // of the other end when it is known, else its ref
	Href  string `json:"href,omitempty"` // its page; empty when it is not known
	File  string `json:"file"`
	Line  int    `json:"line"`
	Where string `json:"repository"` // whose file states it
}

// relationWords say a relation's type to people.
var relationWords = map[string]string{
	"ownedBy": "owned by", "ownerOf": "owns", "partOf": "part of", "hasPart": "has part", "providesApi": "provides", "apiProvidedBy": "provided by",
	"consumesApi": "consumes", "apiConsumedBy": "consumed by", "dependsOn": "depends on", "dependencyOf": "used by",
	"childOf": "child of", "parentOf": "parent of", "memberOf": "member of", "hasMember": "has member",
}

// reversed are types as seen from the other end of a stored relation.
var reversed = map[string]string{
	"ownedBy": "ownerOf", "partOf": "hasPart", "providesApi": "apiProvidedBy", "consumesApi": "apiConsumedBy", "dependsOn": "dependencyOf", "childOf": "parentOf", "memberOf": "hasMember",
}

// maxRelated is how many relations of a record are read, each way.
const maxRelated = 500

// relations lists what an entity relates to, both ways, by type and name. The
// other end is the component or entity of that ref, when the viewer may see one.
func (f *Feature) relations(ctx context.Context, v access.Viewer, ref string) ([]Related, error) {
	if ref == "" {
		return nil, nil
	}
	shown, err := f.showsPeople(ctx)
	if err != nil {
		return nil, err
	}
	var all []Related
	for _, way := range []struct {
		own, other, kind string
		back             bool
	}{{"from_id", "to_id", "to_kind", false}, {"to_id", "from_id", "from_kind", true}} {
		some, err := store.Collect(func(row store.Scanner) (Related, error) {
			var one Related
			var component, entity, name string
			var line int64
			err := row.Scan(&one.Type, &one.Ref, &one.Kind, &component, &entity, &name, &one.File, &line, &one.Where)
			one.Line, one.Name = int(line), strings.TrimPrefix(strings.TrimPrefix(one.Ref, one.Kind+":"), "default/")
			if way.back {
				one.Type = reversed[one.Type]
			}
			switch {
			case one.Kind == "user": // people have pages of their own
			case component != "":
				one.Href, one.Name = "/components/"+component, name
			case entity != "":
				one.Href, one.Name = "/entities/"+entity, name
			}
			return one, err
		})(f.db.Query(ctx, `SELECT n.type, n.`+way.other+`, n.`+way.kind+`, COALESCE(c.uid, ''), COALESCE(e.uid, ''), COALESCE(NULLIF(e.title, ''), e.name, ''), n.file, n.line, r.name
			FROM relation n JOIN repository r ON r.id = n.repository_id
			LEFT JOIN (SELECT e.ref, MIN(e.uid) AS uid FROM entity e JOIN repository er ON er.id = e.repository_id WHERE er.joined_into = 0 AND `+v.Where("er.visibility")+` GROUP BY e.ref) known ON known.ref = n.`+way.other+`
			LEFT JOIN entity e ON e.uid = known.uid LEFT JOIN component c ON c.id = e.component_id AND c.gone_at = 0
			WHERE n.`+way.own+` = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY n.type, n.`+way.other+`, n.repository_id, n.seq LIMIT $2`, ref, maxRelated))
		if err != nil {
			return nil, fmt.Errorf("list relations of %s: %w", ref, err)
		}
		all = append(all, some...)
	}
	if !shown {
		all = slices.DeleteFunc(all, func(one Related) bool { return one.Kind == "user" })
	}
	return withoutRepeats(all), nil
}

// withoutRepeats keeps the first of those that several files state.
func withoutRepeats(all []Related) []Related {
	seen := map[[2]string]bool{}
	out := all[:0]
	for _, one := range all {
		key := [2]string{one.Type, one.Ref}
		if !seen[key] {
			seen[key] = true
			out = append(out, one)
		}
	}
	return out
}

// users lists components that use packages of the given one, by name.
func (f *Feature) users(ctx context.Context, v access.Viewer, c Component, limit int) ([]Component, int, error) {
	if f.dependents == nil {
		return nil, 0, nil
	}
	by, err := f.dependents(ctx, v, []int64{c.ID})
	if err != nil {
		return nil, 0, fmt.Errorf("list who uses %s: %w", c.UID, err)
	}
	ids := by[c.ID]
	if len(ids) == 0 {
		return nil, 0, nil
	}
	some := ids[:min(len(ids), limit)]
	all, err := store.Collect(scanComponent)(f.db.Query(ctx, componentSelect+` WHERE c.gone_at = 0 AND r.joined_into = 0 AND c.id IN (`+store.Marks(1, len(some))+`) AND `+v.Where("r.visibility")+` ORDER BY c.name, c.id`, store.Args(some)...))
	if err != nil {
		return nil, 0, fmt.Errorf("list who uses %s: %w", c.UID, err)
	}
	return all, len(ids), nil
}
