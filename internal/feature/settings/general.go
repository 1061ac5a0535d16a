package settings

import (
	"context"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

// general is what page/general.tmpl shows.
type general struct {
	frame
	Name, Domains string
	Modes         []mode
	Changed       map[string]change // last changes by key
	Manage        bool
	Problems      []web.Problem
}

// change says who changed something last, and when.
type change struct {
	Who string
	At  time.Time
}

// mode is one way to show names of people.
type mode struct {
	Value, Label, Text string
	On                 bool
}

var modes = []mode{
	{Value: string(config.PeopleOff), Label: "Off", Text: "No names of people, and no figures of groups of people."},
	{Value: string(config.PeopleTeam), Label: "Teams", Text: "Teams and groups; a person's name only where an owner file publishes it."},
	{Value: string(config.PeopleNamed), Label: "Names", Text: "Names of people, and what each of them works on. Ask the works council or data protection before."},
}

// field gives the field of the form for the key of a setting.
var fields = []struct{ key, field string }{{"firm.name", "name"}, {"firm.domains", "domains"}, {"people.mode", "people"}}

func (f *Feature) generalPage(r *web.Request) (web.Page, error) {
	data, err := f.general(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	p := page("General", "general", data)
	p.Lede, p.API = "What is true of the whole of this Steward.", "/api/v1/settings"
	return p, nil
}

func (f *Feature) general(ctx context.Context, v access.Viewer) (general, error) {
	data := general{frame: sections(v, "/settings"), Changed: map[string]change{}, Manage: v.Can(access.ManageSettings)}
	all, err := f.settings.List(ctx, v)
	if err != nil {
		return data, err
	}
	names, err := f.names(ctx, v)
	if err != nil {
		return data, err
	}
	values := map[string]string{}
	for _, s := range all {
		values[s.Key] = s.Value
		if !s.Changed.IsZero() {
			data.Changed[s.Key] = change{who(names, s.By), s.Changed}
		}
	}
	data.Name, data.Domains, data.Modes = values["firm.name"], values["firm.domains"], modesWith(values["people.mode"])
	return data, nil
}

func modesWith(value string) []mode {
	all := make([]mode, len(modes))
	for i, m := range modes {
		m.On = m.Value == value
		all[i] = m
	}
	return all
}

// saveGeneral sets what was changed. A value that cannot be is shown again beside its reason; the
// others are saved.
func (f *Feature) saveGeneral(r *web.Request) (web.Done, error) {
	before, err := f.settings.List(r.Context(), r.Viewer)
	if err != nil {
		return web.Done{}, err
	}
	old := map[string]string{}
	for _, s := range before {
		old[s.Key] = s.Value
	}
	var problems []web.Problem
	saved := 0
	for _, one := range fields {
		value, given := r.PostForm.Get(one.field), r.PostForm.Has(one.field)
		if !given || value == old[one.key] {
			continue
		}
		err := f.settings.Set(r.Context(), r.Viewer, one.key, value)
		switch kind, _ := fault.KindOf(err); {
		case err == nil:
			saved++
		case kind == fault.Invalid:
			problems = append(problems, web.Problem{Field: one.field, Text: fault.Sentence(err)})
		default:
			return web.Done{}, err
		}
	}
	if len(problems) == 0 {
		text := "Nothing was changed."
		if saved > 0 {
			text = "The settings have been saved."
		}
		return web.Done{To: "/settings", Toast: web.Toast{Text: text}}, nil
	}
	data, err := f.general(r.Context(), r.Viewer)
	if err != nil {
		return web.Done{}, err
	}
	data.Problems = problems
	for _, p := range problems {
		switch typed := r.PostForm.Get(p.Field); p.Field {
		case "name":
			data.Name = typed
		case "domains":
			data.Domains = typed
		}
	}
	again := page("General", "general", data)
	if saved > 0 {
		again.Lede = "The other changes have been saved."
	}
	return web.Done{Again: &again}, nil
}

// setting is a setting as programs read it.
type setting struct {
	Key     string     `json:"key"`
	Label   string     `json:"label"`
	Help    string     `json:"help"`
	Value   string     `json:"value"`
	Changed *time.Time `json:"changed" doc:"null while it is the default"`
	By      string     `json:"by,omitempty" doc:"Who changed it last"`
}

func (f *Feature) apiSettings(ctx context.Context, v access.Viewer, _ *struct{}) ([]setting, error) {
	all, err := f.settings.List(ctx, v)
	if err != nil {
		return nil, err
	}
	names, err := f.names(ctx, v)
	if err != nil {
		return nil, err
	}
	out := make([]setting, len(all))
	for i, s := range all {
		out[i] = setting{Key: s.Key, Label: s.Label, Help: s.Help, Value: s.Value, Changed: moment(s.Changed)}
		if !s.Changed.IsZero() {
			out[i].By = who(names, s.By)
		}
	}
	return out, nil
}
