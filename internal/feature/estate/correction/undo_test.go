package correction_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"steward/internal/feature/estate/correction"
	"steward/internal/feature/estate/fact"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

var other = access.As("n", "Nia", access.Member)

// accept accepts a correction a second after what was before.
func (o *office) accept(uid string) (batch string) {
	o.t.Helper()
	return o.deed(o.Decide(o.t.Context(), admin, []string{uid}, true, ""))
}

func (o *office) deed(batch string, err error) string {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	o.now = o.now.Add(time.Second)
	return batch
}

func (o *office) refusesUndo(what string, v access.Viewer, batch string, kind fault.Kind) {
	o.t.Helper()
	if _, err := o.Undo(o.t.Context(), v, batch); !errors.Is(err, kind) {
		o.t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func (o *office) batch(uid string) (batch string) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT batch FROM correction WHERE uid = $1`, uid).Scan(&batch); err != nil {
		o.t.Fatal(err)
	}
	return batch
}

func TestUndoingBringsNothingBackBesideWhatWasDecidedSince(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		y := o.say(other, is("0BSD"))
		x := o.say(member, is("ISC"))
		o.accept(x.UID)
		withdrawn := o.deed(o.Withdraw(t.Context(), member, x.UID))
		o.accept(y.UID)
		o.refusesUndo("an author over an administrator", member, withdrawn, fault.NotFound)
		o.refusesUndo("an administrator", admin, withdrawn, fault.NotFound)
		o.wantStates("as the administrator left it", correction.Withdrawn, correction.Binding)
		o.want("as the administrator left it", "0BSD")
		o.deed(o.Withdraw(t.Context(), admin, y.UID))
		o.refusesUndo("when what was decided since is over", member, withdrawn, fault.NotFound)
		o.want("nothing counts", "MIT")
	})
}

func TestAnAuthorUndoesTheirOwnDeedOnly(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.say(member, is("ISC"))
		o.accept(c.UID)
		own := o.deed(o.Withdraw(t.Context(), member, c.UID))
		o.refusesUndo("somebody else", other, own, fault.Denied)
		if _, err := o.Undo(t.Context(), member, own); err != nil {
			t.Errorf("their own: %v", err)
		}
		o.want("their own undone", "ISC")
		o.now = o.now.Add(time.Second)
		theirs := o.deed(o.Withdraw(t.Context(), admin, c.UID))
		o.refusesUndo("an administrator's withdrawal", member, theirs, fault.Denied)
		o.want("an administrator's withdrawal", "MIT")
		if _, err := o.Undo(t.Context(), admin, theirs); err != nil {
			t.Errorf("by who did it: %v", err)
		}
		o.want("undone by who did it", "ISC")
	})
}

func TestADeedIsUndoneAsAWholeOrNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.say(admin, is("ISC"))
		second := o.say(admin, is("0BSD"))
		deed := o.batch(second.UID)
		o.say(admin, is("Zlib"))
		o.refusesUndo("one of it has moved on", admin, deed, fault.NotFound)
		o.wantStates("as before", correction.Binding, correction.Ended, correction.Ended)
		o.want("as before", "Zlib")

		a, b := o.say(member, is("Apache-2.0")), o.say(other, is("BSL-1.0"))
		both := o.deed(o.Decide(t.Context(), admin, []string{a.UID, b.UID}, true, ""))
		o.wantStates("two of one value at once", correction.Binding, correction.Ended, correction.Ended, correction.Ended, correction.Ended)
		if _, err := o.Undo(t.Context(), admin, both); err != nil {
			t.Fatal(err)
		}
		o.wantStates("undone", correction.Queued, correction.Queued, correction.Binding, correction.Ended, correction.Ended)
		o.want("undone", "Zlib")
	})
}

func TestADeedOnTwoValuesIsNotUndoneForOne(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		described := is("Keeps the books")
		described.Name = "description"
		a, b := o.say(member, is("ISC")), o.say(member, described)
		both := o.deed(o.Decide(t.Context(), admin, []string{a.UID, b.UID}, true, ""))
		o.deed(o.Withdraw(t.Context(), member, b.UID))
		o.refusesUndo("one value has moved on", admin, both, fault.NotFound)
		o.wantStates("the other stays", correction.Binding)
		o.want("the other stays", "ISC")
	})
}

func TestOneIsBindingWhenManySaySoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const many = 4
		errs := make([]error, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() { _, errs[i] = o.Say(t.Context(), admin, is(fmt.Sprintf("LicenseRef-%d", i))) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		count := map[correction.State]int{}
		for _, state := range o.states() {
			count[state]++
		}
		if count[correction.Binding] != 1 || count[correction.Ended] != many-1 {
			t.Errorf("states: %v", count)
		}
		err := o.db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE correction SET state = 'binding'`)
			return err
		})
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("the database takes a second one: %v", err)
		}
	})
}

func TestManyClaimsReopenNothingUntilTheyChange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		claims := func(n int) (all []fact.Fact) {
			for i := range n {
				one := licence("MIT", 1)
				one.File = fmt.Sprintf("part%03d/LICENSE", i)
				all = append(all, one)
			}
			return all
		}
		o.read("r-ledger", claims(201)...)
		o.say(admin, is("ISC"))
		o.read("r-ledger", claims(201)...)
		o.wantStates("the same 201", correction.Binding)
		o.want("the same 201", "ISC")
		o.read("r-ledger", claims(20)...)
		o.wantStates("most are gone", correction.Reopened)
	})
}
