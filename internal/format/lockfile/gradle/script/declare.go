package script

// dependency reads one statement of a dependencies block.
func (s *Script) dependency(st Span, ctx context) {
	first := s.Tokens[st.From]
	d := Declaration{Line: first.line, Buildscript: ctx.buildscript, Test: ctx.test, Shared: ctx.shared}
	i := st.From + 1
	if first.Kind == Word {
		// configurations.implementation(...) and the like: the last name counts.
		for i+1 < st.To && s.Tokens[i].Kind == '.' && s.Tokens[i+1].Kind == Word && !isReference(first.Text) {
			first = s.Tokens[i+1]
			i += 2
		}
		switch first.Text {
		case "constraints":
			if i < st.To && s.Tokens[i].Kind == '{' {
				ctx.area = constraints
				s.block(Span{i + 1, s.Tokens[i].Match}, ctx)
			}
			return
		case "components", "modules", "attributesSchema", "artifactTypes", "registerTransform", "println", "exclude", "include", "relocate", "because":
			return
		case "add":
			s.added(st, i, d)
			return
		}
		d.Configuration = first.Text
	} else {
		d.Config = Span{st.From, st.From + 1}
	}
	if i >= st.To {
		return
	}
	s.arguments(Span{i, st.To}, &d)
	if d.Args.Empty() {
		// A block named after a source set or a platform: commonMain { ... }.
		if !d.Tail.Empty() {
			ctx.nested = true
			s.block(d.Tail, ctx)
		}
		return
	}
	s.Declarations = append(s.Declarations, d)
}

// isReference says whether a statement that starts with this word is about
// something else than a configuration.
func isReference(first string) bool {
	return first == "libs" || first == "project" || first == "rootProject" || first == "tasks"
}

// arguments finds what a configuration is called with: (args) { tail }, or
// args { tail } without brackets.
func (s *Script) arguments(in Span, d *Declaration) {
	if open := s.Tokens[in.From]; open.Kind == '(' {
		after := open.Match + 1
		if after >= in.To || s.Tokens[after].Kind == '{' || s.Tokens[after].Kind == '.' || s.Tokens[after].Kind == newline {
			d.Args = s.Trim(Span{in.From + 1, open.Match})
			d.Tail = s.closure(Span{after, in.To})
			return
		}
	}
	if s.Tokens[in.From].Kind == '{' {
		d.Tail = Span{in.From + 1, s.Tokens[in.From].Match}
		return
	}
	end := in.To
	if last := end - 1; s.Tokens[last].Kind == '}' {
		for i := in.From; i < end; i++ {
			t := s.Tokens[i]
			if t.Kind == '{' && t.Match == last {
				d.Tail = Span{i + 1, last}
				end = i
				break
			}
			if t.Kind == '(' || t.Kind == '[' || t.Kind == '{' {
				i = t.Match
			}
		}
	}
	d.Args = s.Trim(Span{in.From, end})
}

// closure returns the inside of the first block in a span.
func (s *Script) closure(in Span) Span {
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case '{':
			return Span{i + 1, t.Match}
		case '(', '[':
			i = t.Match
		}
	}
	return Span{}
}

// added reads add("configuration", notation) { tail }.
func (s *Script) added(st Span, i int, d Declaration) {
	if i >= st.To {
		return
	}
	s.arguments(Span{i, st.To}, &d)
	parts := s.Split(d.Args)
	if len(parts) < 2 {
		return
	}
	d.Config = parts[0]
	d.Args = Span{parts[1].From, d.Args.To}
	s.Declarations = append(s.Declarations, d)
}

// constraint keeps the version that a constraint names: a use that names none
// takes it.
func (s *Script) constraint(st Span, ctx context) {
	i := st.From + 1
	if i >= st.To {
		return
	}
	d := Declaration{Line: s.Tokens[st.From].line, Shared: ctx.shared}
	if t := s.Tokens[st.From]; t.Kind == Word && t.Text == "add" {
		s.arguments(Span{i, st.To}, &d)
		if parts := s.Split(d.Args); len(parts) > 1 {
			d.Args = Span{parts[1].From, d.Args.To}
		}
	} else {
		s.arguments(Span{i, st.To}, &d)
	}
	if !d.Args.Empty() {
		s.Managed = append(s.Managed, d)
	}
}

// managedDependency reads the dependency management plugin's blocks:
// mavenBom 'g:a:v', dependency 'g:a:v', dependencySet(group:, version:) { entry 'a' }.
func (s *Script) managedDependency(st Span, ctx context) {
	i := st.From + 1
	if i >= st.To || s.Tokens[st.From].Kind != Word {
		return
	}
	d := Declaration{Line: s.Tokens[st.From].line, Shared: ctx.shared}
	s.arguments(Span{i, st.To}, &d)
	if d.Args.Empty() {
		return
	}
	switch s.Tokens[st.From].Text {
	case "mavenBom":
		s.Boms = append(s.Boms, d)
	case "dependency":
		s.Managed = append(s.Managed, d)
	case "dependencySet":
		d.Set = true
		s.Managed = append(s.Managed, d)
	}
}

// plugin reads id 'x' version 'v', id("x").version("v"), kotlin("jvm") version
// "v" and alias(libs.plugins.x).
func (s *Script) plugin(st Span, ctx context) {
	t := s.Tokens[st.From]
	i := st.From + 1
	if t.Kind != Word || i >= st.To || t.Text != "id" && t.Text != "kotlin" && t.Text != "alias" {
		return
	}
	u := PluginUse{Line: t.line, Kotlin: t.Text == "kotlin", Alias: t.Text == "alias"}
	if open := s.Tokens[i]; open.Kind == '(' {
		u.ID = s.Trim(Span{i + 1, open.Match})
		i = open.Match + 1
	} else {
		u.ID = Span{i, i + 1}
		i++
	}
	for ; i < st.To; i++ {
		t := s.Tokens[i]
		if t.Kind != Word || t.Text != "version" || i+1 >= st.To {
			continue
		}
		if open := s.Tokens[i+1]; open.Kind == '(' {
			u.Version = s.Trim(Span{i + 2, open.Match})
		} else {
			end := i + 2
			for end < st.To && !(s.Tokens[end].Kind == Word && s.Tokens[end].Text == "apply") {
				end++
			}
			u.Version = s.Trim(Span{i + 1, end})
		}
		break
	}
	if ctx.settings {
		s.PluginVersions = append(s.PluginVersions, u)
		return
	}
	s.Plugins = append(s.Plugins, u)
}

// catalogueEntry reads create("libs") { from(files("x.toml")); library("alias", "g:a:v") }.
func (s *Script) catalogueEntry(st Span, ctx context) {
	t := s.Tokens[st.From]
	i := st.From + 1
	if t.Kind != Word || i >= st.To {
		return
	}
	d := Declaration{}
	s.arguments(Span{i, st.To}, &d)
	parts := s.Split(d.Args)
	if ctx.catalogue == "" {
		ctx.catalogue = t.Text // libs { ... }
		if len(parts) > 0 {
			ctx.catalogue, _ = s.Constant(parts[0])
		}
		if ctx.catalogue != "" {
			s.block(d.Tail, ctx)
		}
		return
	}
	if len(parts) == 0 {
		return
	}
	switch t.Text {
	case "from":
		s.Catalogues[ctx.catalogue] = d.Args
	case "version":
		if alias, ok := s.Constant(parts[0]); ok && len(parts) == 2 {
			s.Libraries[ctx.catalogue+".versions."+Accessor(alias)] = Inline{Version: parts[1]}
		}
	case "library":
		alias, ok := s.Constant(parts[0])
		if !ok || len(parts) < 2 {
			return
		}
		entry := Inline{Args: Span{parts[1].From, d.Args.To}}
		for j := i; j+1 < st.To; j++ {
			if t := s.Tokens[j]; t.Kind == Word && (t.Text == "version" || t.Text == "versionRef") && s.Tokens[j+1].Kind == '(' {
				entry.Version = s.Trim(Span{j + 2, s.Tokens[j+1].Match})
			}
		}
		s.Libraries[ctx.catalogue+"."+Accessor(alias)] = entry
	}
}
