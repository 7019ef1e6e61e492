"""The mini-languages: durations, times, schedules, deadlines, names, quantities, conditions, and gates.

Each turns text into plain values and refuses with a caret under the fault (`worklattice.lang.diagnostics`).
The meaning of conditions (`worklattice.lang.evaluation`) lives here too: queries and templates share it. So
does that of gates (`worklattice.lang.judging`).

Not here: what a name in a condition stands for (`worklattice.query` and `worklattice.templates` say so when
they parse), and anything that knows what a task is.
"""
