"""Imported by the fork server: does in memory what the processes will do, so that all is imported."""

import worklattice
import worklattice.storage.sql.postgres
import worklattice.storage.sql.sqlite
from tests.faults.work import commit_number, whole_commits

with worklattice.open("memory:") as wl:
    for number in range(1, 4):
        commit_number(wl, number)
    wl.claim_task("nobody")
    whole_commits(wl)
