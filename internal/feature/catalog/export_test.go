package catalog

import "steward/internal/platform/web"

// TemplateData gives each template the type of its data, for the test that checks them.
func TemplateData() map[string]any {
	return map[string]any{
		"catalog/component": componentView{}, "catalog/owners": ownersView{}, "catalog/relations": relationsView{}, "catalog/facts": factsView{},
		"catalog/owned": []web.Part{}, "catalog/inside": insideView{}, "catalog/owns": ownsView{}, "catalog/entity": entityView{}, "catalog/assign": assignView{},
	}
}
