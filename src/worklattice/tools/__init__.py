"""Tools: JSON payloads in, JSON answers out, for programs and models that speak JSON.

`catalogue` is the table of tools, `payloads` reads what comes in, `dispatch` answers it, and `refusals` says
what was wrong with it. This is the only room where errors become answers.

Not here: what a tool does (its command, which the orchestrator carries out) and what its arguments are
(`worklattice.codec`).
"""

from worklattice.tools.dispatch import Toolbox

__all__ = ["Toolbox"]
