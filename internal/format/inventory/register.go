package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"steward/internal/format/descriptor"
)

// entity is what is read of a Backstage entity.
type entity struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Annotations     map[string]any
	}
	Spec struct{ Owner any }
}

func catalogueJSON(b []byte) (List, error) {
	var all []entity
	if err := json.Unmarshal(b, &all); err != nil {
		return List{}, brokenJSON(b, err)
	}
	c := catalogue{list: List{Form: Catalogue, Owners: true}}
	for i, e := range all {
		annotations := map[string]string{}
		for key, value := range e.Metadata.Annotations {
			annotations[key], _ = value.(string)
		}
		owner, _ := e.Spec.Owner.(string)
		c.add(entry(i), e.Kind, e.Metadata.Namespace, e.Metadata.Name, owner, annotations)
	}
	return c.done(), nil
}

var (
	hasKind    = regexp.MustCompile(`(?m)^kind:[ \t]*[A-Za-z]`)
	hasVersion = regexp.MustCompile(`(?m)^apiVersion:[ \t]*\S`)
)

// isCatalogueYAML reports whether a file has the envelope of a Backstage entity.
func isCatalogueYAML(b []byte) bool { return hasKind.Match(b) && hasVersion.Match(b) }

func catalogueYAML(b []byte) (List, error) {
	entities, problems := descriptor.Parse(b)
	c := catalogue{list: List{Form: Catalogue, Owners: true}}
	for _, e := range entities {
		var spec struct{ Owner any }
		_ = json.Unmarshal(e.Spec, &spec) // an owner that is no text is none
		owner, _ := spec.Owner.(string)
		c.add(fmt.Sprintf("line %d", e.Line), e.Kind, e.Metadata.Namespace, e.Metadata.Name, owner, e.Metadata.Annotations)
	}
	for _, p := range problems {
		if p.Skipped && len(c.list.Notes) < 100 {
			c.list.Notes = append(c.list.Notes, fmt.Sprintf("Line %d: %s.", p.Line, p.Text))
		}
	}
	return c.done(), nil
}

// catalogue collects the entities that stand for code.
type catalogue struct {
	list   List
	others int
}

func (c *catalogue) add(place, kind, namespace, name, owner string, annotations map[string]string) {
	if !strings.EqualFold(kind, "Component") || name == "" {
		c.others++
		return
	}
	ref := "component:" + cut(cmp.Or(namespace, "default")) + "/" + cut(name)
	c.list.Records = append(c.list.Records, Record{Place: place, Component: ref, Repository: cut(repositoryOf(annotations)), Owner: cut(owner)})
}

func (c *catalogue) done() List {
	if c.others > 0 {
		c.list.Notes = append(c.list.Notes, fmt.Sprintf("Entities that are no components (groups, systems, APIs and others) were left aside: %d.", c.others))
	}
	return c.list
}

// repositoryOf finds the repository that an entity lies in, by what it is annotated with.
func repositoryOf(annotations map[string]string) string {
	for _, key := range []string{"backstage.io/source-location", "backstage.io/managed-by-location", "backstage.io/managed-by-origin-location"} {
		if address := repositoryAddress(strings.TrimPrefix(annotations[key], "url:")); address != "" {
			return address
		}
	}
	for _, key := range []string{"github.com/project-slug", "gitlab.com/project-slug", "bitbucket.org/project-slug", "gitea.com/repo-slug"} {
		if annotations[key] != "" {
			return annotations[key]
		}
	}
	return ""
}

// inside are what hosts put between a repository and a place in it.
var inside = regexp.MustCompile(`/(-/)?(tree|blob|raw|edit|src|browse)/`)

// repositoryAddress gives the address of the repository of an address in it; "" when it has none.
func repositoryAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "ssh") {
		return ""
	}
	u.User, u.RawQuery, u.Fragment, u.RawPath = nil, "", "", ""
	if at := inside.FindStringIndex(u.Path); at != nil {
		u.Path = u.Path[:at[0]]
	}
	return strings.TrimSuffix(u.String(), "/")
}

// tracked is what is read of a project or component of Dependency-Track (its API, versions 4 and 5).
type tracked struct {
	Name, Group, Version, Classifier, PURL string
	ExternalReferences                     []struct{ Type, URL string }
	LastBOMImport                          any
	Project                                *struct{ Name, Version string }
}

func trackProjects(b []byte) (List, error) {
	var all []tracked
	if err := json.Unmarshal(b, &all); err != nil {
		return List{}, brokenJSON(b, err)
	}
	l := List{Form: Projects, Tool: "Dependency-Track"}
	met := map[Record]bool{}
	for i, p := range all {
		r := Record{Name: cut(p.Name)}
		for _, x := range p.ExternalReferences {
			if strings.EqualFold(x.Type, "vcs") && x.URL != "" {
				r.Repository = cut(cmp.Or(repositoryAddress(x.URL), x.URL))
			}
		}
		if at, ok := p.LastBOMImport.(float64); ok {
			if t := time.UnixMilli(int64(at)).UTC(); t.After(l.At) {
				l.At = t
			}
		}
		if met[r] || r.Name == "" {
			continue // another version of the same
		}
		met[r] = true
		r.Place = entry(i)
		l.Records = append(l.Records, r)
	}
	if more := len(all) - len(l.Records); more > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("Projects that are another version of one before were left aside: %d.", more))
	}
	return l, nil
}

func trackComponents(b []byte) (List, error) {
	var all []tracked
	if err := json.Unmarshal(b, &all); err != nil {
		return List{}, brokenJSON(b, err)
	}
	l := List{Form: Components, Tool: "Dependency-Track"}
	projects := map[string]bool{}
	for i, c := range all {
		l.Packages = append(l.Packages, release(entry(i), c.PURL, c.Group, c.Name, c.Version, c.Classifier))
		if c.Project != nil {
			l.Subject = strings.TrimSpace(cut(c.Project.Name) + " " + cut(c.Project.Version))
			projects[l.Subject] = true
		}
	}
	if len(projects) > 1 {
		l.Subject = ""
	}
	return l, nil
}
