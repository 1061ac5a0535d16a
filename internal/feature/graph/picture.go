package graph

import (
	"fmt"

	"steward/internal/platform/web/piece"
)

// Sizes of the picture, in its own units; one is a pixel where there is room.
const (
	boxWidth    = 196
	boxHeight   = 40
	columnWidth = 276
	rowHeight   = 48
	margin      = 8
	lowest      = 6  // rows that a short column stands below the top of the tallest at most
	nameLength  = 26 // letters that fit into a box
)

// picture is a neighbourhood as it is drawn: one column for each step, what
// leads to the record left of it.
type picture struct {
	Width, Height int
	Sentence      string
	Boxes         []box
	Curves        []curve
	Legend        []legend
}

// box is a node. X and Y are its upper left corner.
type box struct {
	Node
	X, Y          int
	Name1, Below  string // as they fit
	Title         string
	Link          string
	Series        int // colour of its kind, from 1
	Width, Height int
	TextX         int
	NameY, BelowY int
	Middle        bool
}

// curve joins two boxes.
type curve struct {
	Path  string
	Title string
}

type legend struct {
	Name   string
	Series int
}

// draw lays a neighbourhood out.
func (f *Feature) draw(n Neighbourhood, q Question) picture {
	first, columns := 0, map[int][]int{}
	last, rows := 0, 0
	for i, node := range n.Nodes {
		columns[node.Level] = append(columns[node.Level], i)
		first, last, rows = min(first, node.Level), max(last, node.Level), max(rows, len(columns[node.Level]))
	}
	p := picture{
		Width: (last-first)*columnWidth + boxWidth + 2*margin, Height: rows*rowHeight + 2*margin, Boxes: make([]box, len(n.Nodes)),
		Sentence: n.Of.Name + " and what is around it. The list says the same in words.",
	}
	used := map[string]bool{}
	for level, nodes := range columns {
		top := margin + min((rows-len(nodes))*rowHeight/2, lowest*rowHeight)
		for row, i := range nodes {
			p.Boxes[i] = f.box(n.Nodes[i], q)
			p.Boxes[i].X, p.Boxes[i].Y = margin+(level-first)*columnWidth, top+row*rowHeight
			p.Boxes[i].TextX, p.Boxes[i].NameY, p.Boxes[i].BelowY = p.Boxes[i].X+14, p.Boxes[i].Y+17, p.Boxes[i].Y+32
			used[n.Nodes[i].Kind] = true
		}
	}
	for i, k := range f.kinds {
		if used[k.Name] {
			p.Legend = append(p.Legend, legend{k.Many, i + 1})
		}
	}
	for _, line := range n.Lines {
		p.Curves = append(p.Curves, between(p.Boxes[line.From], p.Boxes[line.To], line.Says))
	}
	return p
}

func (f *Feature) box(n Node, q Question) box {
	b := box{Node: n, Width: boxWidth, Height: boxHeight, Middle: n.Level == 0, Title: n.Name, Link: n.Href}
	kind, _ := f.kind(n.Kind)
	for i, k := range f.kinds {
		if k.Name == n.Kind {
			b.Series = i + 1
		}
	}
	b.Below = kind.One
	switch {
	case n.Many > 0:
		b.Title, b.Below = n.count()+" "+n.Name, n.Says+": the list"
	case n.Level == 0:
	case n.Open:
		b.Link = Question{Of: n.Ref, Depth: q.Depth}.address()
	default:
		b.Link = q.opened(n.Ref).address()
	}
	if n.Note != "" {
		b.Below += " · " + n.Note
	}
	b.Name1, b.Below = cut(b.Title), cut(b.Below)
	return b
}

// count is how many records a node stands for.
func (n Node) count() string {
	if n.More {
		return piece.Number(int64(n.Many)) + "+"
	}
	return piece.Number(int64(n.Many))
}

// cut keeps what fits into a box: beginning and end.
func cut(s string) string {
	r := []rune(s)
	if len(r) <= nameLength {
		return s
	}
	const tail = 12
	return string(r[:nameLength-tail-1]) + "…" + string(r[len(r)-tail:])
}

// between draws the line between two boxes: from side to side, or around one side
// where they stand in one column.
func between(from, to box, says string) curve {
	c := curve{Title: from.Title + " " + says + " " + to.Title}
	y1, y2 := from.Y+boxHeight/2, to.Y+boxHeight/2
	switch {
	case from.X == to.X:
		x := from.X + boxWidth
		c.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y1, x+50, y1, x+50, y2, x, y2)
	case from.X < to.X:
		x1, x2 := from.X+boxWidth, to.X
		c.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+50, y1, x2-50, y2, x2, y2)
	default:
		x1, x2 := from.X, to.X+boxWidth
		c.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1-50, y1, x2+50, y2, x2, y2)
	}
	return c
}
