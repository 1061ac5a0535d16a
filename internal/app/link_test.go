package app

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
)

func TestALinkForAnAccountThatIsThereKeepsItsRole(t *testing.T) {
	ctx := context.Background()
	o, err := openOffice(ctx, officeConfig{version: "test", data: t.TempDir(), log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.platform.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, in := range []linkRequest{
		{}, {Account: "owner"}, {Account: "dana", Role: access.Auditor}, {Account: " dana "}, {Account: "eli"}, {Account: "eli", Role: access.Admin}, {Account: "eli"},
	} {
		if _, err := o.link(ctx, in); err != nil {
			t.Fatalf("%+v: %v", in, err)
		}
	}
	all, err := o.accounts.List(ctx, access.System("test"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]access.Role{}
	for _, a := range all {
		got[a.Name] = a.Role
	}
	want := map[string]access.Role{"owner": access.Admin, "dana": access.Auditor, "eli": access.Admin}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles, want -, got +:\n%s", diff)
	}
}
