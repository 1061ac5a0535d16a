package value

// Live holds for components c that ask for attention: not for experiments, and not for what is archived
// or decommissioned. Who uses what counts them all.
const Live = `lower(c.lifecycle) NOT IN ('experiment', 'experimental', 'archived', 'decommissioned', 'retired', 'end-of-life')`
