//go:build !race

package job_test

// load divides the number of jobs in tests; see race_test.go.
const load = 1
