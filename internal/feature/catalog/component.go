package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/catalog/folder"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Component is one piece of software in a repository.
type Component struct {
	ID             int64
	UID            string
	RepositoryID   int64
	RepositoryUID  string
	RepositoryName string
	Visibility     string
	Branch         string
	Commit         string // at which it was read
	Root           string // folder in the repository; "" is its top
	Ref            string
	Project        string // package URL that its manifest names
	Name           string
	Title          string
	Description    Stated
	Type           Stated
	Lifecycle      Stated
	System         Stated // entity ref
	Tags           []string
	Language       string
	Licence        Stated // of its folder, else of the nearest above
	Manifest       string
	Entry          string // "file:line" of its catalogue entry
	Files          int64
	Owner          Owner
	Corrected      []string // names of values that people put right
	Changed        time.Time
	FirstSeen      time.Time
	Gone           time.Time // since when the repository has it no more
	Read           time.Time
}

// Stated is a value with where it comes from.
type Stated = value.Stated

const componentSelect = `SELECT c.id, c.uid, c.repository_id, r.uid, r.name, r.visibility, r.default_branch, r.head_commit, c.root, c.ref, c.project, c.name, c.title, c.description, c.description_from, r.description,
	c.type, c.type_basis, c.type_from, c.lifecycle, c.lifecycle_from, c.system, c.system_from, c.tags, c.language, r.main_language, c.licence, c.licence_basis, c.licence_from, c.manifest, c.entry, c.files,
	c.owner_kind, c.owner_team_id, c.owner_name, c.owner_state, c.owner_source, c.owner_from, c.owner_seen_day, c.corrected, c.last_changed_at, r.last_commit_at, c.first_seen_at, c.gone_at, r.read_at
	FROM component c JOIN repository r ON r.id = c.repository_id`

func scanComponent(row store.Scanner) (Component, error) {
	var c Component
	var description, tags, language, corrected string
	var changed, committed, first, gone, read int64
	err := row.Scan(&c.ID, &c.UID, &c.RepositoryID, &c.RepositoryUID, &c.RepositoryName, &c.Visibility, &c.Branch, &c.Commit, &c.Root, &c.Ref, &c.Project, &c.Name, &c.Title, &c.Description.Value, &c.Description.From, &description,
		&c.Type.Value, &c.Type.Basis, &c.Type.From, &c.Lifecycle.Value, &c.Lifecycle.From, &c.System.Value, &c.System.From, &tags, &c.Language, &language, &c.Licence.Value, &c.Licence.Basis, &c.Licence.From, &c.Manifest, &c.Entry, &c.Files,
		&c.Owner.Kind, &c.Owner.TeamID, &c.Owner.Name, &c.Owner.State, &c.Owner.Source, &c.Owner.From, &c.Owner.Seen, &corrected, &changed, &committed, &first, &gone, &read)
	c.Corrected = value.CorrectedIn(corrected)
	if c.Description.Value == "" && c.Root == "" && !c.isCorrected("description") {
		c.Description.Value = description
	}
	for name, s := range map[string]*Stated{"description": &c.Description, "lifecycle": &c.Lifecycle, "system": &c.System} {
		switch {
		case c.isCorrected(name):
			s.Basis, s.From = string(estate.Corrected), value.From
		case s.Value != "":
			s.Basis = "written"
		}
	}
	c.Tags = strings.Fields(tags)
	if !c.isCorrected("language") && (c.Language == "" || c.Root == "" && language != "") {
		c.Language = language
	}
	if changed == 0 {
		changed = committed
	}
	c.Changed, c.FirstSeen, c.Gone, c.Read = store.FromMicros(changed), store.FromMicros(first), store.FromMicros(gone), store.FromMicros(read)
	return c, err
}

// isCorrected says that people put a value right.
func (c Component) isCorrected(name string) bool { return slices.Contains(c.Corrected, name) }

// ComponentByUID finds a component by its public id, also one that is gone.
// One that the viewer may not see is fault.NotFound.
func (f *Feature) ComponentByUID(ctx context.Context, v access.Viewer, uid string) (Component, error) {
	c, err := scanComponent(f.db.QueryRow(ctx, componentSelect+` WHERE c.uid = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility"), uid))
	if errors.Is(err, store.ErrNoRows) {
		return c, fault.New(fault.NotFound, "There is no such component, or you may not see it.")
	}
	if err != nil {
		return c, fmt.Errorf("find component: %w", err)
	}
	return c, nil
}

// componentsByUID finds those of several that the viewer may see, by name.
func (f *Feature) componentsByUID(ctx context.Context, v access.Viewer, uids []string) ([]Component, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	all, err := store.Collect(scanComponent)(f.db.Query(ctx, componentSelect+` WHERE c.gone_at = 0 AND r.joined_into = 0 AND c.uid IN (`+store.Marks(1, len(uids))+`) AND `+v.Where("r.visibility")+` ORDER BY c.name, c.id`, store.Args(uids)...))
	if err != nil {
		return nil, fmt.Errorf("find components: %w", err)
	}
	return all, nil
}

// Components are those of one repository by their folders.
type Components = folder.Components

// ComponentsAt lists the components of a repository that are there now, for
// whoever attaches files to them.
func ComponentsAt(ctx context.Context, r store.Reader, v access.Viewer, repositoryID int64) (Components, error) {
	var all Components
	rows, err := r.Query(ctx, `SELECT c.root, c.id FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.repository_id = $1 AND c.gone_at = 0 AND `+v.Where("r.visibility")+` ORDER BY c.has_manifest DESC, c.id`, repositoryID)
	if err != nil {
		return all, fmt.Errorf("list the components of a repository: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var root string
		var id int64
		if err := rows.Scan(&root, &id); err != nil {
			return all, fmt.Errorf("list the components of a repository: %w", err)
		}
		all.Add(root, id)
	}
	return all, rows.Err()
}
