package access_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
)

var everyAction = append(access.Actions(), "something unheard of")

func TestWhoMayWhat(t *testing.T) {
	viewers := map[string]access.Viewer{
		"nobody":        {},
		"odd role":      access.As("a-1", "Ann", "owner"),
		"no account":    access.As("", "Ann", access.Admin),
		"admin":         access.As("a-1", "Ann", access.Admin),
		"member":        access.As("a-2", "Ben", access.Member),
		"auditor":       access.As("a-3", "Cas", access.Auditor),
		"the programme": access.System("scan"),
	}
	want := map[string][]access.Action{
		"nobody": nil, "odd role": nil, "no account": nil,
		"admin":         everyAction[:len(everyAction)-1],
		"member":        {access.LinkRecords, access.ReadEstate},
		"auditor":       {access.ReadRestricted, access.ReadAudit, access.ReadEstate, access.ReadJobs},
		"the programme": everyAction,
	}
	got := map[string][]access.Action{}
	for name, v := range viewers {
		got[name] = nil
		for _, a := range everyAction {
			err := v.Require(a)
			if v.Can(a) != (err == nil) {
				t.Errorf("%s: Can(%q) = %v but Require gives %v", name, a, v.Can(a), err)
			}
			if err == nil {
				got[name] = append(got[name], a)
			} else if !errors.Is(err, fault.Denied) {
				t.Errorf("%s: Require(%q) = %v, want a fault.Denied", name, a, err)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestWhere(t *testing.T) {
	want := map[string]string{
		"nobody":  "1 = 0",
		"member":  "r.visibility = 'internal'",
		"auditor": "1 = 1",
		"admin":   "1 = 1",
		"system":  "1 = 1",
	}
	got := map[string]string{
		"nobody":  access.Viewer{}.Where("r.visibility"),
		"member":  access.As("a", "n", access.Member).Where("r.visibility"),
		"auditor": access.As("a", "n", access.Auditor).Where("r.visibility"),
		"admin":   access.As("a", "n", access.Admin).Where("r.visibility"),
		"system":  access.System("scan").Where("r.visibility"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestWhereRefusesWhatIsNoColumn(t *testing.T) {
	for _, column := range []string{"", "a b", "x' OR '1'='1", "a;b", "a--"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Where(%q) did not panic", column)
				}
			}()
			access.As("a", "n", access.Member).Where(column)
		}()
	}
}

func TestDeniedSaysWhoGrants(t *testing.T) {
	err := access.As("a", "Ben", access.Member).Require(access.ReadAudit)
	want := "Your role (member) may not read the audit log. Ask an administrator of this Steward for the role admin or auditor."
	if got := fault.Sentence(err); got != want {
		t.Errorf("sentence %q, want %q", got, want)
	}
	err = access.Viewer{}.Require(access.ReadAudit)
	want = "You are not signed in, so you may not read the audit log. Sign in and try again."
	if got := fault.Sentence(err); got != want {
		t.Errorf("sentence %q, want %q", got, want)
	}
}

func TestNames(t *testing.T) {
	type row struct {
		Account, Name, Reason string
		Role                  access.Role
		Valid, System         bool
	}
	look := func(v access.Viewer) row {
		return row{v.AccountID(), v.Name(), v.Reason(), v.Role(), v.Valid(), v.IsSystem()}
	}
	want := []row{
		{},
		{Account: "a-1", Name: "Ann", Role: access.Admin, Valid: true},
		{Name: "Steward (scan)", Reason: "scan", Valid: true, System: true},
	}
	got := []row{look(access.Viewer{}), look(access.As("a-1", "Ann", access.Admin)), look(access.System("scan"))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
