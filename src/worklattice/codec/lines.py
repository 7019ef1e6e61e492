"""The lines of a dump, read: JSON text, and of each field whether it is of the form that it must have.

One table says of each kind of line which fields it has. Each line is judged by itself.

Not here: whether what a line refers to is there, and whether it fits what the lines before it say
(`worklattice.model.decide.restore`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, cast

from worklattice.codec.faults import Fault, MisfitError
from worklattice.codec.fields import AnyJson, AnyJsonObject
from worklattice.codec.forms import FORMS, integer, one_of
from worklattice.errors import ValidationError, did_you_mean, shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import format_duration
from worklattice.lang.judging import can_be_baseline
from worklattice.lang.times import parse_time, read_micros
from worklattice.model.alarms import ALARM_EVENTS
from worklattice.model.commands import Form
from worklattice.model.dependency import DEPENDENCY_TYPES, OUTCOME_WANTED
from worklattice.model.dump_lines import END, FORMAT, HEADER, DumpLine, place
from worklattice.model.lifecycle import ENDED_WITHOUT_OUTCOME, OUTCOMES
from worklattice.model.observations import NAME_RULE, is_metric_name, value_fault
from worklattice.model.waiting import APPROVED, REJECTED
from worklattice.types import LIMITS, JsonObject

_Read: TypeAlias = Callable[[Any], Any]
"""The value as it is meant; raises `MisfitError` where it is not of the form."""


def read_line(text: str | bytes, number: int) -> DumpLine:
    """The line, which must be of the documented form.

    Raises:
        ValidationError: it is not; every problem is told, with the line's number.
    """
    document = _parsed(text, number)
    if not isinstance(document, dict):
        raise _refused(number, f"must be a JSON object, not {shown(document)}")
    kind = document.pop("kind", None)
    if number == 1 and kind != HEADER:
        raise _refused(
            1, "is not the first line of a dump", 'It begins with {"format":1,"kind":"worklattice"}.'
        )
    form = FORMS_OF_LINES.get(kind) if isinstance(kind, str) else None
    if kind == HEADER and number > 1:
        raise _refused(number, "begins a dump, and only the first line does", "Restore one dump at a time.")
    if form is None:
        raise _refused(number, f"{shown(kind)} is no kind of line", did_you_mean(str(kind), KINDS))
    if kind == HEADER and type(written := document.get("format")) is int and written != FORMAT:
        hint = "Restore it with the version of worklattice that wrote it, or a later one."
        raise _refused(1, f"the dump is of format {written}; this worklattice reads {FORMAT}", hint)
    told: JsonObject = {name: value for name, value in document.items() if value is not None}
    try:
        _read_object(told, form)
    except MisfitError as misfit:
        raise misfit.under(place(number)) from None
    return DumpLine(number, str(kind), told, len(text))


def _parsed(text: str | bytes, number: int) -> object:
    try:
        return _DECODER.decode(text.decode() if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise _refused(number, f"is not UTF-8: byte {error.start} cannot stand there") from None
    except json.JSONDecodeError as error:
        raise _refused(number, f"is not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise _refused(number, f"is nested deeper than {LIMITS.json_depth} levels") from None
    except MisfitError as misfit:
        raise misfit.under(place(number)) from None


def _refused(number: int, message: str, hint: str | None = None) -> ValidationError:
    hint = hint or "Each line of a dump is one JSON object, as wl.dump_to() writes it."
    return ValidationError.of(place(number), message, hint=hint)


# --- JSON ---------------------------------------------------------------------------------------------------

_LONGEST_INTEGER: Final = 20
"""Characters of the longest integer that fits into 64 bits, its sign included."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise MisfitError.of(f"has the key {shown(twice)} twice in one object")
    return made


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise MisfitError.of("has an integer that does not fit into 64 bits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise MisfitError.of(f"has the number {name}; numbers must be finite")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)


# --- forms --------------------------------------------------------------------------------------------------


class _Form(NamedTuple):
    """What an object may hold."""

    needed: frozenset[str]
    reads: Mapping[str, _Read]


def _form(needed: Mapping[str, _Read], more: Mapping[str, _Read] | None = None) -> _Form:
    return _Form(frozenset(needed), {**needed, **(more or {})})


def _read_object(told: JsonObject, form: _Form) -> None:
    """Read every field in place."""
    reads, faults = form.reads, list[Fault]()
    for name, value in told.items():
        try:
            read = reads[name]
        except KeyError:
            faults.append(Fault((name,), "is not known here", did_you_mean(name, [*reads])))
            continue
        try:
            told[name] = read(value)
        except MisfitError as misfit:
            faults += (fault.inside(name) for fault in misfit.faults)
    if not form.needed <= told.keys():
        faults += (Fault((name,), f"{name} is required") for name in sorted(form.needed - told.keys()))
    if faults:
        raise MisfitError(tuple(faults))


def _time(value: object) -> object:
    if type(value) is not str:
        raise MisfitError.wanted("a time, such as 2025-06-16T09:00:00Z", value)
    if value.endswith("Z") and read_micros(value) is not None:
        return value
    try:
        parse_time(value, without_zone=_refuse_without_zone)
    except LanguageError as error:
        raise MisfitError.of(f"{shown(value)}: {error.reason}", error.hint) from None
    return value


def _duration(value: object) -> object:
    return value if value == _NO_LAG else _any_duration(value)


_NO_LAG: Final = format_duration(0)


def _refuse_without_zone() -> None:
    raise MisfitError.of("must be a time with a zone", "Write Z at its end, for UTC.")


_id: Final = FORMS[Form.ID].read
_name: Final = FORMS[Form.NAME].read
_any_duration: Final = FORMS[Form.DURATION].read
_text: Final = FORMS[str].read
_flag: Final = FORMS[bool].read
_json: Final = FORMS[AnyJson].read
_json_object: Final = FORMS[AnyJsonObject].read
_counted: Final = integer(minimum=1).read
_number: Final = integer(minimum=0).read

_APPROVAL: Final = _form(
    {"decision": one_of((APPROVED, REJECTED)).read, "at": _time}, {"by": _name, "comment": _text}
)
_ARTIFACT: Final = _form({"at": _time}, {"uri": _text, "content": _json, "media_type": _text, "by": _name})


def _one(form: _Form) -> _Read:
    """An object of a form."""

    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise MisfitError.wanted("an object", value)
        _read_object(value, form)
        return value

    return read


def _artifacts(value: object) -> object:
    return _json(_each(value, _ARTIFACT))


def _each(value: object, form: _Form) -> object:
    """An object of objects, which are all of one form."""
    if not isinstance(value, dict):
        raise MisfitError.wanted("an object", value)
    for name, item in value.items():
        if not isinstance(item, dict):
            raise MisfitError((Fault((name,), f"must be an object, not {shown(item)}"),))
        try:
            _read_object(item, form)
        except MisfitError as misfit:
            raise MisfitError(tuple(fault.inside(name) for fault in misfit.faults)) from None
    return value


_METRIC: Final = _form({"value": _json, "at": _time, "attempt": _counted}, {"source": _name, "first": _json})
_WAIVER: Final = _form({"reason": _text, "at": _time}, {"by": _name, "until": _time})


def _metrics(value: object) -> object:
    metrics = cast("dict[str, dict[str, Any]]", _json(_each(value, _METRIC)))
    if len(metrics) > LIMITS.metrics:
        raise MisfitError.of(f"has more than {LIMITS.metrics:,} metrics")
    faults = [Fault((name,), f"names no metric: {NAME_RULE}") for name in metrics if not is_metric_name(name)]
    for name, said in metrics.items():
        fault = value_fault(said["value"])
        faults += [] if fault is None else [Fault((name, "value"), fault)]
        if "first" in said and not can_be_baseline(said["first"]):
            faults.append(Fault((name, "first"), "must be a number, or a text that says one, and not 0"))
    if faults:
        raise MisfitError(tuple(faults))
    return metrics


def _waivers(value: object) -> object:
    return _each(value, _WAIVER)


_HOLD: Final = _form({"units": _counted, "capacity": _counted})


def _holds(value: object) -> object:
    return _each(value, _HOLD)


_CLOCK: Final = _form({}, {"used": _duration, "since": _time, "begun": _time})
_ALARMS: Final = _form({}, dict.fromkeys(ALARM_EVENTS, _time))
_SERIES: Final = _form({}, {"until": _time, "paused": _flag, "of": _id, "at": _time})


def _series(value: object) -> object:
    """How far a schedule has come, or which run of one a task is."""
    if not isinstance(value, dict):
        raise MisfitError.wanted("an object", value)
    _read_object(value, _SERIES)
    if value.keys() not in ({"until"}, {"until", "paused"}, {"of", "at"}):
        raise MisfitError.of("must have until, perhaps with paused, or of and at")
    return value


FORMS_OF_LINES: Final[Mapping[str, _Form]] = {
    HEADER: _form({"format": _counted}),
    "task_type": _form(
        {"task_type": _name},
        {
            "lifecycle": _json_object,
            "attributes_schema": _json_object,
            "attribute_names": _json_object,
            "attribute_defaults": _json_object,
            "strict": _flag,
        },
    ),
    "calendar": _form({"name": _id, "body": _json_object}),
    "template": _form(
        {
            "template_id": _name,
            "version": _counted,
            "body": _json_object,
            "created_at": _time,
            "deleted": _flag,
        }
    ),
    "task": _form(
        {
            "task_id": _id,
            "task_type": _name,
            "stage": _name,
            "attributes": _json_object,
            "version": _counted,
            "created_at": _time,
            "updated_at": _time,
            "join": _number,
            "attempt": _counted,
        },
        {
            "parent_id": _id,
            "started_at": _time,
            "completed_at": _time,
            "reopened_at": _time,
            "not_before": _time,
            "template_id": _name,
            "template_version": _counted,
            "superseded_by": _id,
            "outcome": one_of((*OUTCOMES.values(), ENDED_WITHOUT_OUTCOME)).read,
            "result": _json,
            "error": _json,
            "approval": _one(_APPROVAL),
            "artifacts": _artifacts,
            "metrics": _metrics,
            "gate_waivers": _waivers,
            "series": _series,
            "token": _counted,
            "claimed_by": _name,
            "claimed_until": _time,
            "lease": _duration,
            "holds": _holds,
            "clock": _one(_CLOCK),
            "alarms": _one(_ALARMS),
        },
    ),
    "dependency": _form(
        {
            "task_id": _id,
            "dependency_id": _id,
            "type": one_of([*DEPENDENCY_TYPES]).read,
            "mandatory": _flag,
            "outcome": one_of(OUTCOME_WANTED).read,
            "lag": _duration,
        },
        {
            "conditions": _json_object,
            "artifact": _text,
            "description": _text,
            "waived_at": _time,
            "waived_until": _time,
            "waived_by": _name,
            "waive_reason": _text,
        },
    ),
    "comment": _form({"task_id": _id, "text": _text, "at": _time}, {"author": _name}),
    END: _form({"lines": _counted}),
}
"""Of each kind of line its fields: those that it must have, and those that it may have."""

KINDS: Final = tuple(FORMS_OF_LINES)
"""The kinds of lines, in the order in which they come."""
