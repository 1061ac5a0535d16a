// Package folder finds the component in whose folder a path lies.
package folder

import "strings"

// Components are those of one repository by their folders. The zero value is empty.
type Components struct{ byRoot map[string]int64 }

// Add keeps a component's folder and id; of several in one folder the first counts.
func (c *Components) Add(root string, id int64) {
	if c.byRoot == nil {
		c.byRoot = map[string]int64{}
	}
	if _, ok := c.byRoot[root]; !ok {
		c.byRoot[root] = id
	}
}

// Of finds the component in whose folder a path lies: the one with the longest
// root. False when none has it.
func (c Components) Of(path string) (id int64, ok bool) {
	for dir := above(path); ; dir = above(dir) {
		if id, ok := c.byRoot[dir]; ok {
			return id, true
		}
		if dir == "" {
			return 0, false
		}
	}
}

func above(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}
