package gradle

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

func readMap(files map[string]string) ([]lockfile.Manifest, []lockfile.Failure) {
	tree := map[string][]byte{}
	for name, text := range files {
		tree[name] = []byte(text)
	}
	return Reader().Read(lockfile.NewTree(tree))
}

func only(t *testing.T, files map[string]string, path string) lockfile.Manifest {
	t.Helper()
	manifests, failures := readMap(files)
	for _, f := range failures {
		t.Errorf("failure: %v", f)
	}
	for _, m := range manifests {
		if m.Path == path {
			return m
		}
	}
	t.Fatalf("no manifest %s among %d", path, len(manifests))
	return lockfile.Manifest{}
}

// words writes uses as "line group:name@version|requirement|scope".
func words(uses []lockfile.Use) []string {
	var out []string
	for _, u := range uses {
		out = append(out, u.Package.FullName()+"@"+u.Package.Version+"|"+u.Requirement+"|"+string(u.Scope))
	}
	return out
}

func TestSharedData(t *testing.T) {
	tree, err := lockfile.OpenTree(os.DirFS("../../../../../shared/data/locks"), wants)
	if err != nil {
		t.Fatalf("the shared data is needed: %v", err)
	}
	manifests, failures := Reader().Read(tree)
	if len(failures) > 0 {
		t.Fatalf("failures: %v", failures)
	}
	type row struct {
		Path                          string
		Uses, Versioned, Direct       int
		Production, Test, Development int
		Project, Unresolved, Format   string
		Lock                          bool
	}
	var got []row
	for _, m := range manifests {
		r := row{Path: m.Path, Uses: len(m.Uses), Project: m.Project.String(), Unresolved: m.Unresolved, Format: m.Format, Lock: m.Lock}
		for _, u := range m.Uses {
			if u.Package.Version != "" {
				r.Versioned++
			}
			if u.Direct {
				r.Direct++
			}
			switch u.Scope {
			case lockfile.Production:
				r.Production++
			case lockfile.Test:
				r.Test++
			case lockfile.Development:
				r.Development++
			}
		}
		got = append(got, r)
	}
	want := []row{
		{
			Path: "gradle-vuln/build.gradle", Format: "build.gradle", Uses: 3, Versioned: 2, Direct: 3, Production: 1, Development: 2, Project: "pkg:maven/com.datadoghq.workshops/gradle-vuln@0.0.1-SNAPSHOT",
			Unresolved: "versions of 1 dependency come from org.springframework.boot:spring-boot-dependencies:3.2.5, which is not in this tree; these packages are declared here and the lock file beside has none of them, so what they need is unknown",
		},
		{Path: "gradle-vuln/gradle.lockfile", Format: "gradle.lockfile", Lock: true, Uses: 68, Versioned: 68, Direct: 5, Production: 37, Test: 31, Project: "pkg:maven/com.datadoghq.workshops/gradle-vuln@0.0.1-SNAPSHOT"},
		{
			Path: "spring-petclinic/build.gradle", Format: "build.gradle", Uses: 31, Versioned: 11, Direct: 31, Production: 15, Test: 7, Development: 9, Project: "pkg:maven/org.springframework.samples/spring-petclinic@4.0.0-SNAPSHOT",
			Unresolved: "versions of 20 dependencies come from org.springframework.boot:spring-boot-dependencies:4.0.3, which is not in this tree; transitive dependencies are unknown: there is no gradle.lockfile beside the script",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScripts(t *testing.T) {
	for _, tc := range []struct {
		name, path, script string
		want               []string
	}{
		{"notations", "build.gradle", `
dependencies {
    // implementation 'commented:out:1'
    /* implementation 'commented:out:2' */
    implementation 'g:a:1', "g:b:2"
    implementation group: 'g', name: 'c', version: '3'
    implementation(group: 'g', name: 'd')
    implementation([[group: 'g', name: 'e', version: '5'], [group: 'g', name: 'f', version: '6']])
    implementation ('g:h:8') { exclude group: 'x', module: 'y' }
    implementation 'g:i:9:linux@zip'
    implementation('g:j') { version { strictly '[1,2)'; prefer '1.5' } }
    implementation 'g:k:1.+', 'g:l:latest.release', 'g:m:2!!', 'g:n:]1,2['
    api platform('g:bom:1'); api enforcedPlatform("g:bom2:1")
    add('implementation', 'g:o:1')
    implementation dependencies.create('g:p:1')
    implementation \
        'g:q:1'
    if (project.hasProperty('x')) { implementation 'g:r:1' } else implementation('g:s:1')
    implementation files('libs/x.jar'), fileTree(dir: 'libs'), gradleApi(), project(':core'), projects.util
    implementation 'com.zaxxer:HikariCP:5'
    constraints { implementation 'g:constrained:1'; implementation('g:d:4') { because 'x' } }
}`, []string{
			"g:a@1||production", "g:b@2||production", "g:c@3||production", "g:d@4||production", "g:e@5||production", "g:f@6||production",
			"g:h@8||production", "g:i@9||production", "g:j@|[1,2)|production", "g:k@|1.+|production", "g:l@|latest.release|production", "g:m@2|2!!|production",
			"g:n@|]1,2[|production", "g:bom@1||production", "g:bom2@1||production", "g:o@1||production", "g:p@1||production", "g:q@1||production",
			"g:r@1||production", "g:s@1||production", "com.zaxxer:HikariCP@5||production",
		}},
		{"kotlin", "build.gradle.kts", `
val ktor = "3.0"
val tool by extra("4.0")
extra["other"] = "5.0"
plugins {
    kotlin("jvm") version "2.0.0"
    id("com.acme.tool") version "1.1" apply false
    ` + "`java-library`" + `
    id("org.gradle.thing")
}
dependencies {
    implementation("g:a:$ktor")
    implementation("g", "b", "2")
    implementation(group = "g", name = "c", version = tool)
    implementation("g:d:${property("other")}") { isTransitive = false }
    "integrationTestImplementation"("g:e:1")
    implementation(kotlin("reflect"))
    testImplementation(kotlin("test", "1.9"))
    implementation(platform("g:bom:1"))
    kapt("g:proc:1"); ksp("g:proc2:1"); annotationProcessor("g:proc3:1"); kaptTest("g:proc4:1")
    debugImplementation("g:leak:1")
    implementation(project(path = ":x"))
    implementation(fileTree("libs"))
    /* outer /* nested */ implementation("g:no:1") */
    implementation("g:raw:1" + "") ; implementation("""g:raw3:1""")
}
`, []string{
			"org.jetbrains.kotlin.jvm:org.jetbrains.kotlin.jvm.gradle.plugin@2.0.0||development", "com.acme.tool:com.acme.tool.gradle.plugin@1.1||development",
			"g:a@3.0||production", "g:b@2||production", "g:c@4.0||production", "g:d@5.0||production", "g:e@1||test", "org.jetbrains.kotlin:kotlin-reflect@2.0.0||production",
			"org.jetbrains.kotlin:kotlin-test@1.9||test", "g:bom@1||production", "g:proc@1||development", "g:proc2@1||development", "g:proc3@1||development", "g:proc4@1||test",
			"g:leak@1||development", "g:raw@1||production", "g:raw3@1||production",
		}},
		{"variables", "build.gradle", `
ext.one = '1'
ext { two = "2"; set('three', '3'); versions = [four: '4', 'five-x': '5', deep: [six: '6']] }
def seven = "7." + "0"
final String eight = '8'
ext['nine'] = '9'
def v = rootProject.ext.versions
def libs = [ten: "g:ten:10", 'eleven': 'g:eleven:11']
def list = ['g:l1:1', 'g:l2:2']
task x { def one = 'wrong' }
dependencies {
    implementation "g:a:$one", "g:b:${two}", "g:c:$three", "g:d:$versions.four", "g:e:${versions['five-x']}", "g:f:${versions.deep.six}"
    implementation "g:g:$seven", 'g:h:' + eight, "g:i:${project.ext.nine}", "g:j:${v.four}"
    implementation libs.ten, libs['eleven']
    implementation list
    implementation "g:k:$unknown", 'g:m:$one', "g:n:\$one", "g:${unknown}:1", compute()
}`, []string{
			"g:a@1||production", "g:b@2||production", "g:c@3||production", "g:d@4||production", "g:e@5||production", "g:f@6||production", "g:g@7.0||production", "g:h@8||production",
			"g:i@9||production", "g:j@4||production", "g:ten@10||production", "g:eleven@11||production", "g:l1@1||production", "g:l2@2||production",
			"g:k@|$unknown|production", "g:m@|$one|production", "g:n@|$one|production",
		}},
		{"places", "build.gradle", `
buildscript { dependencies { classpath "g:tool:1" } }
subprojects { dependencies { testCompile 'g:sub:1' } }
sourceSets { e2eTest { } }
testing { suites { e2e { dependencies { implementation 'g:notnamed:1' } }
  integrationTest(JvmTestSuite) { dependencies { implementation 'g:suite:1' } } } }
kotlin { sourceSets { commonTest.dependencies { implementation 'g:ct:1' }
  named('jvmTest') { dependencies { implementation 'g:jt:1' } }
  commonMain { dependencies { api 'g:cm:1' } } } }
configurations.all { resolutionStrategy { force 'g:forced:1' } }
repositories { maven { url 'https://example.org' } }
shadowJar { dependencies { include(dependency('g:.*')) } }
pattern = ~/it's a 'slashy' string/
publishing { publications { x(MavenPublication) { pom { dependencies { implementation 'g:pom:1' } } } } }
dependencies.add('runtimeOnly', 'g:late:1')
afterEvaluate { dependencies { compile 'g:after:1' } }
`, []string{"g:tool@1||development", "g:sub@1||test", "g:notnamed@1||production", "g:suite@1||test", "g:ct@1||test", "g:jt@1||test", "g:cm@1||production", "g:late@1||production", "g:after@1||production"}},
		{"dependency management", "build.gradle", `
dependencyManagement { imports { mavenBom "g:far-bom:1" }
  dependencies { dependency 'g:a:2'; dependencySet(group: 'g', version: '3') { entry 'b'; entry('c') } } }
dependencies { implementation 'g:a', 'g:b', 'g:c', 'g:d' }
`, []string{"g:a@2||production", "g:b@3||production", "g:c@3||production", "g:d@||production"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := only(t, map[string]string{tc.path: tc.script}, tc.path)
			if diff := cmp.Diff(tc.want, words(m.Uses)); diff != "" {
				t.Errorf("(-want +got):\n%s\nnotes: %v", diff, m.Notes)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	m := only(t, map[string]string{"build.gradle": `dependencies {
  implementation files('x.jar')
  implementation project(':a')
  testImplementation project(':b'), project(path: ':a', configuration: 'x')

  implementation compute()
  implementation libs.nothing.here
}`}, "build.gradle")
	want := []lockfile.Note{
		{Line: 2, Reason: "dependency left out: local files, not a package"},
		{Line: 3, Reason: "2 projects of this build, not dependencies"},
		{Line: 6, Reason: "dependency left out: computed by the script, which is not run"},
		{Line: 7, Reason: "dependency left out: from a version catalogue that is not in this tree"},
	}
	if diff := cmp.Diff(want, m.Notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := "2 declarations could not be read, see the notes"; m.Unresolved != want {
		t.Errorf("unresolved %q, want %q", m.Unresolved, want)
	}
}

const libsToml = `[versions]
a = "1.0"
rich = { strictly = "[2,3)", prefer = "2.5" }
[libraries]
alpha-core = { module = "g:alpha", version.ref = "a" }
beta_x = { group = "g", name = "beta", version = "2.0" }
gamma = "g:gamma:3.0"
delta.d = { module = "g:delta", version = { require = "4.0" } }
rich = { module = "g:rich", version.ref = "rich" }
bare = { module = "g:bare" }
[bundles]
most = ["alpha-core", "beta_x"]
[plugins]
tool = { id = "com.acme.tool", version.ref = "a" }
short = "com.acme.short:9"
`

func TestCatalogue(t *testing.T) {
	files := map[string]string{
		"gradle/libs.versions.toml": libsToml,
		"settings.gradle.kts":       "rootProject.name = \"shop\"\ninclude(\":app\")",
		"app/build.gradle.kts": `
plugins { alias(libs.plugins.tool); alias(libs.plugins.short) apply false }
group = "org.shop"
dependencies {
    implementation(libs.alpha.core)
    api(libs.bundles.most)
    runtimeOnly(libs.gamma.get())
    implementation(libs.delta.d) { exclude("x") }
    testImplementation(libs.rich)
    implementation(platform(libs.bare))
    implementation(libs.findLibrary("beta-x").get())
    implementation("g:direct:${libs.versions.a.get()}")
    implementation(libs.missing)
}`,
	}
	m := only(t, files, "app/build.gradle.kts")
	want := []string{
		"com.acme.tool:com.acme.tool.gradle.plugin@1.0||development", "com.acme.short:com.acme.short.gradle.plugin@9||development",
		"g:alpha@1.0||production", "g:beta@2.0||production", "g:gamma@3.0||production", "g:delta@4.0||production", "g:rich@|[2,3)|test", "g:bare@||production", "g:direct@1.0||production",
	}
	if diff := cmp.Diff(want, words(m.Uses)); diff != "" {
		t.Errorf("(-want +got):\n%s\nnotes %v", diff, m.Notes)
	}
	if want := purl.New("maven", "org.shop", "app", ""); m.Project != want {
		t.Errorf("project %v, want %v", m.Project, want)
	}
	if manifests, _ := readMap(files); len(manifests) != 1 {
		t.Errorf("a catalogue that scripts use is listed again: %d manifests", len(manifests))
	}

	idle := only(t, map[string]string{
		"gradle/libs.versions.toml": libsToml,
		"build.gradle.kts":          "dependencies { implementation(libs.bundles.most) }",
		"app/gradle.lockfile":       "g:gamma:3.0=runtimeClasspath\nempty=\n",
	}, "gradle/libs.versions.toml")
	if diff := cmp.Diff([]string{"g:delta@4.0||production", "g:rich@|[2,3)|production", "g:bare@||production"}, words(idle.Uses)); diff != "" || idle.Unresolved == "" {
		t.Errorf("entries that no script and no lock names (-want +got):\n%s\nunresolved: %q", diff, idle.Unresolved)
	}

	alone := only(t, map[string]string{"gradle/libs.versions.toml": libsToml}, "gradle/libs.versions.toml")
	wantAlone := []lockfile.Use{
		{Package: purl.New("maven", "g", "alpha", "1.0"), Scope: lockfile.Production, Direct: true, Line: 5},
		{Package: purl.New("maven", "g", "beta", "2.0"), Scope: lockfile.Production, Direct: true, Line: 6},
		{Package: purl.New("maven", "g", "gamma", "3.0"), Scope: lockfile.Production, Direct: true, Line: 7},
		{Package: purl.New("maven", "g", "delta", "4.0"), Scope: lockfile.Production, Direct: true, Line: 8},
		{Package: purl.New("maven", "g", "rich", ""), Requirement: "[2,3)", Scope: lockfile.Production, Direct: true, Line: 9},
		{Package: purl.New("maven", "g", "bare", ""), Scope: lockfile.Production, Direct: true, Line: 10},
	}
	if diff := cmp.Diff(wantAlone, alone.Uses); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
}

func TestSeveralFiles(t *testing.T) {
	files := map[string]string{
		"settings.gradle": `pluginManagement { includeBuild('logic'); plugins { id 'com.acme.managed' version "$managedVersion" } }
dependencyResolutionManagement { versionCatalogs { create('deps') { library('x-y', 'g', 'xy').versionRef('v'); version('v', '7') }
  far { from('g:catalogue:1') } } }
rootProject.name = 'root'`,
		"gradle.properties":  "rootVersion=1.5\nmanagedVersion : 2.5\n# no=1",
		"gradle/deps.gradle": "ext.fromFile = '3.5'\next.libraries = [lib: \"g:lib:$fromFile\"]",
		"build.gradle": `apply from: "$rootDir/gradle/deps.gradle"
ext { rootVar = '4.5' }
allprojects { dependencies { implementation platform(project(':bom')) } }`,
		"buildSrc/src/main/kotlin/Versions.kt": "object Versions { const val k = \"6.5\"\n fun broken( }",
		"buildSrc/build.gradle.kts":            "dependencies { implementation(\"g:build:1\"); testImplementation(\"g:buildtest:1\") }",
		"logic/build.gradle":                   "dependencies { implementation 'g:logic:1' }",
		"bom/build.gradle":                     "dependencies { constraints { api 'g:managed:9' } }",
		"app/build.gradle": `plugins { id 'com.acme.managed' ; id 'java' }
dependencies { implementation "g:a:$rootVersion", "g:b:$rootVar", "g:c:$fromFile", libraries.lib, 'g:managed', deps.x.y, far.z }`,
	}
	manifests, failures := readMap(files)
	if len(failures) != 0 {
		t.Fatalf("failures: %v", failures)
	}
	got := map[string][]string{}
	for _, m := range manifests {
		got[m.Path] = words(m.Uses)
	}
	want := map[string][]string{
		"build.gradle":              nil,
		"bom/build.gradle":          nil,
		"buildSrc/build.gradle.kts": {"g:build@1||development", "g:buildtest@1||test"},
		"logic/build.gradle":        {"g:logic@1||development"},
		"app/build.gradle": {
			"com.acme.managed:com.acme.managed.gradle.plugin@2.5||development", "g:a@1.5||production", "g:b@4.5||production", "g:c@3.5||production",
			"g:lib@3.5||production", "g:managed@9||production", "g:xy@7||production",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	files["buildSrc/src/main/kotlin/Versions.kt"] = "object Versions { const val k = \"6.5\" }"
	files["app/build.gradle"] = "dependencies { implementation(\"g:k:${Versions.k}\") }"
	if diff := cmp.Diff([]string{"g:k@6.5||production"}, words(only(t, files, "app/build.gradle").Uses)); diff != "" {
		t.Errorf("constants (-want +got):\n%s", diff)
	}
}

func TestLocks(t *testing.T) {
	files := map[string]string{
		"build.gradle":                "plugins { id 'com.acme.tool' version '1' }\ndependencies {\n implementation 'g:a:1.+'\n checkstyle 'g:style:1' \n}",
		"gradle.lockfile":             "# comment\r\ng:a:1.2=compileClasspath,testRuntimeClasspath\r\ng:proc:1=annotationProcessor\ng:t:1=testCompileClasspath\nempty=x\n",
		"buildscript-gradle.lockfile": "com.acme.tool:com.acme.tool.gradle.plugin:1=classpath\ng:toolneeds:2=classpath\n",
		"old/gradle/dependency-locks/testCompileClasspath.lockfile": "g:old:1\n",
		"old/build.gradle": "dependencies { testCompile 'g:old:1' }",
	}
	type row struct {
		Path, Unresolved string
		Covers           []string
		Uses             []lockfile.Use
	}
	manifests, failures := readMap(files)
	if len(failures) > 0 {
		t.Fatalf("failures: %v", failures)
	}
	var got []row
	for _, m := range manifests {
		got = append(got, row{m.Path, m.Unresolved, m.Covers, m.Uses})
	}
	pkg := func(name, version string) purl.PURL { return purl.New("maven", "g", name, version) }
	plugin := purl.New("maven", "com.acme.tool", "com.acme.tool.gradle.plugin", "1")
	want := []row{
		{"build.gradle", "these packages are declared here and the lock file beside has none of them, so what they need is unknown", nil, []lockfile.Use{
			{Package: pkg("style", "1"), Scope: lockfile.Development, Direct: true, Line: 4},
		}},
		{"buildscript-gradle.lockfile", "", []string{"build.gradle"}, []lockfile.Use{
			{Package: plugin, Scope: lockfile.Development, Direct: true, Line: 1},
			{Package: pkg("toolneeds", "2"), Scope: lockfile.Development, Line: 2},
		}},
		{"gradle.lockfile", "", []string{"build.gradle"}, []lockfile.Use{
			{Package: pkg("a", "1.2"), Requirement: "1.+", Scope: lockfile.Production, Direct: true, Line: 2},
			{Package: pkg("proc", "1"), Scope: lockfile.Development, Line: 3},
			{Package: pkg("t", "1"), Scope: lockfile.Test, Line: 4},
		}},
		{"old/gradle/dependency-locks/testCompileClasspath.lockfile", "", []string{"old/build.gradle"}, []lockfile.Use{
			{Package: pkg("old", "1"), Scope: lockfile.Test, Direct: true, Line: 1},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScopes(t *testing.T) {
	for name, want := range map[string]lockfile.Scope{
		"implementation": lockfile.Production, "compileOnly": lockfile.Production, "debugRuntimeClasspath": lockfile.Development, "testedApks": lockfile.Production,
		"latestThing": lockfile.Production, "androidTestImplementation": lockfile.Test, "functionalTestRuntimeOnly": lockfile.Test, "testFixturesApi": lockfile.Test,
		"testAnnotationProcessor": lockfile.Test, "mainAnnotationProcessor": lockfile.Development, "testAndDevelopmentOnly": lockfile.Development,
		"kotlinCompilerPluginClasspathMain": lockfile.Development, "detektPlugins": lockfile.Development, "shadow": lockfile.Production, "unified-test-platform": lockfile.Test,
	} {
		if got := scopeOf(name); got != want {
			t.Errorf("scopeOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name, path, text string
		kind             error
		line             int
	}{
		{"open bracket", "build.gradle", "a\ndependencies {\n", lockfile.ErrSyntax, 2},
		{"stray bracket", "build.gradle", "\n}", lockfile.ErrSyntax, 2},
		{"open string", "build.gradle.kts", "\nx = \"abc\n", lockfile.ErrSyntax, 2},
		{"open comment", "build.gradle", "\n/* abc\n", lockfile.ErrSyntax, 2},
		{"deep", "build.gradle", strings.Repeat("a{", 10_000), lockfile.ErrTooDeep, 1},
		{"merge", "build.gradle", "\n<<<<<<< HEAD\n", lockfile.ErrSyntax, 2},
		{"not UTF-8", "settings.gradle", "\n\xff", lockfile.ErrSyntax, 2},
		{"lock row", "gradle.lockfile", "g:a:1=c\ng:a\n", lockfile.ErrSyntax, 2},
		{"lock merge", "gradle.lockfile", "g:a:1=c\n<<<<<<< HEAD\n", lockfile.ErrSyntax, 2},
		{"catalogue", "gradle/libs.versions.toml", "[versions]\na = \n", lockfile.ErrSyntax, 2},
		{"catalogue twice", "gradle/libs.versions.toml", "[versions]\na = \"1\"\na = \"2\"\n", lockfile.ErrSyntax, 3},
		{"deep catalogue", "gradle/libs.versions.toml", "a = " + strings.Repeat("[", 10_000), lockfile.ErrTooDeep, 1},
		{"dotted catalogue", "gradle/libs.versions.toml", "\n" + strings.Repeat("a.", 20_000) + "a = \"1\"", lockfile.ErrTooDeep, 2},
		{"catalogue of many", "gradle/libs.versions.toml", "[versions]\n" + strings.Repeat("a = \"1\"\n", maxSigns), lockfile.ErrTooLarge, maxSigns + 1},
		{"large", "gradle.properties", strings.Repeat(" ", lockfile.MaxBytes+1), lockfile.ErrTooLarge, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			manifests, failures := readMap(map[string]string{tc.path: tc.text, "good/build.gradle": "dependencies { api 'g:a:1' }"})
			if len(manifests) != 1 || len(manifests[0].Uses) != 1 {
				t.Errorf("the good script was not read alone: %v", manifests)
			}
			if len(failures) != 1 || failures[0].Path != tc.path || !errors.Is(failures[0].Err, tc.kind) || failures[0].Line != tc.line {
				t.Errorf("failures %v, want %v at line %d", failures, tc.kind, tc.line)
			}
		})
	}
}

// Values that name themselves or double one another end at once.
func TestBounds(t *testing.T) {
	var b strings.Builder
	for c := 'a'; c < 'z'; c++ {
		b.WriteString("def " + string(c) + " = \"$" + string(c+1) + "$" + string(c+1) + "\"\n")
	}
	b.WriteString("def z = '1'\ndef self = \"$self\"\ndef l = [l, l]\ndependencies { api \"g:a:$a\", \"g:b:$self\", l }")
	m := only(t, map[string]string{"build.gradle": b.String()}, "build.gradle")
	if diff := cmp.Diff([]string{"g:a@|$a|production", "g:b@|$self|production"}, words(m.Uses)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A long list that is used again and again, long chains and many control words
// are cut, not followed without end.
func TestRepetition(t *testing.T) {
	list := "def l = [" + strings.Repeat("'g:a:1',", 100_000) + "]\ndependencies {\n" + strings.Repeat("implementation l\n", 1000) + "}"
	m := only(t, map[string]string{"build.gradle": list}, "build.gradle")
	if diff := cmp.Diff([]string{"g:a@1||production"}, words(m.Uses)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(m.Unresolved, "could not be read") {
		t.Errorf("what was cut is not named: %q", m.Unresolved)
	}
	for _, text := range []string{strings.Repeat("a(b).", 100_000) + "x {}", strings.Repeat("if (a) ", 100_000), strings.Repeat("else ", 100_000), strings.Repeat("{}", 100_000)} {
		m := only(t, map[string]string{"build.gradle": text + "\ndependencies { api 'g:a:1' }"}, "build.gradle")
		if diff := cmp.Diff([]string{"g:a@1||production"}, words(m.Uses)); diff != "" {
			t.Errorf("%.10s... (-want +got):\n%s", text, diff)
		}
	}
}

// A bundle that every script asks for again and again is cut over all scripts together, and the
// scripts that lack something say so.
func TestBundlesOfManyScripts(t *testing.T) {
	catalogue, members := "[libraries]\n", ""
	for i := range 1000 {
		catalogue += fmt.Sprintf("l%d = { module = \"g:a%d\", version = \"1\" }\n", i, i)
		members += fmt.Sprintf("\"l%d\",", i)
	}
	files := map[string][]byte{"gradle/libs.versions.toml": []byte(catalogue + "[bundles]\nall = [" + members + "]\n")}
	for i := range 50 {
		files[fmt.Sprintf("m%02d/build.gradle", i)] = []byte("dependencies {\n" + strings.Repeat("implementation libs.bundles.all\n", 100) + "}")
	}
	manifests, problems := Reader().Read(lockfile.NewTree(files))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	whole, cut := 0, 0
	for _, m := range manifests {
		switch {
		case !strings.HasSuffix(m.Path, "build.gradle"):
		case strings.Contains(m.Unresolved, "all scripts together"):
			cut++
		default:
			whole++
		}
	}
	if diff := cmp.Diff([]int{10, 40}, []int{whole, cut}); diff != "" {
		t.Errorf("whole and cut scripts (-want +got):\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("dependencies { implementation \"g:a:$v\" }\next { v = [a: 1] }"), []byte("plugins { alias(libs.plugins.tool) }\ndependencies { api(libs.a) }"), []byte(libsToml), []byte("g:a:1=x\n"))
	f.Add([]byte("def x = /a'b/ ; a.b('c').d { e -> f }"), []byte("val x by extra { \"\"\"y\"\"\" }; x.y[\"z\"] = mapOf(\"a\" to \"b\")"), []byte("[versions]\na={strictly=1}"), []byte("empty="))
	f.Fuzz(func(t *testing.T, groovy, kotlin, toml, lock []byte) {
		manifests, _ := Reader().Read(lockfile.NewTree(map[string][]byte{
			"build.gradle": groovy, "sub/build.gradle.kts": kotlin, "gradle/libs.versions.toml": toml, "sub/gradle.lockfile": lock, "settings.gradle": groovy,
		}))
		for _, m := range manifests {
			for _, u := range m.Uses {
				if u.Package.Name == "" || u.Package.Namespace == "" {
					t.Errorf("use without a name: %+v", u)
				}
			}
		}
	})
}
