package listing_test

import "context"

// contextOf is the context of work inside property tests, which have none of their own.
func contextOf() context.Context { return context.Background() }
