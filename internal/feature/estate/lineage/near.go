package lineage

import "fmt"

// The first commits b whose templates are looked for: that of $1, and the newest with one of the first
// few files of their samples in $1. Of nearly equal samples hardly one has none of those.
const (
	ownRoot        = `b.repository_id = $1`
	rootsWithFiles = `b.repository_id IN (SELECT f.repository_id FROM repository_file e JOIN repository_root_file f ON f.file = e.file AND f.seq < 4
		WHERE e.repository_id = $1 AND f.repository_id <> $1)`
)

// nearly is SQL for the births of the chosen first commits that no template has all files of. Each
// repository that was the first with one of the files may be the template. It is when it had nearly
// all of them: at least 5, and all but one, or all but a tenth. Of several it is the one that had the
// most, then the one that had them first. Chosen further says which of those are wanted.
func nearly(chosen, wanted string) string {
	return `WITH kid AS (SELECT b.repository_id AS child, b.commit_id AS root, b.telling, b.committed_at AS made FROM repository_root b
			WHERE b.telling > 0 AND ` + chosen + ` AND NOT EXISTS (SELECT 1 FROM ` + fmt.Sprintf(candidates, "t") + `) ORDER BY b.committed_at DESC, b.repository_id LIMIT 100),
		first AS (SELECT DISTINCT k.child, k.made, (SELECT e.repository_id FROM repository_file e JOIN repository r ON r.id = e.repository_id AND r.joined_into = 0
				WHERE e.file = f.file AND e.committed_at < k.made AND e.repository_id <> k.child
				ORDER BY e.committed_at, e.repository_id LIMIT 1) AS template
			FROM kid k JOIN repository_root_file f ON f.repository_id = k.child),
		shared AS (SELECT i.child, i.template, COUNT(*) AS same, MAX(e.committed_at) AS since,
				(SELECT CASE WHEN COUNT(*) < ` + fmt.Sprint(maxFiles) + ` THEN 9223372036854775807 ELSE MAX(file) END FROM repository_file m WHERE m.repository_id = i.template) AS bound
			FROM first i JOIN repository_root_file f ON f.repository_id = i.child
			JOIN repository_file e ON e.repository_id = i.template AND e.file = f.file AND e.committed_at < i.made
			WHERE NOT EXISTS (SELECT 1 FROM repository_root mine JOIN repository_root other ON other.commit_id = mine.commit_id
				WHERE mine.repository_id = i.child AND other.repository_id = i.template)
			GROUP BY i.child, i.template HAVING COUNT(*) >= 5),
		measured AS (SELECT s.child, s.template, s.same, s.since,
				(SELECT COUNT(*) FROM repository_root_file f WHERE f.repository_id = s.child AND f.file <= s.bound) AS looked FROM shared s),
		ranked AS (SELECT m.*, ROW_NUMBER() OVER (PARTITION BY child ORDER BY same DESC, since, template) AS place
			FROM measured m WHERE looked - same <= 1 OR (looked - same) * 10 <= looked)
		SELECT n.child, n.template, k.root,
			COALESCE((SELECT t.commit_id FROM repository_tree t WHERE t.repository_id = n.template AND t.committed_at < k.made ORDER BY t.committed_at DESC LIMIT 1), '') AS at_commit,
			EXISTS (SELECT 1 FROM repository_root o WHERE o.repository_id = n.template AND o.committed_at >= n.since) AS own,
			n.same, n.looked, k.telling, k.made FROM ranked n JOIN kid k ON k.child = n.child WHERE n.place = 1 AND ` + wanted
}
