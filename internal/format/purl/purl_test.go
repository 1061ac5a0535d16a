package purl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/purl"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, canonical string
		want          purl.PURL
	}{
		{"pkg:npm/foobar@12.3.1", "pkg:npm/foobar@12.3.1", purl.PURL{Type: "npm", Name: "foobar", Version: "12.3.1"}},
		{"pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1", purl.PURL{Type: "npm", Namespace: "@angular", Name: "animation", Version: "12.3.1"}},
		{"pkg:npm/@angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1", purl.PURL{Type: "npm", Namespace: "@angular", Name: "animation", Version: "12.3.1"}},
		{"pkg:npm/@angular/animation", "pkg:npm/%40angular/animation", purl.PURL{Type: "npm", Namespace: "@angular", Name: "animation"}},
		{"pkg:npm/%40angular%2Fanimation@12.3.1", "pkg:npm/%40angular/animation@12.3.1", purl.PURL{Type: "npm", Namespace: "@angular", Name: "animation", Version: "12.3.1"}},
		{"pkg:npm/angular/animation@1", "pkg:npm/%40angular/animation@1", purl.PURL{Type: "npm", Namespace: "@angular", Name: "animation", Version: "1"}},
		{"pkg:npm/JSONStream@1.0.3", "pkg:npm/JSONStream@1.0.3", purl.PURL{Type: "npm", Name: "JSONStream", Version: "1.0.3"}},
		{"pkg:GOLANG/github.com/BurntSushi/toml@v1.6.0", "pkg:golang/github.com/BurntSushi/toml@v1.6.0", purl.PURL{Type: "golang", Namespace: "github.com/BurntSushi", Name: "toml", Version: "v1.6.0"}},
		{"pkg:golang/github.com%2FBurntSushi%2Ftoml", "pkg:golang/github.com/BurntSushi/toml", purl.PURL{Type: "golang", Namespace: "github.com/BurntSushi", Name: "toml"}},
		{"pkg:golang/github.com/docker/cli@v29.0.0%2Bincompatible", "pkg:golang/github.com/docker/cli@v29.0.0%2Bincompatible", purl.PURL{Type: "golang", Namespace: "github.com/docker", Name: "cli", Version: "v29.0.0+incompatible"}},
		{"pkg:golang/github.com/docker/cli@v29.0.0+incompatible", "pkg:golang/github.com/docker/cli@v29.0.0%2Bincompatible", purl.PURL{Type: "golang", Namespace: "github.com/docker", Name: "cli", Version: "v29.0.0+incompatible"}},
		{"pkg:golang/google.golang.org/genproto@abc#/googleapis//api/./annotations/", "pkg:golang/google.golang.org/genproto@abc#googleapis/api/annotations", purl.PURL{Type: "golang", Namespace: "google.golang.org", Name: "genproto", Version: "abc", Subpath: "googleapis/api/annotations"}},
		{"pkg:golang/a/b#../../etc/passwd", "pkg:golang/a/b#etc/passwd", purl.PURL{Type: "golang", Namespace: "a", Name: "b", Subpath: "etc/passwd"}},
		{"pkg:golang/stdlib@1.26.3", "pkg:golang/stdlib@1.26.3", purl.PURL{Type: "golang", Name: "stdlib", Version: "1.26.3"}},
		{"pkg:maven/com.zaxxer/HikariCP@5.1.0?type=jar", "pkg:maven/com.zaxxer/HikariCP@5.1.0", purl.PURL{Type: "maven", Namespace: "com.zaxxer", Name: "HikariCP", Version: "5.1.0"}},
		{"pkg:maven/com.zaxxer:HikariCP@5.1.0", "pkg:maven/com.zaxxer/HikariCP@5.1.0", purl.PURL{Type: "maven", Namespace: "com.zaxxer", Name: "HikariCP", Version: "5.1.0"}},
		{"pkg:PYPI/Django_package@1.11.1.DEV1", "pkg:pypi/django-package@1.11.1.dev1", purl.PURL{Type: "pypi", Name: "django-package", Version: "1.11.1.dev1"}},
		{"pkg:pypi/zope.interface@6.0", "pkg:pypi/zope-interface@6.0", purl.PURL{Type: "pypi", Name: "zope-interface", Version: "6.0"}},
		{"pkg:composer/Laravel/Laravel@5.5.0", "pkg:composer/laravel/laravel@5.5.0", purl.PURL{Type: "composer", Namespace: "laravel", Name: "laravel", Version: "5.5.0"}},
		{"pkg:Nuget/EnterpriseLibrary.Common@6.0.1304", "pkg:nuget/EnterpriseLibrary.Common@6.0.1304", purl.PURL{Type: "nuget", Name: "EnterpriseLibrary.Common", Version: "6.0.1304"}},
		{"pkg:deb/Debian/cURL@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl@7.50.3-1", purl.PURL{Type: "deb", Namespace: "debian", Name: "curl", Version: "7.50.3-1"}},
		{"pkg:deb/debian/attr@1:2.4.47-2%2Bb1", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1", purl.PURL{Type: "deb", Namespace: "debian", Name: "attr", Version: "1:2.4.47-2+b1"}},
		{"pkg:rpm/Fedora/Curl@7.50.3", "pkg:rpm/fedora/Curl@7.50.3", purl.PURL{Type: "rpm", Namespace: "fedora", Name: "Curl", Version: "7.50.3"}},
		{"pkg:github/Package-url/PURL-spec@244fd47e", "pkg:github/package-url/purl-spec@244fd47e", purl.PURL{Type: "github", Namespace: "package-url", Name: "purl-spec", Version: "244fd47e"}},
		{"pkg:huggingface/EleutherAI/gpt-neo-1.3B@797174552AE4", "pkg:huggingface/EleutherAI/gpt-neo-1.3B@797174552ae4", purl.PURL{Type: "huggingface", Namespace: "EleutherAI", Name: "gpt-neo-1.3B", Version: "797174552ae4"}},
		{"pkg:oci/Debian@sha256%3A244FD4", "pkg:oci/debian@sha256:244fd4", purl.PURL{Type: "oci", Name: "debian", Version: "sha256:244fd4"}},
		{"pkg:pub/Flutter-Things@1", "pkg:pub/flutter_things@1", purl.PURL{Type: "pub", Name: "flutter_things", Version: "1"}},
		{"pkg:cpan/drolsky/DateTime@1.55", "pkg:cpan/DROLSKY/DateTime@1.55", purl.PURL{Type: "cpan", Namespace: "DROLSKY", Name: "DateTime", Version: "1.55"}},
		{"pkg://cargo/serde@1.0.0", "pkg:cargo/serde@1.0.0", purl.PURL{Type: "cargo", Name: "serde", Version: "1.0.0"}},
		{"PKG:gem/rails@8.0.0", "pkg:gem/rails@8.0.0", purl.PURL{Type: "gem", Name: "rails", Version: "8.0.0"}},
		{"pkg:cargo/na%C3%AFve@1", "pkg:cargo/na%C3%AFve@1", purl.PURL{Type: "cargo", Name: "naïve", Version: "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := purl.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if got.String() != tt.canonical {
				t.Errorf("String() = %q, want %q", got.String(), tt.canonical)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", "pkg", "pkg:", "pkg:/", "pkg:npm", "pkg:npm/", "pkg:npm/@4.17.21", "pkg:npm/@scope/", "pkg:maven/@1.3.4",
		"EnterpriseLibrary.Common@6.0.1304", "pkg:EnterpriseLibrary.Common@6.0.1304", "pkg%3Amaven/org.apache.commons/io",
		"pkg:n&g?inx/nginx@0.8.9", "pkg:3nginx/nginx@0.8.9", "pkg:nginx:a/nginx@0.8.9",
		"pkg:npm/myartifact@1.0.0?in%20production=true", "pkg:npm/a@1?x=%zz", "pkg:npm/a%zz", "pkg:npm/a@%zz", "pkg:golang/%zz/b",
		"pkg:golang/a/b#%zz", "pkg:npm/a%00b", "pkg:npm/a%FF", "pkg:npm/a@1%0A2", "pkg:pypi/---", "pkg:cpan/LWP::UserAgent@6.7.6",
		"pkg:npm/" + strings.Repeat("a", purl.MaxLength),
	} {
		got, err := purl.Parse(in)
		if !errors.Is(err, purl.ErrInvalid) {
			t.Errorf("Parse(%.60q) = %+v, %v; want ErrInvalid", in, got, err)
		}
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		got            purl.PURL
		text, fullName string
	}{
		{purl.NPM("@types/node", "22.0.0"), "pkg:npm/%40types/node@22.0.0", "@types/node"},
		{purl.NPM("left-pad", ""), "pkg:npm/left-pad", "left-pad"},
		{purl.Golang("golang.org/x/mod", "v0.42.0"), "pkg:golang/golang.org/x/mod@v0.42.0", "golang.org/x/mod"},
		{purl.Golang("gopkg.in/yaml.v3", "v3.0.1"), "pkg:golang/gopkg.in/yaml.v3@v3.0.1", "gopkg.in/yaml.v3"},
		{purl.Golang("github.com/Azure/go-autorest/v14", "v14.2.0"), "pkg:golang/github.com/Azure/go-autorest/v14@v14.2.0", "github.com/Azure/go-autorest/v14"},
		{purl.New("Maven", "org.springframework", "spring-core", "6.0"), "pkg:maven/org.springframework/spring-core@6.0", "org.springframework:spring-core"},
		{purl.New("maven", "", "org.slf4j:slf4j-api", ""), "pkg:maven/org.slf4j/slf4j-api", "org.slf4j:slf4j-api"},
		{purl.New("composer", "", "Symfony/Console", "v7.0.0"), "pkg:composer/symfony/console@v7.0.0", "symfony/console"},
		{purl.New("deb", "debian", "libc6", "2.41-1"), "pkg:deb/debian/libc6@2.41-1", "libc6"},
		{purl.New("nuget", "", "Newtonsoft.Json", "13.0.3"), "pkg:nuget/Newtonsoft.Json@13.0.3", "Newtonsoft.Json"},
		{purl.PURL{}, "", ""},
	}
	for _, tt := range tests {
		if tt.got.String() != tt.text || tt.got.FullName() != tt.fullName {
			t.Errorf("%+v: String %q, FullName %q; want %q, %q", tt.got, tt.got.String(), tt.got.FullName(), tt.text, tt.fullName)
		}
	}
}

func TestPackageDropsVersionAndSubpath(t *testing.T) {
	p, err := purl.Parse("pkg:golang/golang.org/x/mod@v0.42.0#semver")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(purl.Golang("golang.org/x/mod", ""), p.Package()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"pkg:npm/%40angular/animation@12.3.1", "pkg:npm/@a/b@1", "pkg:golang/a/b/c@v1#x/../y", "pkg:maven/g:a:b@1",
		"pkg:pypi/A._-b@1?x=y#z", "pkg:oci/x@sha256%3Aab", "pkg:cpan/a/b", "pkg:npm/%2F%2Fa", "pkg:generic/%2F@%40",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := purl.Parse(s)
		if err != nil {
			if !errors.Is(err, purl.ErrInvalid) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		again, err := purl.Parse(p.String())
		if len(p.String()) > purl.MaxLength {
			return
		}
		if err != nil || again != p {
			t.Fatalf("%q → %+v → %q → %+v, %v", s, p, p.String(), again, err)
		}
	})
}

func Example() {
	p, err := purl.Parse("pkg:npm/@angular/core@19.0.0?arch=any")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	fmt.Println(p.Package())
	fmt.Println(p.FullName())
	// Output:
	// pkg:npm/%40angular/core@19.0.0
	// pkg:npm/%40angular/core
	// @angular/core
}
