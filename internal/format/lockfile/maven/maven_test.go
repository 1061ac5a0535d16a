package maven

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

func readMap(t *testing.T, files map[string]string) ([]lockfile.Manifest, []lockfile.Failure) {
	t.Helper()
	tree := map[string][]byte{}
	for name, text := range files {
		tree[name] = []byte(text)
	}
	return Reader().Read(lockfile.NewTree(tree))
}

// only returns the manifest at path and fails on any Failure.
func only(t *testing.T, files map[string]string, path string) lockfile.Manifest {
	t.Helper()
	manifests, failures := readMap(t, files)
	for _, f := range failures {
		t.Errorf("failure: %v", f)
	}
	for _, m := range manifests {
		if m.Path == path {
			return m
		}
	}
	t.Fatalf("no manifest %s", path)
	return lockfile.Manifest{}
}

// words writes uses as "group:artifact@version|requirement|scope|line".
func words(uses []lockfile.Use) []string {
	var out []string
	for _, u := range uses {
		parts := []string{u.Package.FullName() + "@" + u.Package.Version, u.Requirement, string(u.Scope)}
		out = append(out, strings.Join(parts, "|"))
	}
	return out
}

// A parent with many dependencies is cut over all poms that inherit them; those that lack some say
// so, and what a pom itself names always stays.
func TestInheritedByMany(t *testing.T) {
	var many strings.Builder
	for i := range 50_000 {
		many.WriteString(dep("o", "d"+strconv.Itoa(i), "1", ""))
	}
	files := map[string]string{"pom.xml": project("<dependencies>" + many.String() + "</dependencies>")}
	for i := range 25 {
		files["m"+strconv.Itoa(10+i)+"/pom.xml"] = "<project><parent><groupId>org.acme</groupId><artifactId>app</artifactId><version>1.0</version></parent><artifactId>m" +
			strconv.Itoa(i) + "</artifactId><dependencies>" + dep("own", "one", "1", "") + "</dependencies></project>"
	}
	manifests, failures := readMap(t, files)
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	got := map[int]int{} // uses → manifests
	said := 0
	for _, m := range manifests {
		got[len(m.Uses)]++
		if strings.Contains(m.Unresolved, "inherit more than") {
			said++
		}
	}
	if diff := cmp.Diff(map[int]int{50_000: 1, 50_001: 8, 1: 17}, got); diff != "" || said != 17 {
		t.Errorf("%d manifests say that they were cut, want 17; manifests by their uses (-want +got):\n%s", said, diff)
	}
}

func project(body string) string {
	return "<project>\n<groupId>org.acme</groupId><artifactId>app</artifactId><version>1.0</version>\n" + body + "\n</project>"
}

func dep(group, artifact, version, more string) string {
	if version != "" {
		version = "<version>" + version + "</version>"
	}
	return "<dependency><groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId>" + version + more + "</dependency>\n"
}

func TestPetclinic(t *testing.T) {
	b, err := os.ReadFile("../../../../../shared/data/locks/spring-petclinic/pom.xml")
	if err != nil {
		t.Fatalf("the shared data is needed: %v", err)
	}
	m := only(t, map[string]string{"pom.xml": string(b)}, "pom.xml")
	scopes := map[lockfile.Scope]int{}
	versions := map[string]string{}
	for _, u := range m.Uses {
		scopes[u.Scope]++
		versions[u.Package.FullName()] = u.Package.Version
		if !u.Direct || u.Line == 0 {
			t.Errorf("%s: direct %v, line %d", u.Package, u.Direct, u.Line)
		}
	}
	// 25 dependencies in the file: 24 of its own of which 8 are tests and one is
	// optional, and two of a plugin; eleven plugins with those of profiles.
	want := map[lockfile.Scope]int{lockfile.Production: 15, lockfile.Optional: 1, lockfile.Test: 8, lockfile.Development: 12}
	if diff := cmp.Diff(want, scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	for name, version := range map[string]string{
		"org.webjars.npm:bootstrap":                        "5.3.8",
		"com.h2database:h2":                                "",
		"com.puppycrawl.tools:checkstyle":                  "12.3.1",
		"org.jacoco:jacoco-maven-plugin":                   "0.8.14",
		"com.gitlab.haynes:libsass-maven-plugin":           "0.3.4",
		"org.apache.maven.plugins:maven-checkstyle-plugin": "3.6.0",
	} {
		if got, ok := versions[name]; !ok || got != version {
			t.Errorf("%s: version %q (listed: %v), want %q", name, got, ok, version)
		}
	}
	if want := purl.New("maven", "org.springframework.samples", "spring-petclinic", "4.0.0-SNAPSHOT"); m.Project != want {
		t.Errorf("project %v, want %v", m.Project, want)
	}
	if want := "Apache License, Version 2.0"; m.ProjectLicence != want {
		t.Errorf("licence %q, want %q", m.ProjectLicence, want)
	}
	want2 := "versions of 21 dependencies and 6 plugins come from org.springframework.boot:spring-boot-starter-parent:4.0.3, which is not in this tree; transitive dependencies are unknown: Maven writes no lock file"
	if m.Unresolved != want2 {
		t.Errorf("unresolved\n%q, want\n%q", m.Unresolved, want2)
	}
}

func TestUses(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{
			"scopes", "<dependencies>" +
				dep("g", "plain", "1", "") + dep("g", "run", "1", "<scope>runtime</scope>") +
				dep("g", "container", "1", "<scope>provided</scope>") + dep("g", "check", "1", "<scope>test</scope>") +
				dep("g", "maybe", "1", "<optional>true</optional>") + dep("g", "checkmaybe", "1", "<scope>test</scope><optional>true</optional>") +
				"</dependencies>",
			[]string{"g:plain@1||production", "g:run@1||production", "g:container@1||production", "g:check@1||test", "g:maybe@1||optional", "g:checkmaybe@1||test"},
		},
		{
			"versions", "<properties><v> 1.2 </v><w>${v}-jre</w></properties><dependencies>" +
				dep("g", "a", "${w}", "") + dep("g", "b", "[1,2)", "") + dep("g", "c", "[1.5]", "") + dep("g", "d", "${no.such}", "") +
				dep("g", "e", "LATEST", "") + dep("g", "f", "(,1.0],[1.2,)", "") + dep("g", "h", "${project.version}", "") + dep("g", "i", "", "") + "</dependencies>",
			[]string{
				"g:a@1.2-jre||production", "g:b@|[1,2)|production", "g:c@1.5|[1.5]|production", "g:d@|${no.such}|production",
				"g:e@|LATEST|production", "g:f@|(,1.0],[1.2,)|production", "g:h@1.0||production", "g:i@||production",
			},
		},
		{
			"letter case and classifiers", "<dependencies>" + dep("com.zaxxer", "HikariCP", "5.1.0", "") +
				dep("io.netty", "netty", "4", "<classifier>linux</classifier>") + dep("io.netty", "netty", "4", "<type>test-jar</type><scope>test</scope>") + "</dependencies>",
			[]string{"com.zaxxer:HikariCP@5.1.0||production", "io.netty:netty@4||production"},
		},
		{
			"management", "<dependencyManagement><dependencies>" + dep("g", "a", "2", "<scope>test</scope>") + dep("g", "unused", "2", "") + dep("g", "jarred", "3", "<type>zip</type>") +
				"</dependencies></dependencyManagement><dependencies>" + dep("g", "a", "", "") + dep("g", "jarred", "", "") + "</dependencies>",
			[]string{"g:a@2||test", "g:jarred@||production"},
		},
		{
			"plugins", "<build><pluginManagement><plugins><plugin><artifactId>maven-x-plugin</artifactId><version>3</version><dependencies>" + dep("g", "helper", "7", "") +
				"</dependencies></plugin></plugins></pluginManagement><plugins><plugin><artifactId>maven-x-plugin</artifactId><configuration><version>9</version></configuration></plugin></plugins>" +
				"<extensions><extension><groupId>k</groupId><artifactId>wagon</artifactId><version>1</version></extension></extensions></build>",
			[]string{"org.apache.maven.plugins:maven-x-plugin@3||development", "g:helper@7||development", "k:wagon@1||development"},
		},
		{
			"profiles", "<profiles><profile><id>p</id><activation><jdk>17</jdk></activation><properties><pv>4</pv></properties><dependencies>" + dep("g", "cond", "${pv}", "") +
				dep("g", "condtest", "1", "<scope>test</scope>") + "</dependencies></profile><profile><activation><activeByDefault>true</activeByDefault></activation><properties><dv>5</dv></properties></profile></profiles>" +
				"<dependencies>" + dep("g", "a", "${dv}", "") + dep("g", "b", "${pv}", "") + "</dependencies>",
			[]string{"g:a@5||production", "g:b@|${pv}|production", "g:cond@4||optional", "g:condtest@1||test"},
		},
		{
			"a property that must be unset hides the default", "<profiles><profile><activation><property><name>!skip</name></property></activation><dependencies>" + dep("g", "on", "1", "") +
				"</dependencies></profile><profile><activation><activeByDefault>true</activeByDefault></activation><dependencies>" + dep("g", "off", "1", "") + "</dependencies></profile></profiles>",
			[]string{"g:on@1||production", "g:off@1||optional"},
		},
		{"unnamed", "<dependencies>" + dep("", "a", "1", "") + dep("${no}", "b", "1", "") + "<dependency/></dependencies>", nil},
		{
			"itself", "<dependencies>" + dep("org.acme", "app", "1.0", "<type>test-jar</type>") + dep("org.acme", "app", "0.9", "") + "</dependencies>",
			[]string{"org.acme:app@0.9||production"},
		},
		{"circles", "<properties><a>${b}</a><b>${a}</b></properties><dependencies>" + dep("g", "a", "${a}", "") + "</dependencies>", []string{"g:a@|${a}|production"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := only(t, map[string]string{"pom.xml": project(tc.body)}, "pom.xml")
			if diff := cmp.Diff(tc.want, words(m.Uses)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReactor(t *testing.T) {
	files := map[string]string{
		"pom.xml": `<project><groupId>org.acme</groupId><artifactId>parent</artifactId><version>${revision}</version><packaging>pom</packaging>
			<properties><revision>2.0</revision><jackson>2.18.0</jackson></properties><modules><module>a</module><module>b</module></modules>
			<licenses><license><name>MIT</name></license></licenses>
			<dependencyManagement><dependencies>` +
			dep("${project.groupId}", "a", "${project.version}", "") + dep("com.fasterxml", "jackson", "${jackson}", "") +
			dep("org.acme", "bom", "2.0", "<type>pom</type><scope>import</scope>") + dep("org.far", "far-bom", "9", "<type>pom</type><scope>import</scope>") +
			`</dependencies></dependencyManagement><dependencies>` + dep("org.slf4j", "slf4j-api", "2.0.9", "") + `</dependencies></project>`,
		"a/pom.xml": `<project><parent><groupId>org.acme</groupId><artifactId>parent</artifactId><version>${revision}</version></parent><artifactId>a</artifactId>
			<properties><jackson>2.17.1</jackson></properties><dependencies>` + dep("com.fasterxml", "jackson", "", "") + `</dependencies></project>`,
		"b/pom.xml": `<project><parent><groupId>org.acme</groupId><artifactId>parent</artifactId><version>2.0</version><relativePath/></parent><artifactId>b</artifactId>
			<dependencies>` + dep("${project.groupId}", "a", "", "") + dep("com.fasterxml", "jackson", "", "") + dep("g", "bommed", "", "") + dep("g", "nowhere", "", "") +
			dep("org.slf4j", "slf4j-api", "2.0.1", "<scope>test</scope>") + `</dependencies></project>`,
		"bom/pom.xml": `<project><groupId>org.acme</groupId><artifactId>bom</artifactId><version>2.0</version><packaging>pom</packaging><properties><bv>5</bv></properties>
			<dependencyManagement><dependencies>` + dep("g", "bommed", "${bv}", "") + dep("com.fasterxml", "jackson", "1", "") + `</dependencies></dependencyManagement></project>`,
	}
	manifests, failures := readMap(t, files)
	if len(failures) > 0 {
		t.Fatalf("failures: %v", failures)
	}
	got := map[string][]string{}
	for _, m := range manifests {
		got[m.Path] = words(m.Uses)
	}
	want := map[string][]string{
		"pom.xml":     {"org.slf4j:slf4j-api@2.0.9||production"},
		"a/pom.xml":   {"com.fasterxml:jackson@2.17.1||production", "org.slf4j:slf4j-api@2.0.9||production"},
		"b/pom.xml":   {"com.fasterxml:jackson@2.18.0||production", "g:bommed@5||production", "g:nowhere@||production", "org.slf4j:slf4j-api@2.0.1||test"},
		"bom/pom.xml": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := manifests[1]
	if b.Path != "b/pom.xml" || b.Project != purl.New("maven", "org.acme", "b", "2.0") || b.ProjectLicence != "MIT" {
		t.Errorf("%s: project %v, licence %q", b.Path, b.Project, b.ProjectLicence)
	}
	if want := "versions of 1 dependency come from org.far:far-bom:9, which is not in this tree; transitive dependencies are unknown: Maven writes no lock file"; b.Unresolved != want {
		t.Errorf("unresolved %q, want %q", b.Unresolved, want)
	}
	if diff := cmp.Diff([]lockfile.Note{{Line: 2, Reason: "1 module of this tree, not a dependency"}}, b.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestLinesAndNames(t *testing.T) {
	m := only(t, map[string]string{
		"core/pom.xml":    "<project>\n<parent>\n<groupId>g</groupId><artifactId>p</artifactId><version>1</version>\n<relativePath>../pom-parent.xml</relativePath></parent>\n<artifactId>core</artifactId>\n<dependencies>\n" + dep("g", "a", "1", "") + "</dependencies></project>",
		"pom-parent.xml":  "<project><groupId>g</groupId><artifactId>p</artifactId><version>1</version><dependencies>" + dep("g", "up", "1", "") + "</dependencies></project>",
		"other/pom.xml":   project(""),
		"unrelated-x.xml": "not read",
	}, "core/pom.xml")
	var lines []int
	for _, u := range m.Uses {
		lines = append(lines, u.Line)
	}
	if diff := cmp.Diff([]int{7, 2}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestEncodings(t *testing.T) {
	for name, text := range map[string]string{
		"latin-1":        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + project("<name>Andr\xe9</name><dependencies>"+dep("g", "a", "1", "")+"</dependencies>"),
		"byte order":     "\xEF\xBB\xBF" + project("<dependencies>"+dep("g", "a", "1", "")+"</dependencies>"),
		"windows lines":  strings.ReplaceAll(project("<dependencies>"+dep("g", "a", "1", "")+"</dependencies>"), "\n", "\r\n"),
		"html entity":    project("<name>Andr&eacute;</name><dependencies>" + dep("g", "a", "1", "") + "</dependencies>"),
		"namespace":      strings.Replace(project("<dependencies>"+dep("g", "a", "1", "")+"</dependencies>"), "<project>", `<project xmlns="http://maven.apache.org/POM/4.0.0">`, 1),
		"duplicate keys": project("<dependencies>" + dep("g", "a", "0", "<version>1</version>") + "</dependencies>"),
	} {
		m := only(t, map[string]string{"pom.xml": text}, "pom.xml")
		if diff := cmp.Diff([]string{"g:a@1||production"}, words(m.Uses)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		kind       error
		line       int
	}{
		{"empty", "", lockfile.ErrSyntax, 1},
		{"truncated", "<project>\n<dependencies>", lockfile.ErrSyntax, 2},
		{"other root", "\n<settings/>", lockfile.ErrSyntax, 2},
		{"crossed", "<project>\n<a><b></a></b></project>", lockfile.ErrSyntax, 2},
		{"not UTF-8", "<project>\n\xff</project>", lockfile.ErrSyntax, 2},
		{"merge", "<project>\n<<<<<<< HEAD\n</project>", lockfile.ErrSyntax, 2},
		{"document type", "<!DOCTYPE p [<!ENTITY a \"aa\">]>\n<project>&a;</project>", lockfile.ErrSyntax, 1},
		{"unknown entity", "<project>\n<name>&a;</name></project>", lockfile.ErrSyntax, 2},
		{"deep", "<project>" + strings.Repeat("<a>", 10_000), lockfile.ErrTooDeep, 1},
		{"deep text", "<project><version>" + strings.Repeat("<a>", 10_000), lockfile.ErrTooDeep, 1},
		{"large", strings.Repeat(" ", lockfile.MaxBytes+1), lockfile.ErrTooLarge, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			manifests, failures := readMap(t, map[string]string{"bad/pom.xml": tc.text, "good/pom.xml": project("")})
			if len(manifests) != 1 || manifests[0].Path != "good/pom.xml" {
				t.Errorf("the good pom was not read alone: %v", manifests)
			}
			if len(failures) != 1 || failures[0].Path != "bad/pom.xml" || !errors.Is(failures[0].Err, tc.kind) || failures[0].Line != tc.line {
				t.Errorf("failures %v, want %v at line %d", failures, tc.kind, tc.line)
			}
		})
	}
}

// Properties that double one another and parents in a ring end at once.
func TestBounds(t *testing.T) {
	var props strings.Builder
	for c := 'a'; c < 'z'; c++ {
		props.WriteString("<" + string(c) + ">${" + string(c+1) + "}${" + string(c+1) + "}</" + string(c) + ">")
	}
	m := only(t, map[string]string{"pom.xml": project("<properties>" + props.String() + "<z>1</z></properties><dependencies>" + dep("g", "a", "${a}", "") + "</dependencies>")}, "pom.xml")
	if diff := cmp.Diff([]string{"g:a@|${a}|production"}, words(m.Uses)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	ring := func(self, parent string) string {
		return "<project><groupId>g</groupId><artifactId>" + self + "</artifactId><version>${no}</version><parent><groupId>g</groupId><artifactId>" + parent +
			"</artifactId><version>1</version></parent><dependencies>" + dep("g", "x", "${no}", "") + "</dependencies></project>"
	}
	m = only(t, map[string]string{"a/pom.xml": ring("a", "b"), "b/pom.xml": ring("b", "a")}, "a/pom.xml")
	if len(m.Uses) != 1 || len(m.Notes) != 1 || !strings.Contains(m.Notes[0].Reason, "parents never end") {
		t.Errorf("ring: uses %v, notes %v", words(m.Uses), m.Notes)
	}
}

func TestExtensions(t *testing.T) {
	m := only(t, map[string]string{".mvn/extensions.xml": "<extensions>\n<extension><groupId>k</groupId><artifactId>e</artifactId><version>1</version></extension></extensions>"}, ".mvn/extensions.xml")
	want := []lockfile.Use{{Package: purl.New("maven", "k", "e", "1"), Scope: lockfile.Development, Direct: true, Line: 2}}
	if diff := cmp.Diff(want, m.Uses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(project("<dependencies>"+dep("g", "a", "${v}", "")+"</dependencies>")), []byte(project("<parent><artifactId>app</artifactId></parent>")))
	f.Add([]byte("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><project><!-- x --><![CDATA[y]]></project>"), []byte("<project><profiles><profile><build><plugins><plugin/></plugins></build></profile></profiles></project>"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		manifests, _ := Reader().Read(lockfile.NewTree(map[string][]byte{"pom.xml": a, "sub/pom.xml": b}))
		for _, m := range manifests {
			for _, u := range m.Uses {
				if u.Package.Name == "" || u.Package.Namespace == "" || u.Line == 0 {
					t.Errorf("use without a name or a line: %+v", u)
				}
			}
		}
	})
}
