"""The shell: opens a transaction, lets a command be decided, commits what follows, tells subscribers.

- `engine`: running commands, transactions, time;
- `writing`, `reading`: which function answers which command;
- `commands`: the Python API, one method for each command;
- `publishing`: subscribers;
- `inspection`: dump, replay, check.

Not here: rules (`worklattice.model`), JSON (`worklattice.codec`), SQL (`worklattice.storage`), errors as
answers (`worklattice.tools`).
"""

from worklattice.orchestrator.api import Orchestrator

__all__ = ["Orchestrator"]
