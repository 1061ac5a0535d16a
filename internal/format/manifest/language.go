package manifest

// unread are languages that have packages which no reader knows, by their
// go-enry names, with where those packages come from. It decides what a page
// calls missing: a language that is neither here nor in Languages, such as
// CSS, Markdown, SQL or Shell, has no packages of its own.
var unread = map[string]string{
	"Ada":           "Alire",
	"Ballerina":     "Ballerina Central",
	"C":             "Conan, vcpkg",
	"C++":           "Conan, vcpkg",
	"Common Lisp":   "Quicklisp",
	"Crystal":       "Shards",
	"D":             "DUB",
	"Dart":          "pub",
	"Elixir":        "Hex",
	"Elm":           "Elm packages",
	"Emacs Lisp":    "ELPA, MELPA",
	"Erlang":        "Hex",
	"Fortran":       "fpm",
	"Gleam":         "Hex",
	"HCL":           "Terraform Registry",
	"Haskell":       "Hackage",
	"Haxe":          "Haxelib",
	"Julia":         "Julia General",
	"Lua":           "LuaRocks",
	"MoonScript":    "LuaRocks",
	"Nim":           "Nimble",
	"OCaml":         "opam",
	"Objective-C":   "CocoaPods, Carthage",
	"Objective-C++": "CocoaPods, Carthage",
	"Perl":          "CPAN",
	"PowerShell":    "PowerShell Gallery",
	"Puppet":        "Puppet Forge",
	"PureScript":    "PureScript Registry",
	"R":             "CRAN, Bioconductor",
	"Racket":        "Racket packages",
	"Raku":          "raku.land",
	"Reason":        "opam",
	"Rocq Prover":   "opam",
	"Solidity":      "Soldeer",
	"Starlark":      "Bazel Central Registry",
	"Swift":         "Swift Package Index, CocoaPods",
	"V":             "vpm",
	"Zig":           "Zig packages",
}

// Unread says whether a language, by its go-enry name, has packages that no
// reader knows: what its code uses is missing from every answer. It is false
// for languages that a reader knows and for those without packages.
func Unread(language string) bool {
	for _, r := range readers {
		for _, known := range r.Languages {
			if known == language {
				return false
			}
		}
	}
	return unread[language] != ""
}
