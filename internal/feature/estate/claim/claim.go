// Package claim decides which of the places that a look found are one repository because they name
// the same remote. What a folder says of its remote is a claim: it counts when the two places have a
// commit in common. A place that Steward fetches itself is judged when it has been read.
//
//	both heads are one commit                     the same
//	first commits of both known                   the same when one of them is in both
//	one of them is shallow                        the same when the head of one lies in the history of the other
//	anything else, one without a commit as well   not shown to be the same: another repository
//
// A copy that was joined so, and not by a person, is judged again when it has changed. One that names
// another remote now, or has first commits of its own, is another repository.
package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// maxReach is for how many others it is looked whether a shallow place lies in their history: each
// costs processes, and anybody can write a remote into any number of folders.
const maxReach = 10

// batch is how many places one query asks for.
const batch = 500

// Verdict is what was found out about one place.
type Verdict struct {
	With  string // address of a place with which it has remote and commit in common; empty: none
	Other string // address of another place that names the same remote when With is empty; empty: none
}

// Judge compares the places of a look that are new, and copies that have changed, with those that
// name the same remote. Places without a verdict stay what they are.
func Judge(ctx context.Context, db store.Reader, git gitrepo.Config, s source.Source, all []source.Found) (map[string]Verdict, error) {
	j := &judge{git: git, known: map[string]known{}, byRemote: map[string][]*side{}, byID: map[int64]*side{}, verdicts: map[string]Verdict{}}
	if err := j.load(ctx, db, s, all); err != nil {
		return nil, err
	}
	for _, one := range all {
		k, isKnown := j.known[one.Address]
		switch {
		case isKnown && (!k.copied || one.Fingerprint == "" || one.Fingerprint == k.proved || one.Path != one.Address):
		case isKnown:
			j.again(ctx, one, k)
		case one.Remote != "":
			j.among(ctx, one, &side{address: one.Address, path: one.Path}, 0)
		}
	}
	return j.verdicts, ctx.Err()
}

// known is a place that was found before.
type known struct {
	repository int64
	copied     bool // it is a copy, and no person joined it
	remote     string
	proved     string // fingerprint with which it was shown to be the same
}

// side is one of two that are compared: a place that is new, or a repository that is known.
type side struct {
	repository int64 // 0: new
	address    string
	path       string
	head       string
	roots      []string
	looked     bool // at its head
	rooted     bool // its first commits were looked for
}

type judge struct {
	git      gitrepo.Config
	known    map[string]known   // by address
	byRemote map[string][]*side // in the order in which they were found
	byID     map[int64]*side
	verdicts map[string]Verdict
}

// again judges a copy that has changed.
func (j *judge) again(ctx context.Context, one source.Found, k known) {
	here, whole, left := &side{address: one.Address, path: one.Path}, j.byID[k.repository], maxReach
	switch {
	case whole.address == one.Address: // the repository is read from here, and reading it says whether it is another one
	case j.same(ctx, here, whole, &left), one.Remote == k.remote && (!here.whole() || !whole.whole()):
		j.verdicts[one.Address] = Verdict{With: whole.address}
	default:
		j.among(ctx, one, here, k.repository)
	}
}

// among compares a place with all that name its remote, but for the repository that it is not.
func (j *judge) among(ctx context.Context, one source.Found, here *side, not int64) {
	var verdict Verdict
	left := maxReach
	for _, other := range j.byRemote[one.Remote] {
		if other.repository == not && not > 0 {
			continue
		}
		if j.same(ctx, here, other, &left) {
			j.verdicts[one.Address] = Verdict{With: other.address}
			return
		}
		verdict.Other = cmp.Or(verdict.Other, other.address)
	}
	j.verdicts[one.Address] = verdict
	if one.Remote != "" {
		j.byRemote[one.Remote] = append(j.byRemote[one.Remote], here)
	}
}

// same reports whether two have a commit in common; left counts down how often that may still cost more than first commits.
func (j *judge) same(ctx context.Context, a, b *side, left *int) bool {
	return ctx.Err() == nil && (j.alike(ctx, a, b) || j.reaching(ctx, a, b, left))
}

// whole reports whether the first commits are known.
func (s *side) whole() bool { return len(s.roots) > 0 }

// alike reports whether two have their head or a first commit in common.
func (j *judge) alike(ctx context.Context, a, b *side) bool {
	j.findHead(ctx, a)
	j.findHead(ctx, b)
	if a.head == "" || b.head == "" {
		return false
	}
	if a.head == b.head {
		return true
	}
	j.findRoots(ctx, a)
	j.findRoots(ctx, b)
	return common(a.roots, b.roots)
}

// reaching reports whether one head lies in the history of the other, where that cannot be told by
// first commits.
func (j *judge) reaching(ctx context.Context, a, b *side, left *int) bool {
	if a.head == "" || b.head == "" || (a.whole() && b.whole()) || *left == 0 {
		return false
	}
	*left--
	return j.reaches(ctx, a.head, b) || j.reaches(ctx, b.head, a)
}

// reaches reports whether a commit lies in the history of a place. That its object is there is not
// enough: a place may borrow the objects of another one.
func (j *judge) reaches(ctx context.Context, commit string, in *side) (found bool) {
	j.open(ctx, in, func(repo *gitrepo.Repo) {
		if in.whole() {
			roots, err := repo.RootCommits(ctx, commit)
			found = err == nil && common(roots, in.roots)
			return
		}
		ok, err := repo.IsAncestor(ctx, commit, in.head)
		found = err == nil && ok
	})
	return found
}

func (j *judge) findHead(ctx context.Context, s *side) {
	if s.looked || s.head != "" {
		return
	}
	s.looked = true
	j.open(ctx, s, func(repo *gitrepo.Repo) {
		if branch, err := repo.DefaultBranch(); err == nil {
			s.head = branch.Commit
		}
	})
}

func (j *judge) findRoots(ctx context.Context, s *side) {
	if s.rooted || s.whole() {
		return
	}
	s.rooted = true
	j.open(ctx, s, func(repo *gitrepo.Repo) {
		if roots, err := repo.RootCommits(ctx, s.head); err == nil {
			s.roots = roots
		}
	})
}

// open opens a place for a moment. One that cannot be opened shows nothing; reading it says why.
func (j *judge) open(ctx context.Context, s *side, use func(*gitrepo.Repo)) {
	repo, err := gitrepo.Open(ctx, s.path, j.git)
	if err != nil {
		return
	}
	defer repo.Close()
	use(repo)
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(commit string) bool { return slices.Contains(b, commit) })
}

// load reads what is known of the places of a look and of those that name the same remotes.
func (j *judge) load(ctx context.Context, db store.Reader, s source.Source, all []source.Found) error {
	folders, err := store.Collect(func(row store.Scanner) (place string, err error) { return place, row.Scan(&place) })(
		db.Query(ctx, `SELECT address FROM source WHERE kind = 'folder' AND removed_at = 0`))
	if err != nil {
		return fmt.Errorf("load the folders that were given: %w", err)
	}
	j.git = source.Within(j.git, append(folders, s.Address)...)
	for part := range slices.Chunk(all, batch) {
		if err := j.loadPart(ctx, db, part); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) loadPart(ctx context.Context, db store.Reader, part []source.Found) error {
	var args []any
	var addresses, remotes []string
	in := func(value string) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	for _, one := range part {
		addresses = append(addresses, in(one.Address))
		if one.Remote != "" {
			remotes = append(remotes, in(one.Remote))
		}
	}
	concerned := `SELECT repository_id FROM location WHERE address IN (` + strings.Join(addresses, ", ") + `)`
	if len(remotes) > 0 {
		concerned += ` UNION SELECT repository_id FROM location WHERE remote IN (` + strings.Join(remotes, ", ") + `)`
	}
	roots, err := loadRoots(ctx, db, concerned, args)
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, `SELECT l.repository_id, l.address, l.path, l.remote, l.role, l.split_from, l.proved, r.head_commit
		FROM location l JOIN repository r ON r.id = l.repository_id WHERE l.repository_id IN (`+concerned+`)
		ORDER BY l.repository_id, l.role, l.missing_since, l.first_seen_at, l.id`, args...)
	if err != nil {
		return fmt.Errorf("load the places of repositories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k known
		var here side
		var role string
		var joined int64
		if err := rows.Scan(&k.repository, &here.address, &here.path, &k.remote, &role, &joined, &k.proved, &here.head); err != nil {
			return fmt.Errorf("load the places of repositories: %w", err)
		}
		k.copied = role == "copy" && joined == 0
		j.known[here.address] = k
		whole := j.byID[k.repository]
		if whole == nil {
			here.repository, here.roots = k.repository, roots[k.repository]
			whole = &here
			j.byID[k.repository] = whole
		}
		if k.remote != "" && !slices.Contains(j.byRemote[k.remote], whole) {
			j.byRemote[k.remote] = append(j.byRemote[k.remote], whole)
		}
	}
	return rows.Err()
}

func loadRoots(ctx context.Context, db store.Reader, concerned string, args []any) (map[int64][]string, error) {
	rows, err := db.Query(ctx, `SELECT repository_id, commit_id FROM repository_root WHERE repository_id IN (`+concerned+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("load first commits: %w", err)
	}
	defer rows.Close()
	all := map[int64][]string{}
	for rows.Next() {
		var id int64
		var commit string
		if err := rows.Scan(&id, &commit); err != nil {
			return nil, fmt.Errorf("load first commits: %w", err)
		}
		all[id] = append(all[id], commit)
	}
	return all, rows.Err()
}
