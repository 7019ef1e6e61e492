"""Stores: where the rows of workspaces are kept.

`api` says what a store is; `memory` and `sql` are stores. A store knows rows, not commands, and never
another store.

Not here: which store a URL means (`worklattice.opening`), what a query means (`worklattice.query`).
"""
