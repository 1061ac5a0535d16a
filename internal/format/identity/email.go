package identity

import (
	"strings"
	"unicode/utf8"
)

// Noreply is what a host's private address tells.
type Noreply struct {
	Host  string // "github.com": the domain without users.noreply. or noreply.
	Login string // lower case
	ID    string // the account's number, "" when the address has none
}

// ParseNoreply reads the addresses that hosts give to people who hide their own:
// NNN+login@users.noreply.github.com (also without the number, and on GitHub
// Enterprise hosts), NNN-login@users.noreply.gitlab.com (also self-managed) and
// login@noreply.host of Gitea and Forgejo.
func ParseNoreply(email string) (Noreply, bool) {
	local, domain, found := strings.Cut(foldEmail(email), "@")
	if !found || local == "" {
		return Noreply{}, false
	}
	host, users := strings.CutPrefix(domain, "users.noreply.")
	if !users {
		if host, users = strings.CutPrefix(domain, "noreply."); !users {
			return Noreply{}, false
		}
	}
	if isSharedLocal(local) || !strings.Contains(host, ".") && host != "localhost" || strings.HasPrefix(host, ".") {
		return Noreply{}, false
	}
	n := Noreply{Host: host, Login: local}
	digits := strings.TrimLeft(local, "0123456789")
	if id := local[:len(local)-len(digits)]; id != "" && len(digits) > 1 && (digits[0] == '+' || digits[0] == '-' && host != "github.com") {
		n.ID, n.Login = id, digits[1:]
	}
	return n, true
}

func foldEmail(email string) string {
	email = strings.TrimSpace(email)
	email = strings.TrimSuffix(strings.TrimPrefix(email, "<"), ">")
	return strings.ToLower(strings.TrimSpace(email))
}

// isEmail accepts local@domain with one @ and no white space.
func isEmail(email string) bool {
	local, domain, found := strings.Cut(email, "@")
	return found && local != "" && len(email) <= 320 && utf8.ValidString(email) &&
		!strings.ContainsAny(email, " \t\r\n<>\x00") && !strings.Contains(domain, "@") && strings.Trim(domain, ".") != ""
}

func isSharedLocal(local string) bool {
	switch local {
	case "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "postmaster":
		return true
	}
	return false
}

// isSharedNoreply tells addresses that many unrelated accounts write with.
func isSharedNoreply(email string) bool {
	local, _, _ := strings.Cut(email, "@")
	return isSharedLocal(local)
}

var placeholderLocals = words(`you your youremail your-email your.email your_email_ yourname your.name your-name email mail e-mail me user username
	name root admin administrator nobody none null unknown test tester example foo bar git ubuntu ec2-user vagrant pi localhost anonymous noemail
	no-email nomail dev developer`)

// isPlaceholder tells addresses that name no person: of a machine, of an
// example, of nobody. An address of the firm is one only by its local part.
func isPlaceholder(email string, firm []string) bool {
	local, domain, _ := strings.Cut(email, "@")
	if placeholderLocals[local] || local == "your_email" {
		return true
	}
	if underDomain(domain, firm) != "" {
		return false
	}
	switch domain {
	case "example.com", "example.org", "example.net", "test.com", "domain.com", "email.com", "none", "(none)", "unknown", "localhost", "local", "host", "none.com":
		return true
	}
	for _, suffix := range []string{".local", ".localdomain", ".localhost", ".lan", ".internal", ".home", ".(none)", ".invalid", ".example.com"} {
		if strings.HasSuffix(domain, suffix) {
			return true
		}
	}
	return !strings.Contains(domain, ".")
}

// firmDomains normalises the domains of a configuration.
func firmDomains(domains []string) []string {
	var out []string
	for _, d := range domains {
		if d = strings.Trim(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(d)), "*"), "@. "); d != "" {
			out = append(out, d)
		}
	}
	return out
}

// underDomain returns the longest firm domain that a domain equals or is below, or "".
func underDomain(domain string, firm []string) string {
	best := ""
	domain = strings.TrimSuffix(domain, ".")
	for _, d := range firm {
		if len(d) > len(best) && (domain == d || strings.HasSuffix(domain, "."+d)) {
			best = d
		}
	}
	return best
}
