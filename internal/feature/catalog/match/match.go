// Package match finds the repository or component that a name means, or says what it could mean. It
// never guesses: a name that fits several, or none exactly, stays unmatched with the nearest names.
package match

import (
	"slices"
	"strings"

	"steward/internal/platform/gitrepo"
)

// Repository is what is known of one.
type Repository struct {
	ID        int64
	Name      string
	Addresses []string // normalised remotes and paths
}

// Component is what is known of one.
type Component struct {
	ID           int64
	RepositoryID int64
	Name         string
	Ref          string // entity ref, "" without a catalogue entry
	Folder       string // in its repository, "" at its top
}

// Found is the answer for one name.
type Found struct {
	RepositoryID int64
	ComponentID  int64 // 0: the whole repository
	Why          string
	Candidates   []string // at most three, when it was not found
}

// OK reports whether exactly one was meant.
func (f Found) OK() bool { return f.RepositoryID > 0 }

// Index finds by name.
type Index struct {
	repositories map[int64]Repository
	byName       map[string][]int64 // repositories, by name and by each end of their addresses, folded
	components   map[string][]Component
	inside       map[int64][]Component
	near         nearest // names of repositories
	nearer       nearest // names of components
}

// New returns an index.
func New(repositories []Repository, components []Component) *Index {
	x := &Index{repositories: map[int64]Repository{}, byName: map[string][]int64{}, components: map[string][]Component{}, inside: map[int64][]Component{}}
	for _, r := range repositories {
		x.repositories[r.ID] = r
		x.put(r.Name, r.ID)
		for _, a := range r.Addresses {
			for _, end := range ends(a) {
				x.put(end, r.ID)
			}
		}
		x.near.add(r.Name)
	}
	for _, c := range components {
		x.inside[c.RepositoryID] = append(x.inside[c.RepositoryID], c)
		for _, name := range c.names() {
			x.components[name] = append(x.components[name], c)
		}
		x.nearer.add(c.Name)
	}
	return x
}

func (x *Index) put(name string, id int64) {
	name = strings.ToLower(name)
	if !slices.Contains(x.byName[name], id) {
		x.byName[name] = append(x.byName[name], id)
	}
}

// maxEnds is how many folders of an address its ends reach up.
const maxEnds = 12

// ends are an address and all that follows one of its slashes, without ".git".
func ends(address string) []string {
	address = strings.TrimSuffix(strings.Trim(address, "/"), ".git")
	all := []string{address}
	for rest := address; len(all) < maxEnds; {
		at := strings.LastIndexByte(rest, '/')
		if at < 0 {
			break
		}
		rest = address[:at]
		all = append(all, address[at+1:])
	}
	return all
}

// names are what a component is called by, folded: its name, and its entity ref with and without
// kind and namespace, as catalogue files write it.
func (c Component) names() []string {
	all := []string{strings.ToLower(c.Name)}
	if c.Ref != "" {
		ref := strings.ToLower(c.Ref)
		_, short, _ := strings.Cut(ref, ":")
		all = append(all, ref, short, strings.Replace(ref, ":default/", ":", 1))
		if name, ok := strings.CutPrefix(short, "default/"); ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// What is said when nothing has a name; names like it are looked for then.
const (
	noRepository = "no repository has this name or address"
	noComponent  = "no component has this name"
)

// Find finds a component, of the named repository when one is given, or a whole repository. When
// nothing has that name the candidates are those named alike, which takes some milliseconds among
// thousands.
func (x *Index) Find(repository, component string) Found {
	found := x.Exact(repository, component)
	switch found.Why {
	case noRepository:
		short := strings.TrimSuffix(repository[strings.LastIndexByte(strings.TrimRight(repository, "/"), '/')+1:], ".git")
		found.Candidates = x.near.to(short)
	case noComponent:
		found.Candidates = x.nearer.to(component)
	}
	return found
}

// Exact finds as Find does, and does not look for what is named alike.
func (x *Index) Exact(repository, component string) Found {
	switch {
	case component == "":
		return x.repository(repository)
	case repository == "":
		return x.component(x.components[strings.ToLower(component)])
	}
	in := x.repository(repository)
	if !in.OK() {
		return in
	}
	all := slices.DeleteFunc(slices.Clone(x.inside[in.RepositoryID]), func(c Component) bool {
		return !slices.Contains(c.names(), strings.ToLower(component)) && (c.Folder == "" || c.Folder != strings.Trim(component, "/"))
	})
	found := x.component(all)
	if len(all) == 0 {
		found.Why, found.Candidates = "the repository has no such component", nil
		for _, c := range x.inside[in.RepositoryID] {
			if len(found.Candidates) < most {
				found.Candidates = append(found.Candidates, c.Name)
			}
		}
	}
	return found
}

func (x *Index) component(all []Component) Found {
	switch len(all) {
	case 0:
		return Found{Why: noComponent}
	case 1:
		return Found{RepositoryID: all[0].RepositoryID, ComponentID: all[0].ID}
	}
	found := Found{Why: "several components have this name; name the repository too"}
	for _, c := range all[:min(len(all), most)] {
		found.Candidates = append(found.Candidates, c.Name+" in "+x.repositories[c.RepositoryID].Name)
	}
	return found
}

// repository finds by name, by remote address, or by the end of an address.
func (x *Index) repository(name string) Found {
	all := x.byName[strings.ToLower(name)]
	if len(all) == 0 {
		if address, err := gitrepo.NormaliseRemote(name); err == nil {
			all = x.byName[strings.ToLower(address)]
		}
	}
	if len(all) == 0 && !strings.Contains(name, "://") && !strings.Contains(name, "@") {
		all = x.byName[strings.TrimSuffix(strings.Trim(strings.ToLower(name), "/"), ".git")]
	}
	switch len(all) {
	case 0:
		return Found{Why: noRepository}
	case 1:
		return Found{RepositoryID: all[0]}
	}
	found := Found{Why: "several repositories have this name; give more of the address"}
	for _, id := range all[:min(len(all), most)] {
		r := x.repositories[id]
		if len(r.Addresses) > 0 {
			found.Candidates = append(found.Candidates, r.Addresses[0])
		} else {
			found.Candidates = append(found.Candidates, r.Name)
		}
	}
	return found
}
