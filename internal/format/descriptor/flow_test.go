package descriptor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReferencesWithinBraces: a colon without a space after it is part of a plain scalar.
func TestReferencesWithinBraces(t *testing.T) {
	entities, problems := Parse([]byte(`apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: a}
spec: {type: service, lifecycle: production, owner: group:default/core, dependsOn: [component:b, resource:default/db], ports: {http: 80}}
`))
	if len(problems) > 0 || len(entities) != 1 {
		t.Fatalf("%d entities, problems %v", len(entities), problems)
	}
	got := map[string]string{}
	for _, r := range entities[0].Relations {
		got[r.TargetRef.String()] = r.Type
	}
	want := map[string]string{"group:default/core": "ownedBy", "component:default/b": "dependsOn", "resource:default/db": "dependsOn"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("relations (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(`{"type":"service","lifecycle":"production","owner":"group:default/core","dependsOn":["component:b","resource:default/db"],"ports":{"http":80}}`, string(entities[0].Spec)); diff != "" {
		t.Errorf("spec (-want +got)\n%s", diff)
	}
}
