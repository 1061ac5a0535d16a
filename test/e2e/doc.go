// Package e2e tries the real binary as a user does: over its command line, its
// addresses, and in Chromium. It is a module of its own, so that what only
// tests need stays out of the product.
package e2e
