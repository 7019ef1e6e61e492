"""Imported by the fork server: does in memory what the processes will do, so that all is imported."""

from importlib import import_module

import worklattice
from tests.faults.work import commit_number, whole_commits

for name in ("postgres", "sqlite"):
    import_module(f"worklattice.storage.sql.{name}")
with worklattice.open("memory:") as wl:
    for number in range(1, 4):
        commit_number(wl, number)
    wl.claim_task("nobody")
    whole_commits(wl)
