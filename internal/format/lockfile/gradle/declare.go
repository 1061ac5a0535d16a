package gradle

// dependency reads one statement of a dependencies block.
func (s *script) dependency(st span, ctx context) {
	first := s.tokens[st.from]
	d := declaration{line: first.line, buildscript: ctx.buildscript, test: ctx.test, shared: ctx.shared}
	i := st.from + 1
	if first.kind == word {
		// configurations.implementation(...) and the like: the last name counts.
		for i+1 < st.to && s.tokens[i].kind == '.' && s.tokens[i+1].kind == word && !isReference(first.text) {
			first = s.tokens[i+1]
			i += 2
		}
		switch first.text {
		case "constraints":
			if i < st.to && s.tokens[i].kind == '{' {
				ctx.area = constraints
				s.block(span{i + 1, s.tokens[i].match}, ctx)
			}
			return
		case "components", "modules", "attributesSchema", "artifactTypes", "registerTransform", "println", "exclude", "include", "relocate", "because":
			return
		case "add":
			s.added(st, i, d)
			return
		}
		d.configuration = first.text
	} else {
		d.config = span{st.from, st.from + 1}
	}
	if i >= st.to {
		return
	}
	s.arguments(span{i, st.to}, &d)
	if d.args.empty() {
		// A block named after a source set or a platform: commonMain { ... }.
		if !d.tail.empty() {
			ctx.nested = true
			s.block(d.tail, ctx)
		}
		return
	}
	s.declarations = append(s.declarations, d)
}

// isReference says whether a statement that starts with this word is about
// something else than a configuration.
func isReference(first string) bool {
	return first == "libs" || first == "project" || first == "rootProject" || first == "tasks"
}

// arguments finds what a configuration is called with: (args) { tail }, or
// args { tail } without brackets.
func (s *script) arguments(in span, d *declaration) {
	if open := s.tokens[in.from]; open.kind == '(' {
		after := open.match + 1
		if after >= in.to || s.tokens[after].kind == '{' || s.tokens[after].kind == '.' || s.tokens[after].kind == newline {
			d.args = s.trim(span{in.from + 1, open.match})
			d.tail = s.closure(span{after, in.to})
			return
		}
	}
	if s.tokens[in.from].kind == '{' {
		d.tail = span{in.from + 1, s.tokens[in.from].match}
		return
	}
	end := in.to
	if last := end - 1; s.tokens[last].kind == '}' {
		for i := in.from; i < end; i++ {
			t := s.tokens[i]
			if t.kind == '{' && t.match == last {
				d.tail = span{i + 1, last}
				end = i
				break
			}
			if t.kind == '(' || t.kind == '[' || t.kind == '{' {
				i = t.match
			}
		}
	}
	d.args = s.trim(span{in.from, end})
}

// closure returns the inside of the first block in a span.
func (s *script) closure(in span) span {
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case '{':
			return span{i + 1, t.match}
		case '(', '[':
			i = t.match
		}
	}
	return span{}
}

// added reads add("configuration", notation) { tail }.
func (s *script) added(st span, i int, d declaration) {
	if i >= st.to {
		return
	}
	s.arguments(span{i, st.to}, &d)
	parts := s.split(d.args)
	if len(parts) < 2 {
		return
	}
	d.config = parts[0]
	d.args = span{parts[1].from, d.args.to}
	s.declarations = append(s.declarations, d)
}

// constraint keeps the version that a constraint names: a use that names none
// takes it.
func (s *script) constraint(st span, ctx context) {
	i := st.from + 1
	if i >= st.to {
		return
	}
	d := declaration{line: s.tokens[st.from].line, shared: ctx.shared}
	if t := s.tokens[st.from]; t.kind == word && t.text == "add" {
		s.arguments(span{i, st.to}, &d)
		if parts := s.split(d.args); len(parts) > 1 {
			d.args = span{parts[1].from, d.args.to}
		}
	} else {
		s.arguments(span{i, st.to}, &d)
	}
	if !d.args.empty() {
		s.managed = append(s.managed, d)
	}
}

// managedDependency reads the dependency management plugin's blocks:
// mavenBom 'g:a:v', dependency 'g:a:v', dependencySet(group:, version:) { entry 'a' }.
func (s *script) managedDependency(st span, ctx context) {
	i := st.from + 1
	if i >= st.to || s.tokens[st.from].kind != word {
		return
	}
	d := declaration{line: s.tokens[st.from].line, shared: ctx.shared}
	s.arguments(span{i, st.to}, &d)
	if d.args.empty() {
		return
	}
	switch s.tokens[st.from].text {
	case "mavenBom":
		s.boms = append(s.boms, d)
	case "dependency":
		s.managed = append(s.managed, d)
	case "dependencySet":
		d.set = true
		s.managed = append(s.managed, d)
	}
}

// plugin reads id 'x' version 'v', id("x").version("v"), kotlin("jvm") version
// "v" and alias(libs.plugins.x).
func (s *script) plugin(st span, ctx context) {
	t := s.tokens[st.from]
	i := st.from + 1
	if t.kind != word || i >= st.to || t.text != "id" && t.text != "kotlin" && t.text != "alias" {
		return
	}
	u := pluginUse{line: t.line, kotlin: t.text == "kotlin", alias: t.text == "alias"}
	if open := s.tokens[i]; open.kind == '(' {
		u.id = s.trim(span{i + 1, open.match})
		i = open.match + 1
	} else {
		u.id = span{i, i + 1}
		i++
	}
	for ; i < st.to; i++ {
		t := s.tokens[i]
		if t.kind != word || t.text != "version" || i+1 >= st.to {
			continue
		}
		if open := s.tokens[i+1]; open.kind == '(' {
			u.version = s.trim(span{i + 2, open.match})
		} else {
			end := i + 2
			for end < st.to && !(s.tokens[end].kind == word && s.tokens[end].text == "apply") {
				end++
			}
			u.version = s.trim(span{i + 1, end})
		}
		break
	}
	if ctx.settings {
		s.pluginVersions = append(s.pluginVersions, u)
		return
	}
	s.plugins = append(s.plugins, u)
}

// catalogueEntry reads create("libs") { from(files("x.toml")); library("alias", "g:a:v") }.
func (s *script) catalogueEntry(st span, ctx context) {
	t := s.tokens[st.from]
	i := st.from + 1
	if t.kind != word || i >= st.to {
		return
	}
	d := declaration{}
	s.arguments(span{i, st.to}, &d)
	parts := s.split(d.args)
	if ctx.catalogue == "" {
		ctx.catalogue = t.text // libs { ... }
		if len(parts) > 0 {
			ctx.catalogue, _ = s.constant(parts[0])
		}
		if ctx.catalogue != "" {
			s.block(d.tail, ctx)
		}
		return
	}
	if len(parts) == 0 {
		return
	}
	switch t.text {
	case "from":
		s.catalogues[ctx.catalogue] = d.args
	case "version":
		if alias, ok := s.constant(parts[0]); ok && len(parts) == 2 {
			s.libraries[ctx.catalogue+".versions."+accessor(alias)] = inline{version: parts[1]}
		}
	case "library":
		alias, ok := s.constant(parts[0])
		if !ok || len(parts) < 2 {
			return
		}
		entry := inline{args: span{parts[1].from, d.args.to}}
		for j := i; j+1 < st.to; j++ {
			if t := s.tokens[j]; t.kind == word && (t.text == "version" || t.text == "versionRef") && s.tokens[j+1].kind == '(' {
				entry.version = s.trim(span{j + 2, s.tokens[j+1].match})
			}
		}
		s.libraries[ctx.catalogue+"."+accessor(alias)] = entry
	}
}
