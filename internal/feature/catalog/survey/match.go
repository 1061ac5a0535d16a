package survey

// Known is a component of a repository as it is stored.
type Known struct {
	ID      int64
	UID     string
	Root    string
	Ref     string
	Project string
	First   int64 // µs
	Gone    bool
}

// Match finds for each component of a snapshot the stored one that it is, or
// -1: by entity ref, by folder, by the name in its manifest. What is there
// comes before what had vanished, and a folder or a name counts only where it
// tells exactly one on both sides.
func Match(stored []Known, now []*Component) []int {
	m := matching{stored: stored, now: now, to: make([]int, len(now)), taken: make([]bool, len(stored))}
	for i := range m.to {
		m.to[i] = -1
	}
	for _, gone := range []bool{false, true} {
		m.by(gone, func(k Known) string { return k.Ref }, func(c *Component) string { return c.Ref })
		// A top folder has the empty name, so roots get a slash.
		m.by(gone, func(k Known) string { return "/" + k.Root }, func(c *Component) string { return "/" + c.Root })
		m.by(gone, func(k Known) string { return k.Project }, func(c *Component) string { return c.Project })
	}
	return m.to
}

type matching struct {
	stored []Known
	now    []*Component
	to     []int
	taken  []bool
}

func (m *matching) by(gone bool, ofStored func(Known) string, ofNow func(*Component) string) {
	stored, now := map[string][]int{}, map[string][]int{}
	for i, k := range m.stored {
		if key := ofStored(k); key != "" && !m.taken[i] && k.Gone == gone {
			stored[key] = append(stored[key], i)
		}
	}
	for i, c := range m.now {
		if key := ofNow(c); key != "" && m.to[i] < 0 {
			now[key] = append(now[key], i)
		}
	}
	for key, some := range now {
		if others := stored[key]; len(some) == 1 && len(others) == 1 {
			m.to[some[0]], m.taken[others[0]] = others[0], true
		}
	}
}
