package lockfile

// SpreadScopes gives every use the strongest scope among the named uses that
// bring it in along DependsOn, itself included. Named uses come with the scope
// of their declaration; what no named use brings in becomes Production,
// because nobody said otherwise. Scopes of transitive uses are overwritten.
func SpreadScopes(uses []Use) {
	reached := make([]bool, len(uses))
	var todo []int
	for _, scope := range []Scope{Production, Optional, Development, Test} {
		for i := range uses {
			if !reached[i] && uses[i].Named() && uses[i].Scope == scope {
				reached[i] = true
				todo = append(todo, i)
			}
		}
		for len(todo) > 0 {
			from := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, to := range uses[from].DependsOn {
				if !reached[to] {
					reached[to] = true
					uses[to].Scope = scope
					todo = append(todo, to)
				}
			}
		}
	}
	for i := range uses {
		if !reached[i] {
			uses[i].Scope = Production
		}
	}
}
