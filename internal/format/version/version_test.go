package version_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"steward/internal/format/version"
)

func TestCompare(t *testing.T) {
	// Each line is in ascending order; = joins equal versions.
	orders := map[string][]string{
		"npm":      {"0.0.1", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0=v1.0.0=1.0=1.0.0+build", "1.2.0", "1.10.0"},
		"golang":   {"v0.0.0-20200101000000-abcdefabcdef", "v0.0.1", "v1.9.0", "v1.10.0-rc.1", "v1.10.0", "v2.0.0+incompatible=v2.0.0"},
		"cargo":    {"0.1.0", "1.0.0-alpha", "1.0.0"},
		"maven":    {"1.0-alpha-1", "1.0-beta-1", "1.0-rc1", "1.0-SNAPSHOT", "1.0=1.0.0=1.0-ga=1.0.Final", "1.0-sp1", "1.0.1", "1.10", "2.17.0"},
		"pypi":     {"1.0.dev1", "1.0a1=1.0.alpha1", "1.0b2", "1.0rc1=1.0RC1", "1.0=1.0.0=v1.0", "1.0.post1", "1.1", "1!0.1"},
		"nuget":    {"1.0.0-alpha", "1.0.0-beta=1.0.0-BETA", "1.0.0=1.0.0.0", "1.0.0.1", "1.10"},
		"composer": {"1.0.0-alpha1", "1.0.0-beta1=1.0.0-BETA1", "1.0.0-RC1", "1.0=1.0.0=v1.0.0.0", "1.0.0-p1", "1.10.0"},
		"gem":      {"1.0.0.beta1", "1.0.0.rc1", "1.0.0=1.0", "1.0.1", "1.10.0"},
		"deb":      {"1.0~rc1-1", "1.0-1", "1.0-1+b1", "1.0-2", "1.10-1", "1:0.1-1"},
		"rpm":      {"1.0~rc1-1", "1.0-1", "1.10-1", "1:0.1-1"},
		"apk":      {"1.2.3_rc1", "1.2.3", "1.2.3-r1", "1.2.3-r10"},
		"other":    {"1.0-beta", "1.0", "1.0.0.1"},
	}
	for purlType, order := range orders {
		for i, as := range order {
			for j, bs := range order {
				for a := range strings.SplitSeq(as, "=") {
					for b := range strings.SplitSeq(bs, "=") {
						want := 0
						if i < j {
							want = -1
						} else if i > j {
							want = 1
						}
						if got, err := version.Compare(purlType, a, b); err != nil || got != want {
							t.Errorf("%s: Compare(%q, %q) = %d, %v; want %d", purlType, a, b, got, err, want)
						}
					}
				}
			}
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	bad := map[string][]string{
		"npm":      {"", "latest", "1.2.3.4", "x", "1..2", "git+https://example.org/a", "file:../a", "1.2.3 ||", "v", "-1"},
		"golang":   {"master", "(devel)"},
		"maven":    {"", "${project.version}", "RELEASE", "LATEST", "[1,2)", "1 0"},
		"pypi":     {"unknown", "1.0-foo", "1.0.*"},
		"nuget":    {"1.2.3.4.5", "*"},
		"composer": {"dev-main", "1.x-dev", "master"},
		"gem":      {"beta", "1..2"},
		"deb":      {"none", "a:1"},
		"npm2":     {strings.Repeat("1", 300)},
	}
	for purlType, versions := range bad {
		for _, v := range versions {
			if got, err := version.Compare(purlType, v, "1.0"); !errors.Is(err, version.ErrVersion) {
				t.Errorf("%s: Compare(%.30q, 1.0) = %d, %v; want ErrVersion", purlType, v, got, err)
			}
			if _, err := version.Compare(purlType, "1.0", v); !errors.Is(err, version.ErrVersion) {
				t.Errorf("%s: Compare(1.0, %.30q): %v; want ErrVersion", purlType, v, err)
			}
		}
	}
}

func TestRange(t *testing.T) {
	tests := []struct {
		purlType, expr string
		in, out        string // versions, by spaces
	}{
		{"maven", "<2.17", "2.16.9 2.17-rc1 1 2.3.Final", "2.17 2.17.0 2.17.1 3"},
		{"npm", ">=1.2,<3", "1.2.0 2.9.9 3.0.0-beta", "1.1.9 1.2.0-rc 3.0.0"},
		{"npm", ">=1.2 <3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
		{"npm", ">= 1.2 , < 3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
		{"npm", ">1.2.3 <=2", "1.2.4 2.0.0", "1.2.3 2.0.1"},
		{"npm", "1.2.3", "1.2.3 v1.2.3", "1.2.4"},
		{"npm", "=1.2.3", "1.2.3", "1.2.4"},
		{"npm", "v1.2.3", "1.2.3", "1.2.4"},
		{"pypi", "==1.2.3", "1.2.3", "1.2.4"},
		{"npm", "!=1.2.3", "1.2.4", "1.2.3"},
		{"npm", ">=1 !=1.5.0", "1.4.9 1.5.1", "1.5.0 0.9.0"},
		{"npm", "^1.2", "1.2.0 1.9.9", "1.1.0 2.0.0 2.0.0-beta"},
		{"npm", "^1.2.3-beta.2", "1.2.3-beta.3 1.2.3 1.9.0", "1.2.3-beta.1 2.0.0-alpha"},
		{"npm", "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"},
		{"npm", "^0.0.3", "0.0.3", "0.0.4"},
		{"npm", "^0.0", "0.0.9", "0.1.0"},
		{"npm", "^0", "0.9.9", "1.0.0"},
		{"npm", "~1.2.3", "1.2.3 1.2.9", "1.3.0 1.3.0-beta 1.2.2"},
		{"npm", "~1.2", "1.2.0 1.2.9", "1.3.0"},
		{"npm", "~1", "1.0.0 1.9.9", "2.0.0"},
		{"composer", "~1.2", "1.2.0 1.9.9", "2.0.0 1.1.0"},
		{"gem", "~>1.2", "1.2 1.9.9", "2.0 2.0.0.beta1"},
		{"gem", "~> 1.2.3", "1.2.3 1.2.9", "1.3 1.2.2"},
		{"gem", "~> 1", "1.0 1.9", "2.0"},
		{"pypi", "~=1.4.2", "1.4.2 1.4.9.post1", "1.5 1.4.1"},
		{"npm", "1.x", "1.0.0 1.9.9", "2.0.0 0.9.9 2.0.0-rc.1"},
		{"npm", "1.2.x", "1.2.0 1.2.9", "1.3.0"},
		{"npm", "1.x.x", "1.0.0 1.9.9", "2.0.0"},
		{"pypi", "==1.4.*", "1.4 1.4.9", "1.5 1.3"},
		{"pypi", "!=1.4.*", "1.5 1.3", "1.4 1.4.9"},
		{"npm", ">1.x", "2.0.0", "1.9.9"},
		{"npm", "<=1.x", "1.9.9", "2.0.0"},
		{"npm", "<1.x", "0.9.9", "1.0.0 1.0.0-beta"},
		{"maven", "[1,2)", "1 1.9 2-rc1", "2 0.9"},
		{"maven", "(1,2]", "1.1 2", "1 2.1"},
		{"maven", "(,1.0]", "0.1 1.0", "1.1"},
		{"maven", "[1.5,)", "1.5 9", "1.4"},
		{"maven", "[1.5]", "1.5 1.5.0", "1.4 1.6"},
		{"maven", "[1,2),[3,4)", "1.5 3.5", "2.5 4"},
		{"nuget", "[1.0,2.0)", "1.0.0 1.9", "2.0"},
		{"npm", "1.2 - 2.0", "1.2.0 2.0.0", "1.1.0 2.0.1"},
		{"npm", "^1.2 || ^3", "1.5.0 3.1.0", "2.0.0 4.0.0"},
		{"npm", "*", "0.0.1 99.0.0 1.0.0-beta anything", ""},
		{"deb", ">=1:2.3-4", "1:2.3-4 1:2.10-1", "2.9-1 1:2.3-3"},
		{"golang", "<v1.26.3", "v1.26.2", "v1.26.3 v1.27.0"},
	}
	for _, tt := range tests {
		r, err := version.ParseRange(tt.purlType, tt.expr)
		if err != nil {
			t.Errorf("%s %q: %v", tt.purlType, tt.expr, err)
			continue
		}
		if r.String() != tt.expr {
			t.Errorf("String() = %q, want %q", r, tt.expr)
		}
		for _, v := range strings.Fields(tt.in) {
			if got, err := r.Contains(v); err != nil || !got {
				t.Errorf("%s %q: Contains(%q) = %v, %v; want true", tt.purlType, tt.expr, v, got, err)
			}
		}
		for _, v := range strings.Fields(tt.out) {
			if got, err := r.Contains(v); err != nil || got {
				t.Errorf("%s %q: Contains(%q) = %v, %v; want false", tt.purlType, tt.expr, v, got, err)
			}
		}
	}
}

func TestRangeRefuses(t *testing.T) {
	tests := []struct{ purlType, expr, says string }{
		{"npm", "", "a part is empty"},
		{"npm", "<<3", `part "<<3"`},
		{"npm", ">=1.2,", "nothing follows the last comma"},
		{"npm", ">=1.2,<latest", `part "<latest"`},
		{"npm", ">=", `part ">="`},
		{"npm", "1.2 ||", "a part is empty"},
		{"npm", "^x", "* stands alone"},
		{"maven", "[1,2", "an interval is written"},
		{"maven", "(1.5)", "one version is written [1.5]"},
		{"maven", "[1,2) <3", "an interval is written"},
		{"maven", "[a b,2)", `part "[a b,2)"`},
		{"deb", "^1.2", "not used for versions of Debian"},
		{"deb", "1.x", "not used for versions of Debian"},
		{"pypi", "~=1!2.0", "epoch"},
		{"npm", strings.Repeat("1 ", 100), "more than 64 parts"},
		{"npm", strings.Repeat("1", 2000), "longer than"},
	}
	for _, tt := range tests {
		r, err := version.ParseRange(tt.purlType, tt.expr)
		if !errors.Is(err, version.ErrRange) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseRange(%s, %.30q) = %v, %v; want an error that says %q", tt.purlType, tt.expr, r, err, tt.says)
		}
	}
	r, err := version.ParseRange("composer", ">=1.0")
	if err != nil {
		t.Fatal(err)
	}
	if in, err := r.Contains("dev-main"); in || !errors.Is(err, version.ErrVersion) {
		t.Errorf("Contains(dev-main) = %v, %v; want ErrVersion", in, err)
	}
}

var purlTypes = []string{"npm", "golang", "cargo", "maven", "pypi", "nuget", "composer", "gem", "deb", "rpm", "apk", "alpm", "cran", "hackage", "pub", "generic"}

func FuzzRange(f *testing.F) {
	f.Add(uint8(0), ">=1.2 <3 || ^1.x", "1.2.3-beta.1", "1.2.4")
	f.Add(uint8(3), "[1,2),(,0.5]", "1.0-alpha-1", "1.0.Final")
	f.Add(uint8(4), "~=1.4.2,!=1.4.*", "1!1.0.post1+local.1", "1.0")
	f.Add(uint8(8), "<1:2~rc1-1", "1.0~rc1-1", "2:1")
	f.Fuzz(func(t *testing.T, kind uint8, expr, a, b string) {
		purlType := purlTypes[int(kind)%len(purlTypes)]
		x, err1 := version.Compare(purlType, a, b)
		y, err2 := version.Compare(purlType, b, a)
		if (err1 == nil) != (err2 == nil) || x != -y {
			t.Errorf("%s: %q and %q compare %d (%v) and %d (%v)", purlType, a, b, x, err1, y, err2)
		}
		if x, err := version.Compare(purlType, a, a); err == nil && x != 0 {
			t.Errorf("%s: %q differs from itself", purlType, a)
		}
		r, err := version.ParseRange(purlType, expr)
		if err != nil {
			return
		}
		if _, err := r.Contains(a); err != nil && !errors.Is(err, version.ErrVersion) {
			t.Errorf("error of no kind: %v", err)
		}
	})
}

func Example() {
	affected, err := version.ParseRange("maven", ">=2.0,<2.17.1")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range []string{"2.14.1", "2.17.1"} {
		in, err := affected.Contains(v)
		fmt.Println(v, in, err)
	}
	_, err = affected.Contains("${log4j.version}")
	fmt.Println(err)
	// Output:
	// 2.14.1 true <nil>
	// 2.17.1 false <nil>
	// not a version: "${log4j.version}" of Maven: write it like 1.2.3 or 1.2-RC1
}
