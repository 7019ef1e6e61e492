"""Putting the parts together: `open`, the one way to an orchestrator; `check` opens what it is given.

Nothing else knows all of the rooms. What a caller may not need (the tools, JSON Schema, a database driver) is
imported when it is first used.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from attrs import frozen

from worklattice.codec.faults import MisfitError
from worklattice.codec.forms import FORMS
from worklattice.errors import Problem, shown
from worklattice.model.commands import Form
from worklattice.model.soundness import Discrepancy
from worklattice.opening import masked, open_store, refuse_missing
from worklattice.orchestrator import Orchestrator
from worklattice.orchestrator.given import check_workspace
from worklattice.storage.api import Store
from worklattice.system import TimeOrderedIds
from worklattice.types import LIMITS, Clock, IdFactory, JsonObject, is_id

if TYPE_CHECKING:
    from worklattice.schema import Schema
    from worklattice.tools import Toolbox


def open(  # noqa: A001 - the module's verb, as in gzip.open
    url: str | Store,
    *,
    workspace: str = "default",
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    actor: str | None = None,
) -> Orchestrator:
    """Open a workspace of a store.

    Args:
        url: `memory:` for a store of its own that is gone with it, `sqlite:///work.db` for a file (relative
            to the working directory; an absolute path has four slashes). `?synchronous=full` syncs the file
            at each commit, `?timeout=` gives the seconds to wait for another writer. Or a store of your own
            (`worklattice.storage.api.Store`), which the orchestrator then closes.
        workspace: the unit of isolation: what is in one is never seen from another.
        clock: tells the time, an aware `datetime`; `worklattice.testing.ManualClock` in tests. Where left
            out, the clock of the PostgreSQL server, which all its clients share, else the computer's.
        ids: makes the ids of tasks that are given none; `worklattice.testing.SequentialIds` in tests. Where
            left out, UUIDs of version 7. What is no id, it must not make: that is a `ValueError`.
        actor: who writes, for the events of commands that name no actor.

    Raises:
        ValidationError: the URL, or the name of the workspace or the actor, is not of the documented form.
        StoreError: the store cannot be opened.
    """
    check_workspace(workspace)
    if actor is not None:
        _check_name(actor, "actor")
    unique = TimeOrderedIds()
    return Orchestrator(
        open_store(url),
        name=masked(url) if isinstance(url, str) else type(url).__name__,
        workspace=workspace,
        clock=clock,
        ids=unique if ids is None else _checked(ids),
        streams=unique,
        schemas=_Schemas(),
        toolbox=_Tools(),
        scratch=lambda: open_store("memory:"),
        actor=actor,
    )


@frozen(kw_only=True)
class Report:
    """What a check of a store has found."""

    workspaces: Mapping[str, tuple[Discrepancy, ...]]
    """Of each workspace that was ever written to, what is wrong in it; nothing in a sound one."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return not any(self.workspaces.values())

    def __str__(self) -> str:
        """A line for each thing that is wrong, or one that says that nothing is."""
        lines = [f"{name}: {found}" for name, all_found in self.workspaces.items() for found in all_found]
        count = len(self.workspaces)
        checked = f"{count} workspace{'' if count == 1 else 's'}"
        return "\n".join(lines) or f"Nothing is wrong in {checked}."


def check(store: str | Store | Orchestrator, *, replay: bool = False) -> Report:
    """Check every workspace of a store; see `Orchestrator.check`.

    Args:
        store: its URL, the store itself, or an orchestrator of one of its workspaces.
        replay: compare the rows with what the logs tell, besides.

    Raises:
        ValidationError: the URL is not of the documented form.
        StoreError: the store cannot be opened, or read.
    """
    if isinstance(store, str):
        refuse_missing(store)
        with open(store) as wl:
            return check(wl, replay=replay)
    wl = store if isinstance(store, Orchestrator) else open(store)
    found = {name: tuple(wl.workspace(name).check(replay=replay)) for name in wl.workspaces()}
    return Report(workspaces=found)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and is_id(value) is not None


def _check_name(name: object, path: str) -> None:
    try:
        FORMS[Form.NAME].check(name)
    except MisfitError as misfit:
        raise misfit.under(path) from None


def _checked(ids: IdFactory) -> IdFactory:
    """A caller's factory, which may have faults: an id that is none would be stored and never found."""

    def make() -> str:
        made = ids()
        if not _is_id(made):
            raise ValueError(f"the factory given as ids made {shown(made)}, which is no id")
        return made

    return make


class _Tools:
    """The toolbox, made when it is first used."""

    def answer(self, run: Callable[[Any], Any], payload: object) -> JsonObject:
        return self._toolbox.answer(run, payload)

    def catalogue(self) -> list[JsonObject]:
        return self._toolbox.catalogue()

    @cached_property
    def _toolbox(self) -> Toolbox:
        from worklattice.tools import Toolbox  # noqa: PLC0415 - brings the codec and every schema

        return Toolbox()


class _Schemas:
    """Users' JSON Schemas, compiled once each and remembered while they are used."""

    _REMEMBERED = 256

    def __init__(self) -> None:
        self._compiled: OrderedDict[int, tuple[JsonObject, Schema]] = OrderedDict()
        self._lock = Lock()

    def definition_problems(self, schema: JsonObject, path: str) -> Sequence[Problem]:
        from worklattice.schema import FaultySchemaError, compile_schema  # noqa: PLC0415

        try:
            compile_schema(schema, node_limit=LIMITS.schema_nodes)
        except FaultySchemaError as error:
            return [fault.under(path) for fault in error.faults]
        return []

    def problems(self, schema: JsonObject, value: JsonObject, path: str) -> Sequence[Problem]:
        return [fault.under(path) for fault in self._schema(schema).faults(value)]

    def _schema(self, schema: JsonObject) -> Schema:
        """The compiled schema; known by the identity of the object, which is kept alive with it."""
        from worklattice.schema import compile_schema  # noqa: PLC0415

        with self._lock:
            known = self._compiled.get(id(schema))
            if known is None:
                known = schema, compile_schema(schema, node_limit=LIMITS.schema_nodes)
                self._compiled[id(schema)] = known
                if len(self._compiled) > self._REMEMBERED:
                    self._compiled.popitem(last=False)
            return known[1]


__all__ = ["Report", "check", "open"]
