package portfolio_test

import (
	"fmt"

	"steward/internal/feature/catalog/match"
	"steward/internal/feature/portfolio/sheet"
)

// What a file says of an application, and which repository it means.
func Example() {
	read, err := sheet.Read([]byte("App ID;Criticality;Repo\nA-1;T1;core/ledger\n"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	index := match.New([]match.Repository{{ID: 7, Name: "ledger", Addresses: []string{"git.bank.example/core/ledger"}}}, nil)
	for _, a := range read.Applications {
		fmt.Println(a.Key, a.Tier, index.Find(a.Parts[0].Repository, a.Parts[0].Component).RepositoryID)
	}
	// Output: A-1 Tier 1 7
}
