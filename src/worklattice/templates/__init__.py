"""Templates: trees of tasks with parameters, loops and conditions, read once and expanded many times.

A definition is read into a `Template` (`model`) by `parse`, with `reading` for single values and `circles`
and `including` for what spans nodes. A template with `parameters` expands into a `plan` of tasks (`expand`,
with `counting` before it; `turning` is what the two share). Texts hold placeholders (`placeholders`), whose
names are checked against the schema (`names`) and which are filled in without being looked at again
(`filling`). What callers ask for stands in `commands`; templates that come with the package stand in
`library`.

Not here: ids and the rules of tasks (`worklattice.model`), and where templates are kept (the stores).
"""
