"""Stores: where the rows of workspaces are kept.

`api` says what a store is; `memory` and `sql` are stores. A store knows rows, not commands, and never
another store.

What they share: `refusals` in the same words, `similar` ids to offer, `conjuncts` of filters, `forks` of the
process, what files need (`disk`), and a store that lets nobody write (`read_only`).

Not here: which store a URL means (`worklattice.opening`), what a query means (`worklattice.query`).
"""
