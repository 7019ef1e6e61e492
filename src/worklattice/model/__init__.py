"""Values and rules: tasks, dependencies, lifecycles, waiting, commands, events. No I/O.

A command is decided into events (`decide`), events are projected into rows (`project`), and what follows
from a changed row is carried to its neighbours (`consequences`). Everything is a function of its arguments:
the time, ids and the state of the store come in through a `Draft`.

Not here: JSON on the wire (`worklattice.codec`), queries (`worklattice.query`), templates
(`worklattice.templates`), stores (`worklattice.storage`).
"""
