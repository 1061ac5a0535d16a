package fact

import "strings"

// labels are what facts are called by people; the names are for programs.
var labels = map[string]string{
	"build": "Build tools", "catalogue.entities": "Catalogue entries", "ci": "Continuous integration", "components": "Components", "container": "Container files",
	"description": "Description", "documentation": "Documentation", "history.commits": "Commits", "history.first": "First commit", "history.last": "Last commit",
	"language.main": "Language", "licence": "Licence", "licence.declared": "Licence declared", "licence.dispute": "Licences disagree", "licence.text": "Licence text",
	"origin.template": "Made from a template", "packages": "Packages", "packages.direct": "Packages named directly", "packages.manifests": "Manifests read",
	"packages.unresolved": "Manifests with unknown transitives", "release.cadence_days": "Days between releases", "release.count": "Releases", "release.last": "Last release",
	"size.bytes": "Size", "size.files": "Files", "tests": "Tests",
}

// Label is what a fact of a name is called by people: its name with spaces where none is known.
func Label(name string) string {
	if label, ok := labels[name]; ok {
		return label
	}
	words := strings.NewReplacer(".", " ", "_", " ").Replace(name)
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}

// Label is what the fact is called by people.
func (s Stored) Label() string { return Label(s.Name) }

// from says in words what a source looks at.
var from = map[string]string{
	"catalog": "manifests and catalogue entries", "correction": "said by a person", "licence": "licence files and manifests", "lineage": "other repositories",
	"people": "the history", "sbom": "manifests and lock files", "technology": "the files",
}

// From says in words what was looked at, for a fact that has no place.
func (s Stored) From() string {
	if words, ok := from[s.Source]; ok {
		return words
	}
	return s.Source
}
