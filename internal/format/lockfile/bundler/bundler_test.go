package bundler

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

const (
	production  = lockfile.Production
	development = lockfile.Development
	test        = lockfile.Test
)

func treeOf(files map[string]string) *lockfile.Tree {
	m := map[string][]byte{}
	for p, s := range files {
		m[p] = []byte(s)
	}
	return lockfile.NewTree(m)
}

func gemURL(name, version string) purl.PURL { return purl.New("gem", "", name, version) }

func check(t *testing.T, files map[string]string, want ...lockfile.Manifest) {
	t.Helper()
	got, failures := Reader().Read(treeOf(files))
	for _, f := range failures {
		t.Error(f)
	}
	for i := range want {
		want[i].Ecosystem = "gem"
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestLock(t *testing.T) {
	check(t, map[string]string{
		"Gemfile.lock": `GIT
  remote: https://user:pw@example.com/forked.git
  revision: abcdef
  branch: main
  specs:
    forked (0.2.0)
      rack

PATH
  remote: .
  specs:
    app (0.1.0)
      rack (>= 2)

PATH
  remote: ../outside
  specs:
    outside (1.0.0)

GEM
  remote: https://rubygems.org/
  remote: https://gems.example.org/
  specs:
    concurrent-ruby (1.3.8)
    mini_portile2 (2.8.9)
    nokogiri (1.16.0)
      mini_portile2 (~> 2.8.2)
      racc (~> 1.4)
    nokogiri (1.16.0-x86_64-linux-gnu)
      racc (~> 1.4)
    pre (2.0.0.rc1-java)
    pry (0.14.2)
      concurrent-ruby
      missing (>= 1)
    racc (1.8.1)
    rack (3.0.0)
    rake (13.0.0)
    rspec (3.13.0)
      concurrent-ruby (= 1.3.8)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  app!
  forked!
  nokogiri (~> 1.16)
  outside!
  pre
  pry
  rake (~> 13.0)
  rspec (>= 3, < 4)

CHECKSUMS
  rack (3.0.0) sha256=00

BUNDLED WITH
   2.5.0
`,
		"Gemfile": `source "https://rubygems.org"
gemspec
gem "forked", git: "https://user:pw@example.com/forked.git"
gem 'outside', path: "../outside"
gem "pre"
value = if ENV["X"] then 1 else
  2
end
gem "nokogiri",
    "~> 1.16", # why
    require: false
group :development, :test do
  gem("pry") if true
end
=begin
gem "rspec"
=end
group(:test) { gem "rspec", ">= 3", "< 4" }
`,
		"app.gemspec": "Gem::Specification.new do |spec|\n  spec.name = 'app'.freeze\n  spec.version = App::VERSION\n  spec.licenses = ['MIT']\n  spec.add_dependency 'rack', '>= 2'\n  spec.add_development_dependency 'rake', '~> 13.0'\nend\n",
	}, lockfile.Manifest{
		Path: "Gemfile.lock", Format: "Gemfile.lock", Lock: true, HasEdges: true,
		Project: gemURL("app", ""), ProjectLicence: "MIT", Covers: []string{"Gemfile", "app.gemspec"},
		Notes: []lockfile.Note{{Reason: "gems of this project, not dependencies: 1"}},
		Uses: []lockfile.Use{
			{Package: gemURL("forked", "0.2.0"), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked.git#abcdef", Line: 6, DependsOn: []int{8}},
			{Package: gemURL("outside", "1.0.0"), Scope: production, Direct: true, Origin: lockfile.Path, From: "../outside", Line: 18},
			{Package: gemURL("concurrent-ruby", "1.3.8"), Scope: development, Line: 24},
			{Package: gemURL("mini_portile2", "2.8.9"), Scope: production, Line: 25},
			{Package: gemURL("nokogiri", "1.16.0"), Requirement: "~> 1.16", Scope: production, Direct: true, Line: 26, DependsOn: []int{3, 7}},
			{Package: gemURL("pre", "2.0.0.rc1"), Scope: production, Direct: true, Line: 31},
			{Package: gemURL("pry", "0.14.2"), Scope: development, Direct: true, Line: 32, DependsOn: []int{2}},
			{Package: gemURL("racc", "1.8.1"), Scope: production, Line: 35},
			{Package: gemURL("rack", "3.0.0"), Scope: production, Direct: true, Line: 36},
			{Package: gemURL("rake", "13.0.0"), Requirement: "~> 13.0", Scope: development, Direct: true, Line: 37},
			{Package: gemURL("rspec", "3.13.0"), Requirement: ">= 3, < 4", Scope: test, Direct: true, Line: 38, DependsOn: []int{2}},
		},
	})
}

func TestWithoutLock(t *testing.T) {
	check(t, map[string]string{
		"Gemfile": `
gem "exact", "1.2.3"
gem "range", "~> 1.2", '>= 1.2.4', :group => [:development, :test]
gem "hub", github: "rails", branch: "main"
gem "#{dynamic}", "1"
gem "local", path: "vendor/local"
%w[a b].each do |name|
  gem name
end
platforms :ruby do
  group :test, optional: true do
    if RUBY_VERSION > "3"
      gem "nested"
    end
  end
  gem "after" unless false
end
git "https://example.com/many.git" do
  gem "many"
end
gem "last", groups: %i[test]
__END__
gem "never"
`,
		"lib.gemspec": "Gem::Specification.new do |s|\n  s.name = \"lib\"\n  s.version = \"1.0\"\n  s.license = \"MIT\"\n  s.add_runtime_dependency(\"rack\", [\">= 2\", \"< 4\"])\n  s.add_development_dependency %q<rake>\nend\n",
	}, lockfile.Manifest{
		Path: "Gemfile", Format: "Gemfile",
		Unresolved: "no Gemfile.lock covers this file: transitive dependencies are unknown, and versions where a range is declared; commit the lock that \"bundle lock\" writes",
		Uses: []lockfile.Use{
			{Package: gemURL("exact", "1.2.3"), Requirement: "1.2.3", Scope: production, Direct: true, Line: 2},
			{Package: gemURL("range", ""), Requirement: "~> 1.2, >= 1.2.4", Scope: development, Direct: true, Line: 3},
			{Package: gemURL("hub", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://github.com/rails/rails#main", Line: 4},
			{Package: gemURL("nested", ""), Scope: test, Direct: true, Line: 13},
			{Package: gemURL("after", ""), Scope: production, Direct: true, Line: 16},
			{Package: gemURL("many", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/many.git", Line: 19},
			{Package: gemURL("last", ""), Scope: test, Direct: true, Line: 21},
		},
		Notes: []lockfile.Note{
			{Line: 6, Reason: "local is a gem of this project, not a dependency"},
			{Line: 5, Reason: "what only running the file would tell is left out"},
		},
	}, lockfile.Manifest{
		Path: "lib.gemspec", Format: "gemspec", Project: gemURL("lib", "1.0"), ProjectLicence: "MIT",
		Unresolved: "a gemspec is a program and is not run: only dependencies written out are listed, without transitive ones",
		Uses: []lockfile.Use{
			{Package: gemURL("rack", ""), Requirement: ">= 2, < 4", Scope: production, Direct: true, Line: 5},
			{Package: gemURL("rake", ""), Scope: development, Direct: true, Line: 6},
		},
	})
}

// Both other readers find 180 gems in the lock of lobsters; 58 lines stand
// under its DEPENDENCIES, 21 gems in the group of its Gemfile, of which crass
// also comes with rails.
func TestLobsters(t *testing.T) {
	files, err := lockfile.OpenTree(os.DirFS("../../../../../shared/data/locks/lobsters"), Reader().Wants)
	if err != nil {
		t.Fatal(err)
	}
	got, failures := Reader().Read(files)
	if len(failures) > 0 || len(got) != 1 {
		t.Fatalf("%d manifests, failures %v", len(got), failures)
	}
	count := map[string]int{}
	for _, u := range got[0].Uses {
		count[string(u.Scope)]++
		if u.Direct {
			count["direct"]++
			if u.Scope == development {
				count["direct development"]++
			}
		}
	}
	if len(got[0].Uses) != 180 || count["direct"] != 58 || count["direct development"] != 20 || !cmp.Equal(got[0].Covers, []string{"Gemfile"}) {
		t.Errorf("%d uses, %v, covers %v", len(got[0].Uses), count, got[0].Covers)
	}
}

func TestFailures(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"a/Gemfile.lock": "GEM\n  specs:\n    rack\n",
		"b/Gemfile.lock": "GEM\n<<<<<<< HEAD\n  specs:\n",
		"c/Gemfile.lock": "{}\n",
		"d/gems.locked":  "GEM\r\n  remote: x\r\n  specs:\r\n    rack (1.0)\r\n\r\nDEPENDENCIES\r\n  rack\r\n",
		"d/gems.rb":      "gem 'rack'\r\n",
	}))
	want := []lockfile.Manifest{{
		Path: "d/gems.locked", Format: "gems.locked", Ecosystem: "gem", Lock: true, HasEdges: true, Covers: []string{"d/gems.rb"},
		Uses: []lockfile.Use{{Package: gemURL("rack", "1.0"), Scope: production, Direct: true, Line: 4}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	lines := []int{3, 2, 0}
	if len(failures) != len(lines) {
		t.Fatal(failures)
	}
	for i, f := range failures {
		if f.Line != lines[i] || !errors.Is(f, lockfile.ErrSyntax) {
			t.Error(f)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("GEM\n  specs:\n    a (1.0-x)\n      a (= 1)\n\nDEPENDENCIES\n  a!\n", "group :x do\ngem 'a', \"1\", group: [:b], path: %w[.]\nend }\n", "s.add_dependency 'x', ['1']\n")
	f.Add("PATH\n  remote: ..\n  specs:\n    b (1)\n", "group(:a) { gem('x') { } }\ngit 'x' do |y|\n=begin\n=end", "s.name = \"\\\"")
	f.Fuzz(func(t *testing.T, lock, gemfile, spec string) {
		Reader().Read(treeOf(map[string]string{"Gemfile.lock": lock, "Gemfile": gemfile, "x.gemspec": spec, "a/Gemfile": gemfile}))
	})
}
