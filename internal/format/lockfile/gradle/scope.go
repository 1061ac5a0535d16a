package gradle

import (
	"strings"

	"steward/internal/format/lockfile"
)

// buildTools begin the names of configurations that hold tools of the build:
// compilers, processors, linters, reports. They hold what runs while building
// and nothing that ships.
var buildTools = []string{
	"annotationprocessor", "kapt", "ksp", "apt", "classpath", "developmentonly", "testanddevelopmentonly", "debug",
	"checkstyle", "pmd", "spotbugs", "findbugs", "codenarc", "detekt", "ktlint", "spotless", "errorprone", "nullaway", "lint", "jacoco", "cobertura", "kover",
	"dokka", "javadoc", "asciidoctor", "antlr4tool", "jmh", "jaxb", "xjc", "wsdl", "openapi", "swagger", "protobuftools", "protoc",
	"kotlincompiler", "kotlinbuildtools", "kotlinklib", "kotlinnative", "kotlinscript", "kotlinplugin", "kotlininternal", "kotlinbouncycastle", "swiftexport",
	"zinc", "scalacompiler", "incrementalscalaanalysis", "pitest", "corelibrarydesugaring", "baselineprofile", "japicmp", "rewrite", "nohttp", "proguard", "signatures",
}

// scopeOf says what a configuration is for, by its name: source sets put their
// own name before the standard ones (integrationTestImplementation).
func scopeOf(configuration string) lockfile.Scope {
	if isTest(configuration) {
		return lockfile.Test
	}
	lower := strings.ToLower(configuration)
	for _, tool := range buildTools {
		if strings.HasPrefix(lower, tool) {
			return lockfile.Development
		}
	}
	if strings.HasSuffix(lower, "annotationprocessor") || strings.HasSuffix(lower, "annotationprocessorclasspath") || strings.HasSuffix(lower, "plugins") || strings.HasSuffix(lower, "pluginclasspath") {
		return lockfile.Development
	}
	return lockfile.Production
}

// isTest says whether one of the words of a name in camel case, or between
// hyphens, is "test" or "tests".
func isTest(name string) bool {
	// testAndDevelopmentOnly is what Spring Boot adds for running on a desk.
	if name == "testAndDevelopmentOnly" {
		return false
	}
	for i := 0; i+4 <= len(name); i++ {
		if !strings.EqualFold(name[i:i+4], "test") {
			continue
		}
		starts := i == 0 || name[i] == 'T' || !isAlpha(name[i-1])
		end := i + 4
		if end < len(name) && (name[end] == 's' || name[end] == 'S') {
			end++
		}
		ends := end == len(name) || !isAlpha(name[end]) || name[end] >= 'A' && name[end] <= 'Z'
		if starts && ends {
			return true
		}
	}
	return false
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
