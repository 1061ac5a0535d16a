package identity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var bank = Config{FirmDomains: []string{"Bank.example", "@bank-it.test"}}

func TestGroup(t *testing.T) {
	in := []Identity{
		{"Jane Doe-Miller", "Jane@bank.example"},
		{"jane", "jane@BANK.example"},
		{"Doe-Miller, Jane (Payments)", "jdm@mail.test"},
		{"Jane Doe-Miller", "4711+janedm@users.noreply.github.com"},
		{"jdm", "4711+jane-new@users.noreply.github.com"},
		{"x", "janedm@users.noreply.github.com"},
		{"Bob", "bob@other.test"},
		{"Bob", "bob@bank.example"},
		{"Your Name", "you@example.com"},
		{"Ann Lee", "you@example.com"},
		{"GitHub", "noreply@github.com"},
		{"renovate[bot]", "noreply@github.com"},
		{"Bob", "bob@other.test"},
	}
	got, refusals := Group(in, bank)
	if len(refusals) != 0 {
		t.Errorf("refusals: %v", refusals)
	}
	var lines []string
	for _, p := range got {
		var ids []string
		for _, id := range p.Identities {
			ids = append(ids, id.Name+" <"+id.Email+">")
		}
		var joins []string
		for _, j := range p.Joins {
			joins = append(joins, fmt.Sprintf("%s %s ×%d", j.Rule, j.Value, len(j.Identities)))
		}
		lines = append(lines, fmt.Sprintf("%s: %s | %s", p.Kind, strings.Join(ids, "; "), strings.Join(joins, "; ")))
	}
	want := []string{
		"ours: jdm <4711+jane-new@users.noreply.github.com>; Jane Doe-Miller <4711+janedm@users.noreply.github.com>; " +
			"Jane Doe-Miller <Jane@bank.example>; jane <jane@BANK.example>; x <janedm@users.noreply.github.com>; Doe-Miller, Jane (Payments) <jdm@mail.test> | " +
			"e-mail jane@bank.example ×2; login github.com/#4711 ×2; login github.com/janedm ×2; name jane doe-miller ×3",
		"ours: Bob <bob@bank.example> | ",
		"outside: Bob <bob@other.test> | ",
		"service: GitHub <noreply@github.com> | ",
		"service: renovate[bot] <noreply@github.com> | ",
		"unknown: Ann Lee <you@example.com> | ",
		"unknown: Your Name <you@example.com> | ",
	}
	slices.Sort(lines)
	slices.Sort(want)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestRunaway(t *testing.T) {
	var in []Identity
	for i := range 30 {
		in = append(in, Identity{"Common Person", fmt.Sprintf("p%d@a.test", i)})
	}
	for i := range 25 {
		in = append(in, Identity{fmt.Sprintf("Shared Box%d", i), "team@a.test"})
	}
	// A chain of names and addresses that would make one person of 40 identities.
	for i := range 20 {
		in = append(in, Identity{"Chain " + strings.Repeat("x", i+2), fmt.Sprintf("c%d@a.test", i)},
			Identity{"Chain " + strings.Repeat("x", i+3), fmt.Sprintf("c%d@a.test", i)})
	}
	got, refusals := Group(in, Config{})
	for _, p := range got {
		if len(p.Identities) > 2 {
			t.Errorf("%d identities: %v", len(p.Identities), p.Joins)
		}
	}
	if len(refusals) != 2+19 || refusals[0].Value != "team@a.test" || refusals[0].Identities != 25 {
		t.Errorf("%d refusals: %v", len(refusals), refusals)
	}
}

func TestFullName(t *testing.T) {
	for in, want := range map[string]string{
		"Jane Doe-Miller": "jane doe-miller", "  JANE   doe ": "" /* a placeholder name */, "Jane Roe": "jane roe", "Roe, Jane": "jane roe",
		"Roe, Jane (EXT) [London]": "jane roe", "Seán O'Casey": "seán o'casey", "王 伟": "王 伟", "王伟": "", "J. Smith": "", "J S": "",
		"John F. Kennedy": "john f. kennedy", "jane": "", "root admin": "", "Your Name": "", "IT Support Team": "", "user123 name": "",
		"Ludwig van der Rohe": "ludwig van der rohe", "Иван Петров": "иван петров", "Author Name <x>": "", "a\xff b": "", "": "", ",": "", "(": "", "build bot": "",
	} {
		if got, ok := FullName(in); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q %v, want %q", in, got, ok, want)
		}
	}
}

func TestParseNoreply(t *testing.T) {
	for in, want := range map[string]Noreply{
		"123+Octo@users.noreply.github.com":      {"github.com", "octo", "123"},
		"octo@users.noreply.github.com":          {"github.com", "octo", ""},
		"12-octo@users.noreply.gitlab.com":       {"gitlab.com", "octo", "12"},
		"12-octo@users.noreply.git.bank.example": {"git.bank.example", "octo", "12"},
		"12-octo@users.noreply.github.com":       {"github.com", "12-octo", ""},
		"octo@noreply.codeberg.org":              {"codeberg.org", "octo", ""},
		"777@users.noreply.github.com":           {"github.com", "777", ""},
		"noreply@users.noreply.github.com":       {},
		"octo@github.com":                        {},
		"octo@users.noreply.":                    {},
		"@users.noreply.github.com":              {},
	} {
		if got, ok := ParseNoreply(in); got != want || ok != (want != Noreply{}) {
			t.Errorf("%q: got %+v %v", in, got, ok)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name, email string
		want        Kind
	}{
		{"Jane Roe", "jane@bank.example", Ours},
		{"Jane Roe", "jane@uk.Bank.Example", Ours},
		{"Jane Roe", "jane@bank-it.test", Ours},
		{"Jane Roe", "jane@notbank.example", Outside},
		{"Jane Roe", "jane@bank.example.evil.test", Outside},
		{"Jane Roe", "12-jane@users.noreply.git.bank.example", Ours},
		{"Jane Roe", "1+jane@users.noreply.github.com", Unknown},
		{"Jane Roe", "jane", Unknown},
		{"Jane Roe", "jane@laptop.local", Unknown},
		{"root", "root@localhost", Unknown},
		{"dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", Service},
		{"Deployer", "svc-deploy@bank.example", Service},
		{"Jenkins", "x@bank.example", Service},
		{"Build", "ci@bank.example", Service},
		{"GitHub", "noreply@github.com", Service},
		{"x", "project_12_bot_ab3@noreply.gitlab.com", Service},
		{"x", "a@p.iam.gserviceaccount.com", Service},
		{"acme-ci-bot", "x@y.test", Service},
		{"Tom Talbot", "tom.talbot@bank.example", Ours},
		{"Travis Hudson", "travis@bank.example", Ours},
		{"Paul Jenkins", "paul-jenkins@bank.example", Ours},
		{"Erik", "github@erik.test", Outside},
		{"Jane Roe", "postmaster@roe.test", Outside},
		{"Ann Abbot", "abbot@x.test", Outside},
	} {
		got, why := Classify(Identity{c.name, c.email}, bank)
		if got != c.want || why == "" {
			t.Errorf("%s <%s>: got %s (%s), want %s", c.name, c.email, got, why, c.want)
		}
	}
	if got, _ := Classify(Identity{"Jane Roe", "jane@x.test"}, Config{}); got != Unknown {
		t.Errorf("without firm domains: %s", got)
	}
}

func TestMarksAreUsable(t *testing.T) {
	for _, m := range Marks() {
		if m.Text == "" || m.Why == "" || m.Text != strings.ToLower(m.Text) || !strings.Contains("name local domain", m.Where) || !strings.Contains("is begins ends contains", m.How) {
			t.Errorf("%+v", m)
		}
	}
}

// Whatever the order of the input: the same persons, each identity in exactly
// one, none too large, and evidence only within its person.
func TestGroupProperties(t *testing.T) {
	names := rapid.SampledFrom([]string{"Ann Lee", "Lee, Ann", "Bob Roe", "Cy Poe", "ann", "", "ci-bot", "Your Name", "Dee Loe"})
	emails := rapid.SampledFrom([]string{
		"a@x.test", "A@x.test", "b@x.test", "c@bank.example", "1+ann@users.noreply.github.com",
		"1+lee@users.noreply.github.com", "lee@users.noreply.github.com", "noreply@x.test", "", "root@localhost", "d@x.test", "e@x.test",
	})
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Identity {
			return Identity{names.Draw(t, "name"), emails.Draw(t, "email")}
		}), 0, 40).Draw(t, "identities")
		c := Config{FirmDomains: []string{"bank.example"}, MaxIdentities: rapid.IntRange(0, 6).Draw(t, "max")}
		persons, refusals := Group(in, c)
		shuffled := append([]Identity(nil), in...)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		persons2, refusals2 := Group(shuffled, c)
		if diff := cmp.Diff(persons, persons2) + cmp.Diff(refusals, refusals2); diff != "" {
			t.Fatal(diff)
		}
		limit := c.MaxIdentities
		if limit == 0 {
			limit = DefaultMaxIdentities
		}
		owner := map[Identity]int{}
		for i, p := range persons {
			if len(p.Identities) > limit || p.Kind == "" || p.Evidence == "" {
				t.Fatalf("person %+v", p)
			}
			for _, id := range p.Identities {
				if _, twice := owner[id]; twice {
					t.Fatalf("%v is in two persons", id)
				}
				owner[id] = i
			}
		}
		for _, id := range in {
			if _, ok := owner[id]; !ok {
				t.Fatalf("%v is lost", id)
			}
		}
		for i, p := range persons {
			if len(p.Identities) > 1 && len(p.Joins) == 0 {
				t.Fatalf("no evidence: %+v", p)
			}
			for _, j := range p.Joins {
				for _, id := range j.Identities {
					if owner[id] != i {
						t.Fatalf("evidence of another person: %+v", j)
					}
				}
			}
		}
	})
}

func FuzzGroup(f *testing.F) {
	f.Add("Ann Lee", "1+a@users.noreply.github.com", "lee, ann", "a@bank.example")
	f.Add("\xff(", "@", "[bot]", "<a@b>")
	f.Fuzz(func(t *testing.T, n1, e1, n2, e2 string) {
		persons, _ := Group([]Identity{{n1, e1}, {n2, e2}, {n1, e2}}, bank)
		total := 0
		for _, p := range persons {
			total += len(p.Identities)
		}
		if total < 1 || total > 3 {
			t.Errorf("%d identities", total)
		}
	})
}

// 100,000 pairs of 40,000 people.
func BenchmarkGroup(b *testing.B) {
	in := make([]Identity, 100_000)
	for i := range in {
		in[i] = Identity{fmt.Sprintf("Given%c Sur%s", 'a'+i%26, string(rune('a'+i%24))), fmt.Sprintf("u%d@d%d.test", i%40_000, i%3)}
	}
	for b.Loop() {
		Group(in, bank)
	}
}
