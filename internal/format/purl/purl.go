// Package purl keeps package URLs in one canonical spelling, so that names
// from different sources can be compared as strings.
//
// Source of the format: the package URL specification (PURL-SPECIFICATION.rst
// and PURL-TYPES.rst). The library does parsing and escaping; this package adds
// what it leaves out: the per-type rules of letter case and the one order of
// the parts. Go module paths and Maven ids keep their case, whatever other
// tools do with them.
package purl

import (
	"errors"
	"fmt"
	"strings"

	packageurl "github.com/package-url/packageurl-go"
)

// MaxLength is the longest package URL that Parse reads, in bytes.
const MaxLength = 4096

// ErrInvalid is wrapped by every error of Parse.
var ErrInvalid = errors.New("not a package URL")

// PURL is one package, or with a Version one release of it. The zero value
// names nothing. Fields are unescaped and canonical: make one with New or Parse.
type PURL struct {
	Type      string // npm, golang, cargo, maven, pypi, nuget, composer, gem, ...
	Namespace string // npm scope with its @, Maven group, Go path up to the last slash
	Name      string
	Version   string // empty when the release is not known
	Subpath   string
}

// New returns the canonical PURL of a package as its ecosystem names it.
func New(typ, namespace, name, version string) PURL {
	p := PURL{Type: strings.ToLower(typ), Namespace: strings.Trim(namespace, "/"), Name: name, Version: version}
	switch p.Type {
	case "npm", "composer", "github", "bitbucket":
		// npm names are lower case since 2012; older ones keep their case in the registry, so only scopes fold.
		if p.Type != "npm" {
			p.Namespace, p.Name = strings.ToLower(p.Namespace), strings.ToLower(p.Name)
		}
	case "pypi":
		p.Name = pypiName(p.Name)
	}
	return p
}

// Golang splits a module path into namespace and name.
func Golang(modulePath, version string) PURL {
	dir, name := "", modulePath
	if i := strings.LastIndexByte(modulePath, '/'); i >= 0 {
		dir, name = modulePath[:i], modulePath[i+1:]
	}
	return New("golang", dir, name, version)
}

// NPM splits a name such as @scope/name into namespace and name.
func NPM(name, version string) PURL {
	scope := ""
	if strings.HasPrefix(name, "@") {
		if i := strings.IndexByte(name, '/'); i > 0 {
			scope, name = name[:i], name[i+1:]
		}
	}
	return New("npm", scope, name, version)
}

// Parse reads a package URL. Qualifiers are dropped: they name a place to
// download from or a variant, never another package.
func Parse(s string) (PURL, error) {
	if len(s) > MaxLength {
		return PURL{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, MaxLength)
	}
	u, err := packageurl.FromString(s)
	if err != nil {
		return PURL{}, fmt.Errorf("%w: %q: %w", ErrInvalid, s, err)
	}
	p := New(u.Type, u.Namespace, u.Name, u.Version)
	p.Subpath = u.Subpath
	return p, nil
}

// String returns the canonical text, with the version when there is one.
func (p PURL) String() string {
	if p.Type == "" {
		return ""
	}
	return packageurl.NewPackageURL(p.Type, p.Namespace, p.Name, p.Version, nil, p.Subpath).ToString()
}

// Package returns p without version and subpath: what two releases share.
func (p PURL) Package() PURL {
	p.Version, p.Subpath = "", ""
	return p
}

// FullName is the name as people of the ecosystem write it: @scope/name,
// group:artifact, golang.org/x/mod, vendor/name.
func (p PURL) FullName() string {
	switch {
	case p.Namespace == "":
		return p.Name
	case p.Type == "maven":
		return p.Namespace + ":" + p.Name
	default:
		return p.Namespace + "/" + p.Name
	}
}

// pypiName follows PEP 503: lower case, runs of - _ . become one -.
func pypiName(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		if r == '-' || r == '_' || r == '.' {
			dash = true
			continue
		}
		if dash && b.Len() > 0 {
			b.WriteByte('-')
		}
		dash = false
		b.WriteRune(r)
	}
	return b.String()
}
