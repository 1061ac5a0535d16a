package people

import "steward/internal/platform/listing"

// PersonList is the list of people, for tests of how it is read.
func (f *Feature) PersonList() listing.Spec { return f.personList() }
