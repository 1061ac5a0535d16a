package survey_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/snapshot"
)

func tree(files map[string]string) *estate.Snapshot {
	var entries []estate.Entry
	for name, content := range files {
		entries = append(entries, estate.Entry{Path: name, Size: int64(len(content))})
	}
	return snapshot.New(entries, func(e estate.Entry, _ int64) ([]byte, error) {
		content, ok := files[e.Path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(content), nil
	})
}

func TestTypesAreGuessedFromWhatIsThere(t *testing.T) {
	const cargo, gomod = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n", "module a.example/a\n"
	cases := []struct {
		want  string
		files map[string]string
	}{
		{"", map[string]string{"a.c": "int x;\n"}},
		{"website mkdocs.yml", map[string]string{"mkdocs.yml": "x", "hook.py": "x = 1\n"}},

		{"service uses express", map[string]string{"package.json": `{"name":"a","dependencies":{"express":"1"},"main":"a.js","scripts":{"start":"node a.js"}}`}},
		{"service uses express", map[string]string{"package.json": `{"name":"a","private":true,"dependencies":{"express":"1"}}`}},
		{"library package.json", map[string]string{"package.json": `{"name":"a","dependencies":{"express":"1"},"exports":"./a.js"}`}},
		{"library package.json", map[string]string{"package.json": `{"name":"a","private":true,"devDependencies":{"express":"1","react-dom":"1"}}`}},
		{"library package.json", map[string]string{"package.json": `{"name":"a"}`, "index.js": "x"}},
		{"tool package.json", map[string]string{"package.json": `{"name":"a","bin":"a.js","main":"b.js"}`, "Dockerfile": "FROM x"}},
		{"website uses next", map[string]string{"package.json": `{"name":"a","dependencies":{"next":"1"}}`, "Dockerfile": "FROM x"}},

		{"service uses flask", map[string]string{"requirements.txt": "flask==3.0\n", "a.py": "x"}},
		{"service uses fastapi", map[string]string{"pyproject.toml": "[project]\nname = \"a\"\ndependencies = [\"fastapi\"]\n[project.scripts]\na = \"a:b\"\n"}},
		{"library pyproject.toml", map[string]string{"pyproject.toml": "[project]\nname = \"a\"\nclassifiers = [\"Programming Language :: Python :: 3\"]\n", "requirements.txt": "uvicorn\n", "a/__main__.py": "x"}},
		{"library pyproject.toml", map[string]string{"pyproject.toml": "[project]\nname = \"a\"\nclassifiers = [\"Topic :: Software Development :: Libraries :: Application Frameworks\"]\n[project.scripts]\na = \"a:b\"\n", "a/__main__.py": "x"}},
		{"tool pyproject.toml", map[string]string{"pyproject.toml": "[tool.poetry]\nname = \"a\"\nclassifiers = [\"Topic :: Software Development :: Libraries\", \"Topic :: Software Development :: Build Tools\"]\n[tool.poetry.scripts]\na = \"a:b\"\n", "Dockerfile": "FROM x"}},
		{"tool setup.py", map[string]string{"setup.py": "setup(name='a', entry_points={'console_scripts': ['a = a:b']})\n", "a.py": "x = 1\n"}},
		{"tool a/__main__.py", map[string]string{"a/__main__.py": "x = 1\n"}},

		{"library README.md:3", map[string]string{"README.md": "# A\n\nA is a small web framework for Python applications.\n", "pyproject.toml": "[project]\nname = \"a\"\nversion = \"1\"\n[project.scripts]\na = \"a:b\"\n", "src/a/__main__.py": "x = 1\n"}},
		{"tool src/a/__main__.py", map[string]string{"README.md": "# A\n\nA is a command-line tool, and a library.\n", "pyproject.toml": "[project]\nname = \"a\"\nversion = \"1\"\n", "src/a/__main__.py": "x = 1\n"}},
		{"tool b/__main__.py", map[string]string{"README.md": "# A\n\nA is a library of nothing that is published.\n", "b/__main__.py": "x = 1\n", "requirements.txt": "x==1\n"}},

		{"tool src/main.rs", map[string]string{"Cargo.toml": cargo, "src/main.rs": "fn main() {}\n"}},
		{"tool Cargo.toml", map[string]string{"Cargo.toml": cargo + "[[bin]]\nname = \"x\"\npath = \"x.rs\"\n", "x.rs": "fn main() {}\n"}},
		{"library Cargo.toml", map[string]string{"Cargo.toml": cargo + "[dependencies]\naxum = \"1\"\nclap = \"1\"\n", "src/lib.rs": "x", "src/bin/try.rs": "fn main() {}\n"}},
		{"service uses axum", map[string]string{"Cargo.toml": cargo + "[dependencies]\naxum = \"1\"\n", "src/lib.rs": "x", "src/main.rs": "fn main() {}\n"}},

		{"service Dockerfile", map[string]string{"Dockerfile": "FROM x", "go.mod": gomod, "main.go": "package main"}},
		{"tool main.go", map[string]string{"Dockerfile": "FROM x", "go.mod": gomod + "require github.com/spf13/cobra v1.0.0\n", "main.go": "package main"}},
		{"tool cmd/b/b.go", map[string]string{"go.mod": gomod, "cmd/b/b.go": "package main", "doc.go": "package a"}},
		{"tool cmd/a/main.go", map[string]string{"go.mod": gomod, "cmd/a/main.go": "package main", "a.go": "package a"}},
		{"library go.mod", map[string]string{"go.mod": gomod + "require github.com/gin-gonic/gin v1.0.0\n", "a.go": "package a", "cmd/helper/main.go": "package main"}},

		{"library composer.json", map[string]string{"composer.json": `{"name":"a/b","type":"library","require":{"laravel/framework":"1"}}`, "a.php": "<?php"}},
		{"service uses laravel/framework", map[string]string{"composer.json": `{"name":"a/b","type":"project","require":{"laravel/framework":"1"}}`, "a.php": "<?php"}},
		{"tool composer.json", map[string]string{"composer.json": `{"name":"a/b","type":"library","bin":["a"]}`, "a.php": "<?php"}},
		{"library a.gemspec", map[string]string{"a.gemspec": "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.executables = s.files.grep(%r{^exe/})\n  s.add_dependency 'rails'\nend\n", "Gemfile": "gem 'puma'\n", "config.ru": "x"}},
		{"tool a.gemspec", map[string]string{"a.gemspec": "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.executables = ['a']\nend\n"}},
		{"library a.csproj", map[string]string{"a.csproj": `<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="Microsoft.AspNetCore.Http" Version="1.0.0"/></ItemGroup></Project>`}},
		{"service a.csproj", map[string]string{"a.csproj": `<Project Sdk="Microsoft.NET.Sdk.Web"></Project>`}},
		{"tool a.csproj", map[string]string{"a.csproj": `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>`}},
		{"library pom.xml", map[string]string{"pom.xml": pom("spring-boot-starter-web", "")}},
		{"service pom.xml", map[string]string{"pom.xml": pom("spring-boot-starter-web", "<build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>")}},
		{"service uses spring-boot-starter-web", map[string]string{"pom.xml": pom("spring-boot-starter-web", ""), "src/main/java/x/ShopApplication.java": "class X {}\n"}},
	}
	for _, c := range cases {
		s, err := survey.Take(t.Context(), tree(c.files))
		if err != nil || len(s.Components) != 1 {
			t.Fatalf("%s: %+v %v", c.want, s, err)
		}
		one := s.Components[0]
		if got := strings.TrimSpace(one.Type + " " + one.TypeFrom); !strings.EqualFold(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.files, got, c.want)
		}
	}
}

func pom(uses, rest string) string {
	return "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>" + uses +
		"</artifactId><version>3.0.0</version></dependency></dependencies>" + rest + "</project>\n"
}

func TestLanguagesByFolder(t *testing.T) {
	s, err := survey.Take(t.Context(), tree(map[string]string{
		"a/Cargo.toml": "[package]\nname = \"a\"\nversion = \"1.0.0\"\n", "a/src/lib.rs": "use std::fmt;\npub fn x() -> i32 { let y = 1; y }\n",
		"b/package.json": `{"name":"b"}`, "b/x.tsx": "export const x = 1", "b/README.md": strings.Repeat("words ", 1000),
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range s.Components {
		got[c.Root] = c.Language
	}
	if diff := cmp.Diff(map[string]string{"a": "Rust", "b": "TypeScript"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEntryMayNameAnotherFolder(t *testing.T) {
	entry := func(name, location string) string {
		return "apiVersion: v1\nkind: Component\nmetadata:\n  name: " + name + "\n  annotations:\n    backstage.io/source-location: " + location + "\nspec: {type: x, lifecycle: y, owner: z}\n---\n"
	}
	s, err := survey.Take(t.Context(), tree(map[string]string{
		".backstage/catalog-info.yaml": entry("a", "dir:../a") + entry("b", "dir:../../../b") + entry("c", "url:https://other.example/x/tree/main/a"),
		"a/package.json":               `{"name":"thing"}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range s.Components {
		got[c.Name] = c.Root + " " + c.Manifest
	}
	if diff := cmp.Diff(map[string]string{"a": "a a/package.json", "b": " ", "c": " "}, got); diff != "" {
		t.Error(diff)
	}
}

// A large monorepo: 200 components, 100,000 files, 400 lines of CODEOWNERS.
func BenchmarkTake(b *testing.B) {
	files := map[string]string{}
	var owners strings.Builder
	owners.WriteString("* @bank/all\n")
	for i := range 200 {
		files[fmt.Sprintf("services/s%d/package.json", i)] = fmt.Sprintf(`{"name":"s%d"}`, i)
		fmt.Fprintf(&owners, "/services/s%d/ @bank/t%d\n/services/s%d/docs/ @bank/d%d\n", i, i, i, i)
		for j := range 500 {
			files[fmt.Sprintf("services/s%d/src/p%d/f%d.ts", i, j%20, j)] = "x"
		}
	}
	files["CODEOWNERS"] = owners.String()
	for b.Loop() {
		s, err := survey.Take(b.Context(), tree(files))
		if err != nil || len(s.Components) != 200 {
			b.Fatal(err)
		}
	}
}
