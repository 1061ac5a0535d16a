package identity

import (
	"fmt"
	"strings"
)

// Kind says whose an identity is.
type Kind string

// The kinds.
const (
	Ours    Kind = "ours"    // an address of the firm
	Outside Kind = "outside" // an address of somebody else
	Service Kind = "service" // a bot or service account, whoever runs it
	Unknown Kind = "unknown" // no address, a placeholder, a host's noreply address, or no firm domains given
)

// Mark is a well-known sign of a bot or service account. Texts are lower case;
// comparison is without letter case.
type Mark struct {
	Where string // name, local (before the @), domain
	How   string // is, begins, ends, contains
	Text  string
	Why   string
}

// Marks returns the table of marks, in the order in which they are tried. Words
// that are also people's names (travis, hudson) or that people use for their own
// address (github@, gitlab@, postmaster@) are left out on purpose.
func Marks() []Mark {
	var out []Mark
	add := func(where, how, why, texts string) {
		for text := range strings.SplitSeq(texts, "|") {
			out = append(out, Mark{where, how, text, why})
		}
	}
	add("name", "ends", "accounts of GitHub apps end so", "[bot]")
	add("local", "ends", "accounts of GitHub apps end so", "[bot]")
	add("name", "is", "a known bot or build service", "renovate|renovate bot|mend renovate|whitesource renovate|dependabot|dependabot preview|dependabot-preview|"+
		"greenkeeper|snyk|snyk bot|pyup-bot|scala steward|github|github actions|github-actions|github action|actions-user|gitlab|gitlab ci|gitlab-ci|gitlab runner|"+
		"jenkins|jenkins ci|jenkins-ci|jenkins user|teamcity|bamboo|travis ci|circleci|circle ci|azure pipelines|azure devops|drone|drone ci|concourse|"+
		"buildkite|semantic-release|semantic release|release-please|copybara|copybara-service|pre-commit-ci|imgbot|imgbotapp|allcontributors|codecov|sonarqube|sonarcloud|"+
		"mergify|bors|homu|zuul|gerrit code review|weblate|hosted weblate|crowdin|transifex|fossa|netlify|vercel|codesandbox|gitpod|restyled commits|"+
		"argocd|argo cd|argocd image updater|flux|fluxcd|tekton|spinnaker|openrewrite|moderne|k8s-ci-robot|googlebot|buildbot|nightly build|ci|ci user|ci server|ci/cd")
	add("name", "ends", "named as a bot", " bot|-bot|_bot|.bot| robot|-robot|_robot|-ci|_ci| service account| svc|-svc")
	add("name", "begins", "named as a service account", "svc-|svc_|svc.|srv-|srv_|service account|bot-|ci-bot")
	add("local", "is", "a mailbox without a person", "noreply|no-reply|no_reply|no.reply|donotreply|do-not-reply|do_not_reply|mailer-daemon|"+
		"ci|cd|cicd|ci-cd|ci_cd|jenkins|teamcity|bamboo|build|builds|builder|buildbot|buildserver|build-server|bot|bots|robot|renovate|renovatebot|dependabot|"+
		"github-actions|actions|automation|autobuild|deploy|deployer|deployment|gitlab-ci|gitlab-runner|gitlab-bot|circleci|sonar|sonarqube|"+
		"release-bot|semantic-release|copybara|weblate|hosted|crowdin")
	add("local", "begins", "an address for a service account", "svc-|svc_|svc.|srv-|srv_|service-account|service_account|serviceaccount|bot-|bot_|ci-|ci_|"+
		"jenkins-|jenkins_|robot-|robot_|renovate-|renovate+|renovate[|dependabot|github-actions|gitlab-ci|noreply-|noreply+|no-reply-|no-reply+")
	add("local", "ends", "an address for a service account", "-bot|_bot|.bot|+bot|-robot|_robot|-ci|_ci|-svc|_svc|-noreply|-no-reply|-builds")
	add("local", "contains", "GitLab names its access-token accounts so", "_bot_")
	add("domain", "ends", "cloud service accounts", "gserviceaccount.com")
	add("domain", "is", "the address of a known bot", "dependabot.com|renovateapp.com|greenkeeper.io|travis-ci.org|circleci.com|bot.noreply.github.com|weblate.org|pyup.io")
	return out
}

var marks = Marks()

// Classify says whose one identity is, with the mark or the domain as evidence.
func Classify(id Identity, c Config) (Kind, string) {
	return classify(id, firmDomains(c.FirmDomains))
}

func classify(id Identity, firm []string) (Kind, string) {
	if m, ok := serviceMark(id); ok {
		return Service, fmt.Sprintf("%s %s %q: %s", m.Where, m.How, m.Text, m.Why)
	}
	email := foldEmail(id.Email)
	if !isEmail(email) {
		return Unknown, "no e-mail address"
	}
	_, domain, _ := strings.Cut(email, "@")
	if d := underDomain(domain, firm); d != "" {
		return Ours, fmt.Sprintf("the domain %s belongs to the firm (%s)", domain, d)
	}
	if n, ok := ParseNoreply(email); ok {
		return Unknown, "a noreply address of " + n.Host + " does not tell the employer"
	}
	if isPlaceholder(email, firm) {
		return Unknown, "a placeholder address"
	}
	if len(firm) == 0 {
		return Unknown, "no domains of the firm are configured"
	}
	return Outside, "the domain " + domain + " is not of the firm"
}

// serviceMark returns the first mark that an identity bears.
func serviceMark(id Identity) (Mark, bool) {
	local, domain, _ := strings.Cut(foldEmail(id.Email), "@")
	fields := map[string]string{"name": strings.ToLower(strings.TrimSpace(id.Name)), "local": local, "domain": domain}
	if n, ok := ParseNoreply(id.Email); ok {
		fields["local"] = n.Login
	}
	for _, m := range marks {
		text, found := fields[m.Where], false
		switch m.How {
		case "is":
			found = text == m.Text
		case "begins":
			found = strings.HasPrefix(text, m.Text)
		case "ends":
			found = strings.HasSuffix(text, m.Text)
		case "contains":
			found = strings.Contains(text, m.Text)
		}
		if found {
			return m, true
		}
	}
	return Mark{}, false
}

// kindOfAll weighs the identities of a person: one address of the firm makes it
// ours, services count only when nothing else is there.
func kindOfAll(ids []Identity, firm []string) (Kind, string) {
	evidence := map[Kind]string{}
	for _, id := range ids {
		if k, why := classify(id, firm); evidence[k] == "" {
			evidence[k] = why
		}
	}
	for _, k := range []Kind{Ours, Outside, Unknown, Service} {
		if evidence[k] != "" && (k != Unknown || evidence[Service] == "") {
			return k, evidence[k]
		}
	}
	return Unknown, ""
}
