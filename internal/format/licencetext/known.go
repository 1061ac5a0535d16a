package licencetext

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// known.tsv holds one line per known text: SPDX id, kind, number of words,
// hash of the first anchorWords, hash of all, SHA-256 of all (first 16 bytes).
// The texts themselves are not kept. It is renewed from the npm package
// spdx-license-list (CC0-1.0), unpacked into DIR:
//
//	go test ./internal/format/licencetext -run TestKnownTable -update -texts DIR
//
//go:embed known.tsv
var knownTSV string

// anchorWords is the number of words by which the start of a text is found.
const anchorWords = 6

// kind is what a known text is.
type kind string

const (
	body     kind = "text"     // the terms
	appendix kind = "appendix" // "how to apply these terms", which applies nothing
	header   kind = "header"   // what source files say, which also stands in appendices
)

type known struct {
	id      string
	kind    kind
	words   int
	rolling uint64
	digest  [16]byte
}

// knownTexts maps the hash of the first words to the texts that start so, the
// longest first. It is read once and never changed.
var knownTexts = sync.OnceValue(func() map[uint64][]known {
	table := map[uint64][]known{}
	for line := range strings.Lines(knownTSV) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 6 {
			continue
		}
		k := known{id: cells[0], kind: kind(cells[1])}
		k.words, _ = strconv.Atoi(cells[2])
		anchor, _ := strconv.ParseUint(cells[3], 16, 64)
		k.rolling, _ = strconv.ParseUint(cells[4], 16, 64)
		digest, _ := hex.DecodeString(cells[5])
		copy(k.digest[:], digest)
		table[anchor] = append(table[anchor], k)
	}
	return table
})

// factor is the base of the polynomial hash over words, modulo 2^64.
const factor = 0x9E3779B97F4A7C15

// rolling hashes every stretch of words in constant time.
type rolling struct {
	prefix []uint64 // hash of the first i words
	power  []uint64
}

func roll(words []string) rolling {
	r := rolling{prefix: make([]uint64, len(words)+1), power: make([]uint64, len(words)+1)}
	r.power[0] = 1
	for i, w := range words {
		h := fnv.New64a()
		_, _ = h.Write([]byte(w)) // never fails
		r.prefix[i+1] = r.prefix[i]*factor + h.Sum64()
		r.power[i+1] = r.power[i] * factor
	}
	return r
}

// of is the hash of the n words from i.
func (r rolling) of(i, n int) uint64 {
	return r.prefix[i+n] - r.prefix[i]*r.power[n]
}

// digestOf is what makes a match certain, since the rolling hash can be forged.
func digestOf(words []string) (d [16]byte) {
	sum := sha256.Sum256([]byte(strings.Join(words, " ")))
	copy(d[:], sum[:])
	return d
}

// matchKnown finds known texts word for word, the longest at each place.
func (r *reading) matchKnown() {
	n := normalise(r.words)
	hashes := roll(n.words)
	table := knownTexts()
	for i := 0; i+anchorWords <= len(n.words); {
		next := i + 1
		for _, k := range table[hashes.of(i, anchorWords)] {
			if i+k.words > len(n.words) || hashes.of(i, k.words) != k.rolling || digestOf(n.words[i:i+k.words]) != k.digest {
				continue
			}
			r.add(span{id: k.id, kind: k.kind, start: n.from[i], end: n.from[i+k.words], how: wordForWord})
			next = i + k.words
			break
		}
		i = next
	}
	r.markAppendices()
}

// longestAppendix is the number of words from the heading of a GNU licence's
// appendix to its end, rounded up.
const longestAppendix = 440

// markAppendices explains what stands behind the terms of the GNU licences, in
// its many editions: it shows a notice that would apply to other works.
func (r *reading) markAppendices() {
	joined := " " + r.join(0, len(r.words)) + " "
	at := 0
	for range 8 {
		i := r.find(joined, "how to apply these terms to your new")
		if i < 0 {
			return
		}
		at += i
		end := min(len(r.words), at+longestAppendix)
		for _, x := range r.spans {
			if x.kind == body && x.start > at {
				end = min(end, x.start)
			}
		}
		r.spans = slices.DeleteFunc(r.spans, func(x span) bool { return x.kind == appendix && x.start < end && x.end > at })
		r.addBetween(span{kind: appendix, start: at, end: end, how: bySignature}, at)
		at++
		joined = " " + r.join(at, len(r.words)) + " "
	}
}
