package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// manifestHazards are repositories whose manifests cannot be read, or should not be.
func manifestHazards() []hazard {
	const deep = 10_000
	laughs := []string{"lol: &l0 [x, x, x, x, x, x, x, x, x]"}
	for i := range 12 {
		laughs = append(laughs, fmt.Sprintf("lol%d: &l%d [%s]", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i), 9), ", ")))
	}
	entities := []string{`<!ENTITY l0 "lol">`, `<!ENTITY secret SYSTEM "file:///etc/passwd">`}
	for i := range 12 {
		entities = append(entities, fmt.Sprintf(`<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 9)))
	}
	return []hazard{
		{name: "do-not-parse", state: "read", says: []string{
			"npm/package-lock.json", "npm/package.json", "yarn/yarn.lock", "pnpm/pnpm-lock.yaml", "go/go.mod", "rust/Cargo.lock", "rust/Cargo.toml", "maven/pom.xml",
			"gradle/build.gradle", "gradle/gradle.lockfile", "py/requirements.txt", "py/Pipfile.lock", "py/poetry.lock", "py/uv.lock", "py/pdm.lock", "net/packages.lock.json", "net/a.csproj", "php/composer.lock", "ruby/Gemfile.lock",
			"catalog-info.yaml", "CODEOWNERS", "does not parse",
		}, make: files(map[string]string{
			"npm/package-lock.json": `{"name": "x", "lockfileVersion": 3, "packages": {`, "npm/package.json": `{"dependencies": [[[`, "yarn/yarn.lock": "\x00\x01\x02\n  :::\n\"", "pnpm/pnpm-lock.yaml": "a: [\n- b: {",
			"go/go.mod": "module (((\nrequire", "go/go.sum": "\xff\xff\xff", "rust/Cargo.lock": "[[package]\nname=", "rust/Cargo.toml": "[package\nname", "maven/pom.xml": "<project><dependencies><dependency>",
			"gradle/build.gradle": "dependencies { implementation('", "gradle/gradle.lockfile": "\x00", "gradle/gradle/libs.versions.toml": "[versions\n", "py/requirements.txt": "\x00\xff-r ../../../etc/passwd\n-r requirements.txt\n",
			"py/Pipfile.lock": "{", "py/poetry.lock": "[[package", "py/uv.lock": "[[package", "py/pdm.lock": "[[", "py/pyproject.toml": "[tool.", "net/packages.lock.json": `{"version": "x"`, "net/a.csproj": "<Project><ItemGroup>",
			"php/composer.lock": `{"packages": {}}`, "ruby/Gemfile.lock": "GEM\n  remote: \n  specs:\n    (((", "catalog-info.yaml": "kind: [\n  x: {", "CODEOWNERS": "\x00\xff [[[ \n * \n", "OWNERS": "approvers: [", ".mailmap": "<<<>>>\n\xff",
			".gitlab-ci.yml": "a: [", ".github/workflows/a.yml": "on: {{{", "LICENSE": "\x00\x00\x00", "README.md": "\xff\xfe\x00#",
		})},
		{name: "over-32-megabytes", state: "read", says: []string{"package-lock.json", "pom.xml", "larger than Steward reads", "the limit is 33554432"}, make: files(map[string]string{
			"package-lock.json": `{"name": "x", "lockfileVersion": 3, "packages": {}}` + strings.Repeat(" ", 33<<20), "pom.xml": "<project>" + strings.Repeat(" ", 33<<20) + "</project>",
			"README.md": "# Large\n\n" + strings.Repeat("word ", 7<<20), "CODEOWNERS": strings.Repeat("* @a/b\n", 5<<20), "LICENSE": strings.Repeat("x", 33<<20),
		})},
		{name: "just-under-32-megabytes", state: "read", says: []string{"package-lock.json", "requirements.txt", "larger than Steward reads"}, make: files(map[string]string{
			"requirements.txt": strings.Repeat("left-pad==1.3.0\n", 2<<20-100), "package-lock.json": `{"lockfileVersion": 3, "packages": {` + entries(300_000) + `}}`,
			"CODEOWNERS": strings.Repeat("*.go @a/b\n", 3<<20), "catalog-info.yaml": strings.Repeat("---\nkind: Component\nmetadata:\n  name: a\n", 700_000),
		})},
		{name: "nested-10000-deep", state: "read", says: []string{"b/package.json", "d/catalog-info.yaml", "e/Cargo.toml", "f/Cargo.lock", "g/pom.xml", "h/package-lock.json", "i/build.gradle", "j/composer.lock", "nested deeper than Steward reads"}, make: files(map[string]string{
			"a/package-lock.json": `{"packages": ` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + "}", "b/package.json": strings.Repeat(`{"dependencies":`, deep) + strings.Repeat("}", deep),
			"c/pnpm-lock.yaml": "a: " + strings.Repeat("[", deep) + strings.Repeat("]", deep), "d/catalog-info.yaml": "kind: " + strings.Repeat("[", deep) + strings.Repeat("]", deep), "e/Cargo.toml": "a = " + strings.Repeat("[", deep) + strings.Repeat("]", deep),
			"f/Cargo.lock": "[" + strings.Repeat("a.", deep) + "b]\n", "g/pom.xml": "<project>" + strings.Repeat("<a>", deep) + strings.Repeat("</a>", deep) + "</project>", "h/package-lock.json": nestedLock(2_000),
			"i/build.gradle": strings.Repeat("a {", deep) + strings.Repeat("}", deep), "j/composer.lock": strings.Repeat(`{"packages":[`, deep), "k/x.csproj": strings.Repeat("<ItemGroup>", deep),
			".github/workflows/a.yml": "on: " + strings.Repeat("{a: ", deep) + strings.Repeat("}", deep), "README.md": strings.Repeat("> ", deep) + "x\n" + strings.Repeat("[", deep) + strings.Repeat("*", deep),
		})},
		{name: "billion-laughs", state: "read", says: []string{"catalog-info.yaml", "aliases expand", "pom.xml", "DOCTYPE", "a.csproj"}, make: files(map[string]string{
			"pnpm-lock.yaml": "lockfileVersion: '9.0'\n" + strings.Join(laughs, "\n") + "\n", "catalog-info.yaml": "kind: Component\n" + strings.Join(laughs, "\n") + "\n", "OWNERS": strings.Join(laughs, "\n") + "\n",
			"pom.xml":  "<?xml version=\"1.0\"?>\n<!DOCTYPE project [" + strings.Join(entities, "\n") + "]>\n<project><groupId>g</groupId><artifactId>&l12;</artifactId><version>&secret;</version></project>",
			"a.csproj": "<!DOCTYPE Project [" + strings.Join(entities, "\n") + "]>\n<Project><ItemGroup><PackageReference Include=\"&l12;\" Version=\"&secret;\"/></ItemGroup></Project>",
		})},
		{name: "circles", state: "read", says: []string{"b/pom.xml"}, make: files(map[string]string{
			"requirements.txt": "-r other.txt\nleft==1\n", "other.txt": "-r requirements.txt\n-c /etc/passwd\n", "pom.xml": pomOf("a", "../b/pom.xml"), "b/pom.xml": pomOf("b", "../pom.xml"),
			"c/pom.xml":  "<project><groupId>${a}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version><properties><a>${b}</a><b>${a}${a}</b></properties></project>",
			"Cargo.toml": "[workspace]\nmembers = [\".\", \"../..\", \"/etc\", \"**/**/**\"]\n", "package.json": `{"workspaces": [".", "../..", "**", "/etc"]}`, "go.work": "use ../..\nuse /etc\n",
		})},
	}
}

// files makes a repository of the given files.
func files(content map[string]string) func(*testing.T, string) {
	return func(t *testing.T, dir string) { repository(t, dir, content) }
}

func entries(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"node_modules/p%d": {"version": "1.0.0", "dependencies": {"p%d": "*"}}`, i, (i+1)%n)
	}
	return b.String()
}

// nestedLock is a package-lock.json of version 1 with dependencies in dependencies.
func nestedLock(deep int) string {
	return `{"lockfileVersion": 1, ` + strings.Repeat(`"dependencies": {"a": {"version": "1.0.0", `, deep) + `"dev": true` + strings.Repeat("}}", deep) + "}"
}

func pomOf(name, parent string) string {
	return "<project><parent><groupId>g</groupId><artifactId>" + map[string]string{"a": "b", "b": "a"}[name] + "</artifactId><version>1</version><relativePath>" + parent +
		"</relativePath></parent><artifactId>" + name + "</artifactId></project>"
}
