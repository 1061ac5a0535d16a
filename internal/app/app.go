// Package app puts the program together: it is the only package that knows
// every feature. A new capability is added in compose.go in a few lines.
//
//	compose.go   the features, in the order in which their analysers write
//	run.go       the command line
//	command.go   the commands that belong to no feature
//	office.go    an open database with queue, accounts and audit: what runs
//	up.go        up, serve and work
//	front.go     where the hub is reached: address, certificate, public address
//	finder.go    the search field and its words
//	progress.go  what up says in a terminal while it reads
//	doctor.go    what is missing; egress.go which addresses are contacted
//	backup.go    backup, restore and move
//	control.go   the socket on which steward link reaches a running Steward
package app
