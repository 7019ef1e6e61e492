"""Templates: trees of tasks with parameters, loops and conditions, read once and expanded many times.

A definition is read into a `Template` (`parse`, with `reading` for single values and `circles` and
`including` for what spans nodes), and a template with parameters expands into a plan of tasks (`expand`,
with `counting` before it). Texts hold placeholders (`placeholders`), whose names are checked against the
schema (`names`) and which are filled in without being looked at again (`filling`). Templates that come with
the package stand in `library`.

Not here: ids and the rules of tasks (`worklattice.model`), and where templates are kept (the stores).
"""
