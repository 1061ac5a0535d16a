// Package version orders versions as their ecosystems do, and reads ranges of
// versions as people write them.
//
// The order comes from github.com/google/osv-scalibr/semantic. That library
// answers for any text; this package first refuses what is no version of the
// ecosystem ("latest", "${project.version}", "dev-main"), so that no answer is
// silently wrong. By purl type:
//
//	npm golang cargo hex swift julia conan bitnami github githubactions   Semantic Versioning 2.0.0, up to three numbers, a leading v is dropped
//	pub        the same, build numbers count
//	maven      Maven's ComparableVersion
//	pypi       PEP 440
//	nuget      SemVer with up to four numbers
//	composer   PHP's version_compare over four numbers, as Composer pads them
//	gem        Gem::Version
//	deb        Debian policy; rpm and alpm: rpmvercmp; apk: Alpine; cran; hackage
//	others     as nuget
package version

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/osv-scalibr/semantic"
)

// MaxLength is the longest version that is compared, in bytes.
const MaxLength = 256

// Errors that Compare, ParseRange and Contains wrap.
var (
	ErrVersion = errors.New("not a version")
	ErrRange   = errors.New("not a version range")
)

// ecosystem is how the versions of a purl type are read.
type ecosystem struct {
	name   string // of the semantic package
	valid  *regexp.Regexp
	clean  func(string) string
	looks  string // what a version looks like, for errors
	ranges bool   // whether ^, ~ and x make sense
}

var (
	semverText   = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	nugetText    = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,3}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	mavenText    = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z._+-]*[0-9A-Za-z])?$`)
	pypiText     = regexp.MustCompile(`^([0-9]+!)?[0-9]+(\.[0-9]+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?([-_.]?dev[-_.]?[0-9]*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?$`)
	composerText = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,3}([._-]?(dev|alpha|beta|rc|patch|stable|pl|a|b|p)([.-]?[0-9]+)*)?([.-]?dev)?(\+[0-9a-z.-]+)?$`)
	gemText      = regexp.MustCompile(`^[0-9]+(\.[0-9A-Za-z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	gemPlatform  = regexp.MustCompile(`-(java|jruby|ruby|mswin[0-9]*|mingw[0-9]*|(x86|x64|x86_64|aarch64|arm|arm64|universal)[-_][0-9A-Za-z_.-]+)$`)
	debText      = regexp.MustCompile(`^([0-9]+:)?[0-9][0-9A-Za-z.+~:-]*$`)
	rpmText      = regexp.MustCompile(`^([0-9]+:)?[0-9A-Za-z][0-9A-Za-z._+~^-]*$`)
	apkText      = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?(-r[0-9]+)?$`)
	dottedText   = regexp.MustCompile(`^[0-9]+([.-][0-9]+)*$`)
	digit        = regexp.MustCompile(`[0-9]`)
)

// ecosystemOf never fails: types without an entry are read as nuget's.
func ecosystemOf(purlType string) ecosystem {
	switch strings.ToLower(purlType) {
	case "npm":
		return ecosystem{"npm", semverText, dropV, "1.2.3 or 1.2.3-beta.1", true}
	case "golang":
		return ecosystem{"Go", semverText, dropV, "v1.2.3", true}
	case "cargo":
		return ecosystem{"crates.io", semverText, dropV, "1.2.3", true}
	case "hex", "swift", "julia", "conan", "bitnami", "github", "githubactions":
		return ecosystem{"npm", semverText, dropV, "1.2.3 or 1.2.3-beta.1", true}
	case "pub":
		return ecosystem{"Pub", semverText, dropV, "1.2.3", true}
	case "maven":
		return ecosystem{"Maven", mavenText, same, "1.2.3 or 1.2-RC1", true}
	case "pypi":
		return ecosystem{"PyPI", pypiText, pypiClean, "1.2.3, 1.2rc1 or 1!2.0.post1", true}
	case "composer":
		return ecosystem{"Packagist", composerText, composerClean, "1.2.3 or 1.2.3-beta1, not a branch", true}
	case "gem":
		return ecosystem{"RubyGems", gemText, gemClean, "1.2.3 or 1.2.3.beta1", true}
	case "deb":
		return ecosystem{"Debian", debText, same, "1:2.3-4", false}
	case "rpm", "alpm":
		return ecosystem{"Red Hat", rpmText, same, "1:2.3-4", false}
	case "apk":
		return ecosystem{"Alpine", apkText, same, "1.2.3-r4", false}
	case "cran":
		return ecosystem{"CRAN", dottedText, same, "1.2-3", true}
	case "hackage":
		return ecosystem{"Hackage", dottedText, same, "1.2.3", true}
	default:
		return ecosystem{"NuGet", nugetText, dropV, "1.2.3.4 or 1.2.3-beta", true}
	}
}

// Compare returns -1, 0 or 1 as a is lower than, equal to or higher than b in
// the order of the purl type. A text that is no version there is an ErrVersion.
func Compare(purlType, a, b string) (int, error) {
	e := ecosystemOf(purlType)
	x, err := e.parse(a)
	if err != nil {
		return 0, err
	}
	y, err := e.parse(b)
	if err != nil {
		return 0, err
	}
	return compare(x, y)
}

func compare(x, y semantic.Version) (int, error) {
	c, err := x.Compare(y)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrVersion, err)
	}
	return min(1, max(-1, c)), nil
}

// check returns the text as the order reads it.
func (e ecosystem) check(v string) (string, error) {
	if len(v) > MaxLength {
		return "", fmt.Errorf("%w: longer than %d bytes", ErrVersion, MaxLength)
	}
	clean := e.clean(strings.TrimSpace(v))
	if !e.valid.MatchString(clean) || !digit.MatchString(clean) {
		return "", fmt.Errorf("%w: %q of %s: write it like %s", ErrVersion, v, e.name, e.looks)
	}
	return clean, nil
}

func (e ecosystem) parse(v string) (semantic.Version, error) {
	clean, err := e.check(v)
	if err != nil {
		return nil, err
	}
	if e.name == "Packagist" {
		clean = composerPad(clean)
	}
	parsed, err := semantic.Parse(clean, e.name)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrVersion, v, err)
	}
	return parsed, nil
}

func same(v string) string { return v }

// dropV takes away the v of v1.2.3.
func dropV(v string) string {
	if len(v) > 1 && (v[0] == 'v' || v[0] == 'V') && v[1] >= '0' && v[1] <= '9' {
		return v[1:]
	}
	return v
}

func pypiClean(v string) string { return strings.ToLower(dropV(v)) }

func composerClean(v string) string { return strings.ToLower(dropV(v)) }

// composerPad writes four numbers, as Composer's VersionParser does, because
// version_compare takes 1.0 for less than 1.0.0. Build metadata falls away.
func composerPad(v string) string {
	v, _, _ = strings.Cut(v, "+")
	v = strings.TrimSuffix(v, "-stable")
	n := numberPart(v)
	return n + strings.Repeat(".0", 3-strings.Count(n, ".")) + v[len(n):]
}

// gemClean drops the platform and writes - as Gem::Version reads it.
func gemClean(v string) string {
	return strings.ReplaceAll(gemPlatform.ReplaceAllString(dropV(v), ""), "-", ".pre.")
}

// numberPart is the leading dotted number of a version.
func numberPart(v string) string {
	end := 0
	for i := 0; i < len(v); i++ {
		if v[i] >= '0' && v[i] <= '9' {
			end = i + 1
		} else if v[i] != '.' || i != end || i == 0 {
			break
		}
	}
	return v[:end]
}

// numbers are the components of numberPart, without leading zeros.
func numbers(v string) []string {
	parts := strings.Split(numberPart(v), ".")
	for i, p := range parts {
		parts[i] = strings.TrimLeft(p, "0")
	}
	return parts
}

// compareNumbers compares by components; missing ones are zero.
func compareNumbers(a, b []string) int {
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if len(x) != len(y) {
			if len(x) < len(y) {
				return -1
			}
			return 1
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}
