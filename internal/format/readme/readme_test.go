package readme

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFirstParagraph(t *testing.T) {
	long := strings.Repeat("twelve signs ", 60)
	for _, c := range []struct {
		about, name, in, want string
		line                  int
	}{
		{"heading, badges, text", "README.md", "# Payments\n\n[![CI](a.svg)](b) ![x](y)\n\nPays *bills* with `pay()`,\nsee [the docs](x) &amp; more.\n\nSecond paragraph is not taken.\n", "Pays bills with pay(), see the docs & more.", 5},
		{"front matter", "readme.MD", "---\ntitle: x\ndescription: not this one here\n---\n# T\nThe text of the project.\n", "The text of the project.", 6},
		{"toml front matter", "README.md", "+++\ntitle = 'x'\n+++\n\nThe text of the project.\n", "The text of the project.", 5},
		{"rule, not front matter", "README.md", "---\n\nThe text of the project.\n\n---\n", "The text of the project.", 3},
		{"navigation", "README.md", "[English](a) | [Deutsch](b) | [Français](c)\n\nEnglish | Deutsch | Español | Italiano\n\nThe text of the project.\n", "The text of the project.", 5},
		{"html and contents", "README.md", "<p align=center>\nPays <b>bills</b> for the bank.\n</p>\n\n## Table of contents\n\nWhat you find in this file here.\n\n- [a](#a)\n\n## About\n\nThe text of the project.\n", "Pays bills for the bank.", 2},
		{"licence", "README.md", "> Copyright 2020 The Bank and all of its people\n\nCopyright (c) 2020 the bank and its people.\n\n## Licence\n\nYou may do with this what you like.\n\n## What\n\nThe text of the project.\n", "The text of the project.", 11},
		{"quote as spare", "README.md", "# T\n\n> [!NOTE]\n> This is only a note for you.\n\n> A tiny proxy for the bank\n\n- list\n", "A tiny proxy for the bank", 6},
		{"setext, code, table, comment", "README.md", "Title of it all\n===\n<!-- hidden text of no use -->\n\n```\ncode that is not a text\n```\n\n| a | b |\n|---|---|\n| c | d e f g h i |\n\nThe text of the project.\n", "The text of the project.", 13},
		{"list lead", "README.md", "Features of it:\n\n- one\n\nThe text of the project.", "The text of the project.", 5},
		{"crlf and bom", "README.md", "\ufeff# T\r\n\r\nThe text\r\nof the project.\r\n", "The text of the project.", 3},
		{"han", "README.md", "# T\n\n一个用于支付的开源库。\n", "一个用于支付的开源库。", 3},
		{"escapes", "README.md", "Uses \\*stars\\* and &lt;tags&gt; <br> in its text.", "Uses *stars* and <tags> in its text.", 1},
		{"nothing", "README.md", "# T\n\n![x](y)\n\n- a list of things\n", "", 0},
		{"long", "README.md", long, "", 1},
		{"no extension, markdown inside", "README", "# T\n\nThe [text](http://x) of the project.\n", "The text of the project.", 3},
		{"plain", "README", "Payments\n\n  The text of the\n  project.\n", "The text of the project.", 3},
		{"plain underlined", "README.txt", "Payments library\n----------------\nThe text of the project.\n", "The text of the project.", 3},
		{"plain title alone", "README", "A library for paying bills\n", "A library for paying bills", 1},
		{"plain capitals", "README", "ABOUT\n\nCOPYRIGHT\n\nSome text of the licence is here.\n\nABOUT IT ALL\n\nThe text of the project.\n", "The text of the project.", 9},
		{"rst", "README.rst", "========\nPayments\n========\n\n.. image:: x.svg\n   :target: y\n\n   alt text that is no paragraph\n\n.. |b| image:: z\n\n|b| |c|_\n\n:Author: Somebody of the bank\n\n.. contents:: Table\n\nPays ``bills`` with :func:`pay`, see\n`the docs <http://x>`_ and Sphinx_::\n\n   code\n", "Pays bills with pay, see the docs and Sphinx:", 18},
		{"rst heading without blank", "README.rst", "Payments\n--------\nThe *text* of the **project**.\n", "The text of the project.", 3},
		{"rst comment", "README.rst", "..\n   hidden text that nobody sees\n\nT\n=\n\n* a list of some things\n\nThe text of the project.\n", "The text of the project.", 9},
		{"asciidoc", "README.adoc", "= Payments\nAnn Lee <ann@x.test>\nv1.0, 2020-01-01\n:project: Pay\n:toc:\n\nimage:https://x/y.svg[CI,link=z]\n\nifdef::env-github[]\n:tip-caption: x\nendif::[]\n\n[source,java]\n----\ncode that is no text here\n----\n\nNOTE: this is only a note here.\n\n.Title of a block\n{project} is https://x.test[a *quick* way] to `pay`.\n", "Pay is a quick way to pay.", 21},
		{"asciidoc headings", "README.asciidoc", "== License\n\nFree for all of the people.\n\n== About\nThe _text_ of link:x.html[the project].\n", "The text of the project.", 6},
		{"org", "README.org", "#+TITLE: Pay\n* Pay\n:PROPERTIES:\n:ID: some words here now\n:END:\n#+BEGIN_SRC sh\nsome code of no use\n#+END_SRC\nThe text of [[https://x][the project]].\n", "The text of the project.", 9},
		{"tagline in HTML, section below", "README.md", "<p align=center><a href=x><img src=y></a></p>\n<p align=\"center\">\n  Pays bills <br>for banks.<br>\n  <a href=a>Docs</a> · <a href=b>Chat</a>\n</p>\n\n## Details\n\nIt keeps a ledger of its own.\n", "Pays bills for banks.", 3},
		{"paragraph before tagline", "README.md", "<h1>Pay</h1>\n<p>Bills are paid by it.</p>\n\nThe text of the project.\n", "The text of the project.", 4},
		{"text in hidden HTML", "README.md", "<!-- Bills are paid by it -->\n<details><summary>Bills are paid by it</summary>\n\nMore of the bills is paid.\n\n</details>\n<table><tr><td>Bills are paid by it</td></tr></table>\n\nThe text of the project.\n", "The text of the project.", 9},
		{"labels", "README.md", "# Pay\n\n**Source code**: <a href=x>https://x.test/pay</a>\n\nTranslations: [English](a) | [Deutsch](b)\n\n**Project state**: very active\n\nLevel: beginner Technologies: Java Summary: bills\n\nThe documentation of it can be found [here](x).\n\nThe text of the project.\n", "The text of the project.", 13},
		{"pointers", "README.md", "# Pay\n\nSee the [web site](x) for all of it.\n\nTo learn more about it, read the book.\n\nWe're excited to announce version 3 of it!\n\nThe text of the project.\n", "The text of the project.", 9},
		{"notices", "README.md", "# Pay\n\n**Note**: the main branch may be broken.\n\nThis project is no longer maintained by us.\n\nThe text of the project.\n", "The text of the project.", 7},
		{"nothing but a notice", "README.md", "# Pay\n\nThis project has moved to https://x.test/pay2 for good.\n\n## Sponsors\n\nThe bank pays for all of this.\n", "This project has moved to https://x.test/pay2 for good.", 3},
		{"notice above the title", "README.md", "# Pay is in maintenance mode\n\nIt is not receiving active development.\n\n### Pay: bills\n\nThe text of the project.\n", "The text of the project.", 7},
		{"asides", "README.md", "# Pay\n\n## Installation\n\nAll it takes is a command.\n\n## Sponsors\n\n### Gold\n\nThe bank sells gold to everybody.\n\n## Ledger\n\nThe text of the project.\n", "The text of the project.", 15},
		{"definition in an aside", "README.md", "# Pay\n\n## Getting started\n\nTake a seat and a coffee first.\n\nPay is a ledger.\n\n## Design\n\nThe design of it was hard.\n", "Pay is a ledger.", 7},
		{"this project", "README.md", "## Setup\n\nTake a seat and a coffee first.\n\nThis project is a ledger.\n", "This project is a ledger.", 5},
		{"introduction before other sections", "README.md", "# Pay\n\n## Ledger\n\nIt keeps what was paid.\n\n## What is Pay?\n\nThe text of the project.\n", "The text of the project.", 9},
		{"motto", "README.md", "# Pay: the ledger of banks\n\n## Ledger\n\nIt keeps what was paid.\n", "Pay: the ledger of banks", 1},
		{"a link is no motto", "README.md", "### [Gold, the bank of the many rich](x)\n\n# Pay\n\nThe text of the project.\n", "The text of the project.", 5},
		{"front matter after a blank line", "README.md", "---\n\ntitle: x\nprev: false for this page\n---\n\nThe text of the project.\n", "The text of the project.", 7},
		{"rst in a text file", "README.txt", "Pay\n===\n\n.. image:: x\n   :alt: bills are paid by it\n\nThe text of the project.\n", "The text of the project.", 7},
		{"rst without title", "README.rst", "Donations\n=========\n\nThe bank\n--------\n\nThe bank pays for all of this.\n\nLedger\n======\n\nThe text of the project.\n", "The text of the project.", 12},
		{"binary", "README.md", "The text\x00 of the project.", "", 0},
		{"unknown", "README.pdf", "The text of the project.", "", 0},
	} {
		got, line := FirstParagraph(c.name, []byte(c.in))
		if c.about == "long" {
			if n := utf8.RuneCountInString(got); n > maxText || n < maxText-20 || !strings.HasSuffix(got, "signs…") && !strings.HasSuffix(got, "twelve…") {
				t.Errorf("long: %d characters, %q", n, got)
			}
			continue
		}
		if got != c.want || line != c.line {
			t.Errorf("%s: got %q in line %d, want %q in line %d", c.about, got, line, c.want, c.line)
		}
	}
}

func TestBest(t *testing.T) {
	paths := []string{"docs/README.md", "README", "README.rst", "src/readme.txt", "src/README.adoc", "lib/README.md.bak", "README.zh.md"}
	for dir, want := range map[string]string{"": "README.rst", ".": "README.rst", "src": "src/README.adoc", "lib": ""} {
		if got := Best(dir, paths); got != want {
			t.Errorf("%q: got %q, want %q", dir, got, want)
		}
	}
	if got := Best("", append(paths, ".github/README.md")); got != ".github/README.md" {
		t.Errorf("got %q", got)
	}
	if got := Best("", []string{"docs/README.md"}); got != "docs/README.md" {
		t.Errorf("got %q", got)
	}
}

var hostile = []string{"[", "*", "> ", "![", "`", "<", "&", "- ", "_a", "[a](", "<a ", "**a ", "\\", "|a", "a\n===\n", "= ", ".. ", "{a}", "[[a]", "`a <", "<<a", "\n> ", "<br>a", "<p>a b c</p>", "<p><a>", "<table>", "<!--", "<details>\n\n", "# a b: c d\n", "a_ ", ":a:`", "* ", "1. "}

// Signs in great number must end, and give valid text or none. Seeds of the fuzzing as well.
func TestHostile(t *testing.T) {
	for _, name := range []string{"README.md", "README.rst", "README.adoc", "README.org", "README"} {
		for _, h := range hostile {
			got, _ := FirstParagraph(name, []byte(strings.Repeat(h, 200_000)))
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxText {
				t.Errorf("%s %q: %q", name, h, got)
			}
		}
	}
}

func FuzzFirstParagraph(f *testing.F) {
	for _, name := range []string{"README.md", "README.rst", "README.adoc", "README.org", "README"} {
		f.Add(name, []byte("# T\n\n=====\nTitle\n=====\n\nThe [text](x) of `the <y>`_ {project}.\n\n.. a::\n"))
		for _, h := range hostile {
			f.Add(name, []byte(strings.Repeat(h, 5)))
		}
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		text, line := FirstParagraph(name, b)
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxText || (text == "") != (line == 0) || line > strings.Count(string(b), "\n")+1 {
			t.Errorf("%q in line %d", text, line)
		}
	})
}
