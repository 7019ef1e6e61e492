"""The shell: opens a transaction, lets a command be decided, commits what follows, tells subscribers.

- `api`: the orchestrator, which is all of the following in one;
- `commands`: the Python API, one method for each tool, by families in `methods`; `given`: what its arguments
  may be;
- `engine`: running commands, transactions, time; `idempotency`: answering again; `retrying`: trying again;
- `working`: the draft that commands run in, which also answers queries;
- `writing`, `reading`: which function answers which command; `choosing`: those that change the tasks that
  fit filters; `querying`, `trees`: those with hits and trees; `explaining`: why a task can or can't; `past`:
  which events had happened by a moment; `ticking`: what is due;
- `publishing`: subscribers; `delivering`: notifications to channels;
- `upkeep`: dumps, restores, backups, checks and repairs; `dumping`: what a dump holds; `restoring`: how
  one is read back; `files`: where they stand.

Not here: rules (`worklattice.model`), JSON (`worklattice.codec`), SQL (`worklattice.storage`), errors as
answers (`worklattice.tools`).
"""

from worklattice.orchestrator.api import Orchestrator

__all__ = ["Orchestrator"]
