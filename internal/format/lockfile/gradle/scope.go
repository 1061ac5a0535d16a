package gradle

import (
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
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
	if script.IsTest(configuration) {
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
