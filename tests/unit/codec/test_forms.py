from datetime import UTC, datetime

import pytest

from worklattice import codec
from worklattice.errors import ProblemsError, ValidationError, shown
from worklattice.model.commands import BatchCreate, CreateTask, DependencySpec, ManageLifecycle, Undo
from worklattice.model.reads import GetHistory, GetTask
from worklattice.query.request import QueryTasks
from worklattice.types import LIMITS, JsonValue


def problems(cls: type, arguments: object) -> list[tuple[str, str]]:
    with pytest.raises(ProblemsError) as caught:
        codec.structure(cls, arguments)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def problem(cls: type, arguments: object) -> tuple[str, str]:
    (only,) = problems(cls, arguments)
    return only


@pytest.mark.parametrize("limit", [True, "1", 1.5, None, [1], {"a": 1}])
def test_an_integer_is_not_coerced(limit: object) -> None:
    """Neither true nor a text nor a fraction is taken for an integer."""
    field, message = problem(GetHistory, {"limit": limit})
    assert field == "arguments.limit"
    assert message.startswith("must be an integer from 1 to 1,000, not ")


def test_a_float_without_fraction_is_an_integer() -> None:
    """As in JSON Schema, 7.0 is the integer 7."""
    command = codec.structure(GetHistory, {"limit": 7.0})
    assert (command.limit, type(command.limit)) == (7, int)


@pytest.mark.parametrize(("limit", "fits"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_bounds_are_inclusive(limit: int, fits: bool) -> None:  # noqa: FBT001
    """`minimum` and `maximum` of a field's metadata are the outermost values that fit."""
    if fits:
        assert codec.structure(GetHistory, {"limit": limit}).limit == limit
    else:
        problem(GetHistory, {"limit": limit})


@pytest.mark.parametrize("after", [2**53, 2**63, 10**400, float("inf"), float("nan"), 1e300])
def test_an_integer_beyond_what_json_readers_agree_on(after: object) -> None:
    """Counts go up to 2^53 − 1, beyond which JSON readers differ."""
    assert problem(GetHistory, {"after": after})[0] == "arguments.after"
    assert codec.structure(GetHistory, {"after": 2**53 - 1}).after == 2**53 - 1


def test_both_bounds_are_told() -> None:
    """Also where the upper one is only that of every integer: so that nobody is told that 2^53 is below 1."""
    most = "9,007,199,254,740,991"
    assert problem(GetHistory, {"after": 2**53}) == (
        "arguments.after",
        f"must be an integer from 0 to {most}, not 9007199254740992",
    )
    assert problem(Undo, {"position": 2**60})[1].startswith(f"must be an integer from 1 to {most}, not ")
    assert problem(GetHistory, {"limit": 0})[1] == "must be an integer from 1 to 1,000, not 0"
    assert (
        problem(CreateTask, {"task_type": "t", "join": 0})[1] == f"must be an integer from 1 to {most}, not 0"
    )


@pytest.mark.parametrize(
    "task_id", ["", "a\n", "../../etc/passwd", "a/b", "x" * 201, "%", "e\u0301", "a\u202eb", 1, None, ["a"]]
)
def test_what_is_no_id(task_id: object) -> None:
    """An id has 1 to 200 ASCII letters, digits and _ - . : and nothing else."""
    field, message = problem(DependencySpec, {"dependency_task_id": task_id})
    assert field == "arguments.dependency_task_id"
    assert message.endswith("is no id")
    assert len(message) < 100
    assert message.isprintable()


@pytest.mark.parametrize("task_id", ["a", "x" * 200, "Task_1-2.3:4", "..", "0"])
def test_what_is_an_id(task_id: str) -> None:
    """Every text of 200 characters or fewer out of the alphabet is an id, also one that looks like a path."""
    assert codec.structure(GetTask, {"task_id": task_id}).task_id == task_id


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\x1bb", "\x7f", "\x85", "\ud800", 3])
def test_what_is_no_name(name: object) -> None:
    """A name has no control characters, and 200 characters at most."""
    assert problem(CreateTask, {"task_type": name})[0] == "arguments.task_type"


@pytest.mark.parametrize("name", ["ß", "用户故事", "user story", "x" * 200, "🚀"])
def test_what_is_a_name(name: str) -> None:
    """A name may be in any script and have spaces."""
    assert codec.structure(CreateTask, {"task_type": name}).task_type == name


@pytest.mark.parametrize(
    ("lag", "reason"),
    [
        ("soon", "expected a number"),
        ("3 foo", "no unit of time"),
        ("1 month", "no fixed span"),
        ("-P1D", "no sign"),
    ],
)
def test_what_is_no_duration(lag: str, reason: str) -> None:
    """A duration is refused in the words of its language, with its advice as the suggestion."""
    with pytest.raises(ValidationError) as caught:
        codec.structure(DependencySpec, {"dependency_task_id": "a", "lag": lag}, "arguments.dependencies[0]")
    assert caught.value.field == "arguments.dependencies[0].lag"
    assert reason in caught.value.message


def test_a_time_is_read_in_utc() -> None:
    """A time with an offset is the same moment in UTC."""
    command = codec.structure(CreateTask, {"task_type": "a", "not_before": "2025-06-16T11:00:00+02:00"})
    assert command.not_before == datetime(2025, 6, 16, 9, tzinfo=UTC)


def test_a_time_without_zone_is_read_as_utc_with_a_warning() -> None:
    """Whoever leaves the zone out is told how the time was read."""
    warnings: list[str] = []
    command = codec.structure(
        CreateTask, {"task_type": "a", "not_before": "2025-06-16T09:00:00"}, warnings=warnings
    )
    assert command.not_before == datetime(2025, 6, 16, 9, tzinfo=UTC)
    assert warnings == ['"2025-06-16T09:00:00" has no time zone and was read as UTC.']


@pytest.mark.parametrize(
    "moment", ["2025-02-30T00:00:00Z", "0001-01-01T00:00+14:00", "tomorrow", "2025-06-16", 1750064400, True]
)
def test_what_is_no_time(moment: object) -> None:
    """A day that is not in the calendar, a time outside the years, a date and a number are no times."""
    assert problem(CreateTask, {"task_type": "a", "not_before": moment})[0] == "arguments.not_before"


@pytest.mark.parametrize(("join", "read"), [("all", "all"), ("any", "any"), (2, 2), (2.0, 2), (None, None)])
def test_what_is_a_join(join: object, read: object) -> None:
    """A join is all, any, or a number from 1."""
    assert codec.structure(CreateTask, {"task_type": "a", "join": join}).join == read


@pytest.mark.parametrize("join", ["ALL", "2", 0, -1, True, 1.5, []])
def test_what_is_no_join(join: object) -> None:
    """Other words, numbers below 1 and truth values are no join."""
    assert problem(CreateTask, {"task_type": "a", "join": join})[0] == "arguments.join"


@pytest.mark.parametrize("flag", [0, 1, "true", None, []])
def test_a_flag_is_true_or_false(flag: object) -> None:
    """Nothing is taken for true or false but true and false."""
    arguments = {"task_id": "a", "lifecycle_stage": "b", "cascade": flag}
    assert problem(ManageLifecycle, arguments) == (
        "arguments.cascade",
        f"must be true or false, not {shown(flag)}",
    )


def test_an_unknown_option_offers_the_closest() -> None:
    """A mistyped option is answered with all options, and with the closest as the suggestion."""
    with pytest.raises(ValidationError) as caught:
        codec.structure(DependencySpec, {"dependency_task_id": "a", "dependency_type": "complete"})
    assert '"completion"' in str(caught.value.suggestion)


def _nested(levels: int) -> JsonValue:
    value: JsonValue = "leaf"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("field", ["attributes", "parameters"])
def test_how_deep_a_json_value_may_be(field: str) -> None:
    """An object among the arguments may be 64 levels deep by itself, wherever it stands."""
    codec.structure(CreateTask, {"task_type": "a", field: _nested(LIMITS.json_depth)})
    assert problem(CreateTask, {"task_type": "a", field: _nested(LIMITS.json_depth + 1)}) == (
        f"arguments.{field}" + ".a" * LIMITS.json_depth,
        "is nested deeper than 64 levels",
    )


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("-inf"), 2**63, -(2**63) - 1, "\ud800", "a\x00b", {1: 2}, {"\ud800": 1}, b"", {1}],
)
def test_what_json_cannot_hold(value: object) -> None:
    """What cannot be stored as JSON is refused inside attributes, at any depth."""
    field, _ = problem(CreateTask, {"task_type": "a", "attributes": {"x": [value]}})
    assert field == "arguments.attributes.x[0]"


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 1.5, "", "ß", {"": {"a.b": None}}, [[]], None, True])
def test_what_json_can_hold_is_kept(value: object) -> None:
    """Attributes are kept as they are, whatever their keys."""
    assert codec.structure(CreateTask, {"task_type": "a", "attributes": {"x": value}}).attributes == {
        "x": value
    }


def test_a_text_too_long() -> None:
    """A text may have a million characters."""
    arguments = {"task_id": "a", "lifecycle_stage": "b", "notes": "x" * LIMITS.string_characters}
    codec.structure(ManageLifecycle, arguments)
    assert problem(ManageLifecycle, arguments | {"notes": arguments["notes"] + "x"}) == (
        "arguments.notes",
        "is longer than 1,000,000 characters",
    )


def test_an_array_too_long() -> None:
    """A batch may have 10,000 tasks and not one more, and not none."""
    task = {"task_type": "a"}
    assert (
        len(codec.structure(BatchCreate, {"tasks": [task] * LIMITS.batch_tasks}).tasks) == LIMITS.batch_tasks
    )
    for count in (0, LIMITS.batch_tasks + 1):
        assert problem(BatchCreate, {"tasks": [task] * count}) == (
            "arguments.tasks",
            f"must have 1 to 10,000 items, not {count:,}",
        )


@pytest.mark.parametrize(
    ("status", "read"), [("blocked", ("blocked",)), (["active", "blocked"], ("active", "blocked"))]
)
def test_one_or_many(status: object, read: tuple[str, ...]) -> None:
    """Where several values may stand, one may stand without the array."""
    filters = codec.structure(QueryTasks, {"filters": {"status": status}}).filters
    assert filters is not None
    assert filters.status == read
