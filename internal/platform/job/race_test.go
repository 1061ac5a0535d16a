//go:build race

package job_test

// load divides the number of jobs in tests: SQLite is Go code here, and the race detector makes it
// some thirty times slower.
const load = 20
