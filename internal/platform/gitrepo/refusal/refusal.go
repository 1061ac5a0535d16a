// Package refusal says why a repository could not be copied, and keeps that one was too large, so
// that it is not transferred again in vain.
package refusal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo/layout"
)

// Errors of contacting another machine.
var (
	// ErrAccess says that the other side wants other credentials, or none of
	// ours may be sent there.
	ErrAccess = fault.New(fault.Unavailable, "access is denied; check the credentials for this address")
	// ErrUnreachable says that the other side did not answer as it should.
	ErrUnreachable = fault.New(fault.Unavailable, "the address cannot be reached; check it and the network")
	// ErrServer says that the other side answered, and with an error or with what is not git's protocol.
	ErrServer = fault.New(fault.Unavailable, "the server answered with an error; try again later, or ask who runs it")
)

// Explain turns what git said when it did not get a repository into one sentence that says what to do.
func Explain(err error) error {
	text := strings.ToLower(err.Error())
	for _, c := range []struct {
		kind   error
		remedy string
		words  []string
	}{
		{ErrUnreachable, "the host shows another key than the one in known_hosts: ask who runs it before you replace that", []string{"remote host identification has changed"}},
		{ErrUnreachable, "add the host's key to known_hosts after checking it", []string{"host key verification failed"}},
		{ErrAccess, "load a key that may read it into the ssh agent", []string{"permission denied (publickey", "permission denied, please try again"}},
		{ErrAccess, "name a token file and its host (--token-file, --token-host) or set up a credential helper", []string{"could not read username", "could not read password", "terminal prompts disabled"}},
		{ErrAccess, "the proxy wants other credentials than those in https_proxy", []string{"response 407", "code 407", "error: 407"}},
		{ErrUnreachable, "the proxy does not let it through: have this address allowed there", []string{"connect tunnel failed", "from proxy after connect"}},
		{ErrAccess, "check that the token is valid and may read the repository", []string{"authentication failed", "error: 401", "error: 403", "access denied"}},
		{ErrUnreachable, "name the address that it redirects to, if that is right", []string{"unable to update url base from redirection", "error: 301", "error: 302", "error: 307", "error: 308"}},
		{layout.ErrNotRepository, "check the address, and whether the account may see it", []string{"not found", "does not appear to be a git repository", "error: 404"}},
		{ErrUnreachable, "check the certificate authorities (CA file)", []string{"ssl certificate", "ssl ca cert", "certificate verif", "server certificate"}},
		{ErrUnreachable, "check host, network and proxy", []string{"could not resolve", "failed to connect", "couldn't connect", "connection refused", "timed out", "too slow", "connection reset", "no route", "proxy"}},
	} {
		for _, w := range c.words {
			if strings.Contains(text, w) {
				return fmt.Errorf("%w: %w; %s", c.kind, errors.Unwrap(err), c.remedy)
			}
		}
	}
	if words := serverWords(errors.Unwrap(err)); words != "" {
		return fault.Wrap(fault.Unavailable, fmt.Errorf("%w: %w", ErrServer, errors.Unwrap(err)), "the server answered with an error: %s; try again later, or ask who runs it", words)
	}
	for _, w := range []string{"hung up unexpectedly", "could not read from remote repository", "unexpected disconnect", "early eof", "protocol error", "bad line length", "invalid server response", "invalid response", "rpc failed", "unexpected http status", "requested url returned error"} {
		if strings.Contains(text, w) {
			return fmt.Errorf("%w: %w", ErrServer, errors.Unwrap(err))
		}
	}
	return err
}

// longestWords is how much is shown of what a server said, in bytes.
const longestWords = 200

// serverWords is what git passed on from the other side: an ERR packet, or the channel for messages
// of the side band (gitprotocol-pack(5), gitprotocol-common(5)). Empty when there is nothing.
func serverWords(err error) string {
	if err == nil {
		return ""
	}
	_, words, ok := strings.Cut(err.Error(), "remote error: ")
	if !ok {
		_, words, _ = strings.Cut(err.Error(), "remote: ")
	}
	if at := strings.LastIndex(words, " (exit status "); at >= 0 {
		words = words[:at]
	}
	words, _, _ = strings.Cut(words, " fatal: ") // git's own, about the same
	words = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, words)
	if len(words) > longestWords {
		words = strings.ToValidUTF8(words[:longestWords], "") + "…"
	}
	return strings.Trim(words, " .;")
}

// Size is the refusal of a copy that was larger than allowed. It lies in a file beside the place of
// the copy and holds until the other side or the limit changes.
type Size struct {
	File  string
	Limit int64  // bytes
	Refs  string // Digest of what the other side has
}

// Digest is equal for equal branches and tags, ids by name.
func Digest(refs map[string]string) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		fmt.Fprintf(h, "%s %s\n", refs[name], name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Keep refuses a copy of so many bytes. Where that cannot be written, the next run finds it out again.
func (s Size) Keep(bytes int64) error {
	_ = os.WriteFile(s.File, fmt.Appendf(nil, "%d %s\n", s.Limit, s.Refs), 0o600)
	return fmt.Errorf("the copy has %d bytes, limit %d: %w; allow more or leave the repository out", bytes, s.Limit, layout.ErrTooLarge)
}

// Holds is the refusal of an earlier run that still holds. One that does not is forgotten.
func (s Size) Holds() error {
	text, err := os.ReadFile(s.File)
	if err != nil {
		return nil // none was kept
	}
	var limit int64
	var refs string
	if _, err := fmt.Sscanf(string(text), "%d %s", &limit, &refs); err == nil && limit >= s.Limit && refs == s.Refs {
		return fmt.Errorf("the copy was larger than %d bytes before, and neither its branches and tags nor the limit have changed: %w; allow more or leave the repository out", limit, layout.ErrTooLarge)
	}
	if err := os.Remove(s.File); err != nil {
		return layout.Reason(err)
	}
	return nil
}
