"""The mini-languages: durations, times, dotted names, and the conditions of `custom_filter` and `when`.

Each turns text into plain values and refuses with a caret under the fault (`worklattice.lang.diagnostics`).
The meaning of conditions (`worklattice.lang.evaluation`) lives here too: queries and templates share it.

Not here: what a name in a condition stands for (`worklattice.query` and `worklattice.templates` say so when
they parse), and anything that knows what a task is.
"""
