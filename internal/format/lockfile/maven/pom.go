package maven

import (
	"fmt"
	"strings"

	"steward/internal/format/lockfile"
)

// pom is one pom.xml as written: nothing inherited, nothing interpolated.
type pom struct {
	path                     string
	group, artifact, version string
	packaging                string
	parent                   *parentRef
	props                    map[string]string
	deps                     []dependency
	managed                  []dependency
	plugins                  []plugin
	managedPlugins           []plugin
	profiles                 []profile // those that a plain build does not use
	modules                  []string
	licences                 []string
}

// declarations counts what the pom holds in memory.
func (p *pom) declarations() int {
	n := len(p.props) + len(p.deps) + len(p.managed) + len(p.plugins) + len(p.managedPlugins) + len(p.modules)
	for i := range p.profiles {
		n += 1 + p.profiles[i].body.declarations()
	}
	return n
}

type parentRef struct {
	group, artifact, version string
	relativePath             string
	located                  bool // relativePath is written, perhaps as the empty one
	line                     int
}

type dependency struct {
	group, artifact, version string
	kind, classifier         string
	scope, systemPath        string
	optional                 string
	line                     int
}

type plugin struct {
	group, artifact, version string
	deps                     []dependency
	line                     int
}

// profile is a part of a pom that counts only when somebody asks for it.
type profile struct {
	id        string
	byDefault bool // <activeByDefault>
	always    bool // active unless somebody asks for something else: <property><name>!x</name>
	condition bool // activated by something that a reader cannot know
	line      int
	body      pom
}

// readPOM parses one file. The error is a LineError.
func readPOM(path string, b []byte) (*pom, error) {
	s, err := newScanner(b)
	if err != nil {
		return nil, err
	}
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if root != "project" {
		return nil, s.fail(lockfile.ErrSyntax, "the root element is <%.40s>, not <project>", root)
	}
	p := &pom{path: path}
	if err := p.body(s, root); err != nil {
		return nil, err
	}
	p.mergeProfiles()
	return p, nil
}

// body reads the children of <project> or <profile>.
func (p *pom) body(s *scanner, parent string) error {
	return s.children(parent, func(name string, line int) error {
		switch name {
		case "groupId":
			return s.into(name, &p.group)
		case "artifactId":
			return s.into(name, &p.artifact)
		case "version":
			return s.into(name, &p.version)
		case "packaging":
			return s.into(name, &p.packaging)
		case "parent":
			return p.readParent(s, line)
		case "properties":
			return p.readProperties(s)
		case "dependencies":
			return readDependencies(s, name, &p.deps)
		case "dependencyManagement":
			return s.children(name, func(name string, _ int) error {
				if name != "dependencies" {
					return s.skip(name)
				}
				return readDependencies(s, name, &p.managed)
			})
		case "build":
			return p.readBuild(s)
		case "reporting":
			return s.children(name, func(name string, _ int) error {
				if name != "plugins" {
					return s.skip(name)
				}
				return readPlugins(s, name, &p.plugins)
			})
		case "modules", "subprojects":
			return s.children(name, func(name string, _ int) error {
				module, err := s.text(name)
				if module != "" {
					p.modules = append(p.modules, module)
				}
				return err
			})
		case "licenses":
			return p.readLicences(s)
		case "profiles":
			return s.children(name, func(name string, line int) error {
				if name != "profile" {
					return s.skip(name)
				}
				return p.readProfile(s, line)
			})
		}
		return s.skip(name)
	})
}

func (p *pom) readParent(s *scanner, line int) error {
	ref := &parentRef{line: line}
	p.parent = ref
	return s.children("parent", func(name string, _ int) error {
		switch name {
		case "groupId":
			return s.into(name, &ref.group)
		case "artifactId":
			return s.into(name, &ref.artifact)
		case "version":
			return s.into(name, &ref.version)
		case "relativePath":
			ref.located = true
			return s.into(name, &ref.relativePath)
		}
		return s.skip(name)
	})
}

func (p *pom) readProperties(s *scanner) error {
	return s.children("properties", func(name string, _ int) error {
		value, err := s.text(name)
		if err != nil {
			return err
		}
		if p.props == nil {
			p.props = map[string]string{}
		}
		p.props[name] = value
		return nil
	})
}

func readDependencies(s *scanner, parent string, to *[]dependency) error {
	return s.children(parent, func(name string, line int) error {
		if name != "dependency" {
			return s.skip(name)
		}
		if len(*to) >= lockfile.MaxUses {
			return s.fail(lockfile.ErrTooLarge, "more than %d dependencies", lockfile.MaxUses)
		}
		d := dependency{line: line}
		err := s.children(name, func(name string, _ int) error {
			switch name {
			case "groupId":
				return s.into(name, &d.group)
			case "artifactId":
				return s.into(name, &d.artifact)
			case "version":
				return s.into(name, &d.version)
			case "type":
				return s.into(name, &d.kind)
			case "classifier":
				return s.into(name, &d.classifier)
			case "scope":
				return s.into(name, &d.scope)
			case "systemPath":
				return s.into(name, &d.systemPath)
			case "optional":
				return s.into(name, &d.optional)
			}
			return s.skip(name)
		})
		*to = append(*to, d)
		return err
	})
}

func (p *pom) readBuild(s *scanner) error {
	return s.children("build", func(name string, _ int) error {
		switch name {
		case "plugins", "extensions":
			return readPlugins(s, name, &p.plugins)
		case "pluginManagement":
			return s.children(name, func(name string, _ int) error {
				if name != "plugins" {
					return s.skip(name)
				}
				return readPlugins(s, name, &p.managedPlugins)
			})
		}
		return s.skip(name)
	})
}

// readPlugins reads <plugins> or <extensions>, which have the same coordinates.
func readPlugins(s *scanner, parent string, to *[]plugin) error {
	return s.children(parent, func(name string, line int) error {
		if name != "plugin" && name != "extension" {
			return s.skip(name)
		}
		if len(*to) >= lockfile.MaxUses {
			return s.fail(lockfile.ErrTooLarge, "more than %d plugins", lockfile.MaxUses)
		}
		g := plugin{line: line}
		if name == "plugin" {
			g.group = "org.apache.maven.plugins" // the super POM's default
		}
		err := s.children(name, func(name string, _ int) error {
			switch name {
			case "groupId":
				return s.into(name, &g.group)
			case "artifactId":
				return s.into(name, &g.artifact)
			case "version":
				return s.into(name, &g.version)
			case "dependencies":
				return readDependencies(s, name, &g.deps)
			}
			return s.skip(name)
		})
		*to = append(*to, g)
		return err
	})
}

func (p *pom) readLicences(s *scanner) error {
	return s.children("licenses", func(name string, _ int) error {
		if name != "license" {
			return s.skip(name)
		}
		return s.children(name, func(name string, _ int) error {
			if name != "name" {
				return s.skip(name)
			}
			licence, err := s.text(name)
			if licence != "" {
				p.licences = append(p.licences, licence)
			}
			return err
		})
	})
}

func (p *pom) readProfile(s *scanner, line int) error {
	pr := profile{line: line}
	err := s.children("profile", func(name string, line int) error {
		switch name {
		case "id":
			return s.into(name, &pr.id)
		case "activation":
			return pr.readActivation(s)
		case "properties":
			return pr.body.readProperties(s)
		case "dependencies":
			return readDependencies(s, name, &pr.body.deps)
		case "dependencyManagement":
			return s.children(name, func(name string, _ int) error {
				if name != "dependencies" {
					return s.skip(name)
				}
				return readDependencies(s, name, &pr.body.managed)
			})
		case "build":
			return pr.body.readBuild(s)
		}
		return s.skip(name)
	})
	p.profiles = append(p.profiles, pr)
	return err
}

func (pr *profile) readActivation(s *scanner) error {
	return s.children("activation", func(name string, _ int) error {
		switch name {
		case "activeByDefault":
			value, err := s.text(name)
			pr.byDefault = strings.EqualFold(value, "true")
			return err
		case "property":
			var key, value string
			err := s.children(name, func(name string, _ int) error {
				switch name {
				case "name":
					return s.into(name, &key)
				case "value":
					return s.into(name, &value)
				}
				return s.skip(name)
			})
			// A build that sets nothing has no property: !x holds, and so does value !y.
			if strings.HasPrefix(key, "!") || strings.HasPrefix(value, "!") {
				pr.always = true
			} else {
				pr.condition = true
			}
			return err
		case "jdk", "os", "file", "packaging", "condition":
			pr.condition = true
		}
		return s.skip(name)
	})
}

// mergeProfiles moves what a plain build uses into the pom: profiles that hold
// when no property is set, and without any of those the ones active by default.
// Source: Maven, Introduction to Build Profiles.
func (p *pom) mergeProfiles() {
	always := false
	for _, pr := range p.profiles {
		always = always || pr.always && !pr.condition
	}
	rest := p.profiles[:0]
	for _, pr := range p.profiles {
		if pr.always && !pr.condition || pr.byDefault && !always {
			p.merge(&pr.body)
			continue
		}
		rest = append(rest, pr)
	}
	p.profiles = rest
}

func (p *pom) merge(other *pom) {
	for name, value := range other.props {
		if p.props == nil {
			p.props = map[string]string{}
		}
		p.props[name] = value
	}
	p.deps = append(p.deps, other.deps...)
	// What a profile manages goes before what the pom does.
	p.managed = append(other.managed[:len(other.managed):len(other.managed)], p.managed...)
	p.plugins = append(p.plugins, other.plugins...)
	p.managedPlugins = append(other.managedPlugins[:len(other.managedPlugins):len(other.managedPlugins)], p.managedPlugins...)
}

func (p *parentRef) String() string {
	return fmt.Sprintf("%s:%s:%s", p.group, p.artifact, p.version)
}
