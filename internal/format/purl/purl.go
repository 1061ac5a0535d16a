// Package purl keeps package URLs in one canonical spelling, so that names
// from different sources can be compared as strings.
//
// Source of the format: the package URL specification (ECMA-427) and its type
// definitions. Where people and tools disagree with it, Steward does this:
//
//	golang   module paths keep their case (they are case-sensitive; the text of
//	         the type asks for lower case, its machine-readable form does not)
//	maven    group and artifact keep their case; a name "group:artifact" is split
//	npm      the scope keeps its @, written %40scope/name; a scope that came
//	         without its @ or inside the name gets its place
//	pypi     names are folded as PEP 503 asks, so zope.interface is zope-interface
//	nuget    names keep their case, although the registry ignores it
//	any      a namespace where the type has none, or none where it wants one, is
//	         kept as it came: pkg:golang/stdlib is in daily use
//
// Qualifiers are read and dropped: they name a place to download from or a
// variant, never another package.
package purl

import (
	"errors"
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
	Type      string // lower case: npm, golang, cargo, maven, pypi, nuget, composer, gem, deb ...
	Namespace string // npm scope with its @, Maven group, Go path up to the last slash
	Name      string
	Version   string // as the ecosystem writes it; empty when the release is not known
	Subpath   string // a place inside the package, without outer slashes
}

// New returns the canonical PURL of a package as its ecosystem names it. It
// does not judge: an empty type or name stays empty.
func New(typ, namespace, name, version string) PURL {
	p := PURL{Type: strings.ToLower(typ), Namespace: cleanPath(namespace), Name: name, Version: version}
	p.split()
	p.fold()
	return p
}

// Golang splits a module path such as golang.org/x/mod into namespace and name.
func Golang(modulePath, version string) PURL {
	return New("golang", "", modulePath, version)
}

// NPM splits a name such as @scope/name into namespace and name.
func NPM(name, version string) PURL {
	return New("npm", "", name, version)
}

// String returns the canonical text, with the version when there is one, and
// "" for the zero value. What New made of a valid name, Parse reads back.
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
// group:artifact, golang.org/x/mod, vendor/name. Debian and RPM packages go by
// the bare name, since their namespace is the distribution.
func (p PURL) FullName() string {
	switch {
	case p.Namespace == "":
		return p.Name
	case p.Type == "maven":
		return p.Namespace + ":" + p.Name
	case p.Type == "deb", p.Type == "rpm", p.Type == "apk", p.Type == "alpm":
		return p.Name
	default:
		return p.Namespace + "/" + p.Name
	}
}

// split moves a namespace that came inside the name to its place.
func (p *PURL) split() {
	sep := ""
	switch p.Type {
	case "npm", "golang", "composer", "github", "gitlab", "bitbucket", "huggingface", "swift":
		sep = "/"
		p.Name = strings.Trim(p.Name, "/")
	case "maven":
		sep = ":"
	}
	if sep == "" {
		return
	}
	if i := strings.LastIndex(p.Name, sep); i > 0 && i < len(p.Name)-1 {
		head := p.Name[:i]
		if sep == ":" && (p.Namespace != "" || strings.Contains(head, ":")) {
			return
		}
		p.Namespace, p.Name = cleanPath(p.Namespace+"/"+head), p.Name[i+1:]
	}
}

// fold applies the rules of letter case and spelling of the type definitions.
func (p *PURL) fold() {
	switch p.Type {
	case "alpm", "apk", "bitbucket", "brew", "composer", "deb", "github", "hex", "luarocks":
		p.Namespace, p.Name = strings.ToLower(p.Namespace), strings.ToLower(p.Name)
	case "vscode-extension":
		p.Namespace, p.Name, p.Version = strings.ToLower(p.Namespace), strings.ToLower(p.Name), strings.ToLower(p.Version)
	case "rpm", "qpkg", "yocto":
		p.Namespace = strings.ToLower(p.Namespace)
	case "bitnami", "chrome-extension", "otp":
		p.Name = strings.ToLower(p.Name)
	case "oci":
		p.Name, p.Version = strings.ToLower(p.Name), strings.ToLower(p.Version)
	case "huggingface":
		p.Version = strings.ToLower(p.Version)
	case "cpan":
		p.Namespace = strings.ToUpper(p.Namespace)
	case "npm":
		if p.Namespace != "" && p.Namespace[0] != '@' {
			p.Namespace = "@" + p.Namespace
		}
	case "pub":
		p.Name = pubName(p.Name)
	case "pypi":
		p.Name, p.Version = pypiName(p.Name), strings.ToLower(p.Version)
	}
}

// pypiName follows PEP 503: lower case, runs of - _ . become one -. Outer
// separators, which no valid name has, fall away.
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

// pubName follows the type definition of pub: lower case, and _ for everything
// that is neither a letter nor a digit.
func pubName(name string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}

// cleanPath drops empty segments.
func cleanPath(s string) string {
	if !strings.HasPrefix(s, "/") && !strings.HasSuffix(s, "/") && !strings.Contains(s, "//") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '/' }), "/")
}
