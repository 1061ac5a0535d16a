package settings

import (
	"embed"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed page
var pages embed.FS

// Mount hands over the pages of settings and what programs read of them. Retention: the audit log
// keeps everything; accounts are disabled, never removed.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{Name: "settings", Pages: f.mountPages, API: f.mountAPI}
}

func (f *Feature) mountPages(s *web.Server) {
	s.Templates("settings", pages)
	s.Nav(web.Nav{Area: web.Foot, Order: 20, Label: "Settings", Icon: "gear", Path: "/settings", Also: []string{"/account", "/audit", "/sources"}})
	s.Page("/settings", "", f.generalPage)
	s.Post("/settings", access.ManageSettings, f.saveGeneral)

	s.Page("/settings/accounts", access.ManageAccounts, f.accountsPage)
	s.Raw("POST /settings/accounts", access.ManageAccounts, once(s, f.addAccount))
	s.Raw("POST /settings/accounts/{id}/link", access.ManageAccounts, once(s, f.newLink))
	s.Post("/settings/accounts/{id}/role", access.ManageAccounts, f.changeRole)
	s.Post("/settings/accounts/{id}/disable", access.ManageAccounts, f.disable)
	s.Post("/settings/accounts/{id}/enable", access.ManageAccounts, f.enable)

	s.Page("/account", "", f.accountPage)
	s.Raw("POST /account/tokens", "", once(s, f.newToken))
	s.Post("/account/tokens/{id}/revoke", "", f.revokeToken)

	s.List(auditList, f.db, web.ListOptions{
		Area: web.Foot, Needs: access.ReadAudit, Crumbs: []web.Crumb{{Label: "Settings", Href: "/settings"}},
		Lede:    "Who did what to which record. Entries are chained and signed, so that later changes to them show.",
		Actions: []web.Action{{Label: "Verify the log", Href: "/audit/verification", Icon: "check"}, {Label: "Signed heads, to keep elsewhere", Href: "/audit/heads.jsonl"}},
	})
	s.Page("/audit/verification", access.ReadAudit, f.verifiedPage)
	s.Raw("GET /audit/heads.jsonl", access.ReadAudit, f.auditHeads)
	s.Page("/settings/storage", access.ManageSettings, f.storagePage)
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{Path: "/api/v1/settings", Tag: "Settings", Summary: "All settings, with their values", Needs: access.ReadEstate}, f.apiSettings)
	api.Get(a, api.Doc{Path: "/api/v1/accounts", Tag: "Settings", Summary: "Accounts, by name", Needs: access.ManageAccounts}, f.apiAccounts)
	api.Get(a, api.Doc{Path: "/api/v1/account", Tag: "Settings", Summary: "The account that asks, with its tokens"}, f.apiAccount)
	api.Get(a, api.Doc{
		Path: "/api/v1/audit/verification", Tag: "Settings", Summary: "Whether the audit log is as it was written", Needs: access.ReadAudit,
		Text: "Walks the whole log, which takes about a second for 100,000 entries.",
	}, f.apiVerify)
	api.Get(a, api.Doc{Path: "/api/v1/storage", Tag: "Settings", Summary: "Where data lie and how large they are", Needs: access.ManageSettings}, f.apiStorage)
}
