package survey_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog/survey"
)

// TestMembersOfWorkspaces reads one workspace of each kind, whose only lock
// lies at its root, where there is one.
func TestMembersOfWorkspaces(t *testing.T) {
	const webJSON = `{"name":"@acme/web","version":"1.0.0","dependencies":{"left-pad":"^1.0.0"}}`
	cases := map[string]map[string]string{
		"npm": {
			"package.json": `{"name":"root","workspaces":["parts/*"]}`, "parts/x/package.json": webJSON,
			"package-lock.json": `{"name":"root","lockfileVersion":3,"packages":{"":{"name":"root","workspaces":["parts/*"]},"node_modules/@acme/web":{"resolved":"parts/x","link":true},` +
				`"parts/x":{"name":"@acme/web","version":"1.0.0","dependencies":{"left-pad":"^1.0.0"}},"node_modules/left-pad":{"version":"1.3.0","resolved":"https://registry.example.org/left-pad.tgz"}}}`,
		},
		"pnpm": {
			"package.json": `{"name":"root"}`, "pnpm-workspace.yaml": "packages:\n  - parts/*\n", "parts/x/package.json": webJSON,
			"pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n  parts/x:\n    dependencies:\n      left-pad:\n        specifier: ^1.0.0\n        version: 1.3.0\n" +
				"packages:\n  left-pad@1.3.0:\n    resolution: {integrity: sha512-x}\nsnapshots:\n  left-pad@1.3.0: {}\n",
		},
		"Yarn 4": {
			"package.json": `{"name":"root","workspaces":["parts/*"]}`, "parts/x/package.json": webJSON,
			"yarn.lock": "__metadata:\n  version: 8\n\n\"@acme/web@workspace:parts/x\":\n  version: 0.0.0-use.local\n  resolution: \"@acme/web@workspace:parts/x\"\n  dependencies:\n    left-pad: \"npm:^1.0.0\"\n  languageName: unknown\n  linkType: soft\n\n" +
				"\"left-pad@npm:^1.0.0\":\n  version: 1.3.0\n  resolution: \"left-pad@npm:1.3.0\"\n  languageName: node\n  linkType: hard\n\n" +
				"\"root@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"root@workspace:.\"\n  languageName: unknown\n  linkType: soft\n",
		},
		"Cargo": {
			"Cargo.toml": "[workspace]\nmembers = [\"parts/*\"]\n", "parts/x/Cargo.toml": "[package]\nname = \"web\"\nversion = \"1.0.0\"\n",
			"Cargo.lock": "version = 4\n\n[[package]]\nname = \"web\"\nversion = \"1.0.0\"\n",
		},
		"uv": {
			"pyproject.toml": "[project]\nname = 'root'\nversion = '1'\n[tool.uv.workspace]\nmembers = ['parts/*']\n", "parts/x/pyproject.toml": "[project]\nname = 'web'\nversion = '1'\n",
			"uv.lock": "version = 1\n[manifest]\nmembers = [\"root\", \"web\"]\n[[package]]\nname = \"root\"\nversion = \"1\"\nsource = { virtual = \".\" }\n[[package]]\nname = \"web\"\nversion = \"1\"\nsource = { editable = \"parts/x\" }\n",
		},
		"Poetry": {
			"pyproject.toml": "[tool.poetry]\nname = 'root'\nversion = '1'\n[tool.poetry.dependencies]\nweb = { path = 'parts/x', develop = true }\n", "parts/x/pyproject.toml": "[tool.poetry]\nname = 'web'\nversion = '1'\n",
			"poetry.lock": "[[package]]\nname = \"web\"\nversion = \"1\"\noptional = false\n[package.source]\ntype = \"directory\"\nurl = \"parts/x\"\n[metadata]\nlock-version = \"2.0\"\n",
		},
		"go.work": {
			"go.work": "go 1.24\nuse (\n\t.\n\t./parts/x\n)\n", "go.mod": "module root.example/root\n", "parts/x/go.mod": "module root.example/root/web\n",
		},
		"Composer": {
			"composer.json": `{"name":"acme/root","repositories":[{"type":"path","url":"parts/x"}],"require":{"acme/web":"*"}}`, "parts/x/composer.json": `{"name":"acme/web"}`,
			"composer.lock": `{"packages":[{"name":"acme/web","version":"dev-main","dist":{"type":"path","url":"parts/x"}}],"packages-dev":[]}`,
		},
		"Bundler": {
			"Gemfile": "source 'https://rubygems.org'\ngem 'web', path: 'parts/x'\n", "parts/x/web.gemspec": "Gem::Specification.new do |s|\n  s.name = 'web'\n  s.version = '1.0'\nend\n",
			"Gemfile.lock": "PATH\n  remote: parts/x\n  specs:\n    web (1.0)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  web!\n",
		},
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			s := tree(files)
			r, err := survey.Take(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var roots, names []string
			for _, c := range r.Components {
				roots = append(roots, c.Root)
				if c.Root != "" {
					names = append(names, c.Name)
				}
			}
			slices.Sort(roots)
			want := "web"
			if files["package.json"] != "" {
				want = "@acme/web"
			}
			if diff := cmp.Diff([]string{want}, names); diff != "" {
				t.Errorf("names of the members (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"", "parts/x"}, roots); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(s.ComponentRoots(), roots); diff != "" {
				t.Errorf("components against the folders that get a licence (-want +got):\n%s", diff)
			}
		})
	}
}
