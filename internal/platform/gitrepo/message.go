package gitrepo

import "bytes"

// Subject is the first paragraph of a message on one line, as git shows it; a
// view where that paragraph has one line.
func Subject(message []byte) []byte {
	message = bytes.TrimLeft(message, " \t\r\n")
	var subject []byte
	for first := true; len(message) > 0; first = false {
		line, rest, _ := bytes.Cut(message, []byte{'\n'})
		message = rest
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if first {
			subject = line[:len(line):len(line)]
			continue
		}
		subject = append(append(subject, ' '), line...)
	}
	return subject
}

// maxTrailers bounds what one message can make of its readers.
const maxTrailers = 1000

// Trailers calls visit with the "Key: value" lines of a message's last
// paragraph (git-interpret-trailers(1)), and with lines such as
// "Co-authored-by: Name <address>" wherever they stand: hosts that squash put
// them into the middle. At most 1,000; views.
func Trailers(message []byte, visit func(key, value []byte)) {
	message = bytes.TrimRight(message, " \t\r\n")
	last := max(bytes.LastIndex(message, []byte("\n\n")), bytes.LastIndex(message, []byte("\n\r\n")))
	n := 0
	for at := 0; at < len(message) && n < maxTrailers; {
		line := message[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		start := at
		at += len(line) + 1
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || !isToken(key) {
			continue
		}
		value = bytes.TrimSpace(value)
		person := len(key) > 3 && bytes.EqualFold(key[len(key)-3:], []byte("-by")) && bytes.HasSuffix(value, []byte{'>'})
		if len(value) > 0 && (person || last >= 0 && start > last) {
			visit(key, value)
			n++
		}
	}
}

func isToken(key []byte) bool {
	if len(key) == 0 || len(key) > 100 {
		return false
	}
	for _, c := range key {
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// SplitPerson takes "Name <address>" apart; what has no brackets is a name.
func SplitPerson(s []byte) (name, email []byte) {
	open := bytes.LastIndexByte(s, '<')
	if open < 0 {
		return bytes.TrimSpace(s), nil
	}
	name = bytes.TrimSpace(s[:open])
	email, _, _ = bytes.Cut(s[open+1:], []byte{'>'})
	return name, bytes.TrimSpace(email)
}
