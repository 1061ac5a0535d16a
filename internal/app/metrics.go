package app

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics returns the registry of /metrics with what is known of the process: its memory, threads and
// open files, and until when its certificate is valid.
func metrics(e *entrance) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	err := errors.Join(
		registry.Register(collectors.NewGoCollector()),
		registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
	)
	if e.certificate != nil {
		err = errors.Join(err, registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "steward_certificate_expires_timestamp_seconds", Help: "Until when the certificate of the hub is valid.",
		}, func() float64 { return float64(e.certificate.Expires().Unix()) })))
	}
	return registry, err
}
