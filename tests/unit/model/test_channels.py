"""What the names of channels mean, and which ones a task names."""

from __future__ import annotations

from typing import Any

import pytest

import worklattice
from worklattice import Orchestrator
from worklattice.model.channels import Channel, channel_of, channels_in, faults_in_channels
from worklattice.types import LIMITS


@pytest.mark.parametrize(
    ("name", "scheme", "target"),
    [
        ("#releases", "slack", "#releases"),
        ("@ann", "user", "@ann"),
        ("mailto:ann@example.org", "mailto", "ann@example.org"),
        ("mailto://ann:pw@example.org?to=x", "mailto", "mailto://ann:pw@example.org?to=x"),
        ("HTTPS://Example.org/Hook", "https", "HTTPS://Example.org/Hook"),
        ("sms:+49 30 1", "sms", "+49 30 1"),
        ("x-y.z+1:a:b", "x-y.z+1", "a:b"),
        ("the whole team", "", "the whole team"),
        ("note: be quick", "", "note: be quick"),
        ("ops:", "", "ops:"),
        ("1st:floor", "", "1st:floor"),
        (":x", "", ":x"),
        ("a:\n", "", "a:\n"),
        ("#", "slack", "#"),
        ("", "", ""),
    ],
)
def test_the_beginning_says_the_scheme(name: str, scheme: str, target: str) -> None:
    """A sign, or a word and a colon with something right behind it; whatever else has none."""
    assert channel_of(name) == Channel(name, scheme, target)


LONG = [f"{n}".rjust(LIMITS.channel_characters - 1, "#") for n in range(5)]
"""Names that have, with five characters more, as many as all names of a task may have."""


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("#one", ("#one",)),
        (["#one", "@two", "#one"], ("#one", "@two")),
        ([], ()),
        ([f"#{n}" for n in range(LIMITS.channels)], tuple(f"#{n}" for n in range(LIMITS.channels))),
        (["#" * LIMITS.channel_characters], ("#" * LIMITS.channel_characters,)),
        ([*LONG, "12345"], (*LONG, "12345")),
    ],
)
def test_a_task_names_channels(value: Any, names: tuple[str, ...]) -> None:
    """One or a list, each once; an empty list is one that tells nobody."""
    assert channels_in({"notify_channels": value}) == names
    assert list(faults_in_channels({"notify_channels": value})) == []


@pytest.mark.parametrize(
    "value",
    [
        *(None, 3, True, "", "  ", {"slack": "#one"}, ["#one", 3], [""], [["#one"]]),
        [f"#{n}" for n in range(LIMITS.channels + 1)],
        "#" * (LIMITS.channel_characters + 1),
        [*LONG, "123456"],
    ],
)
def test_what_is_no_list_of_channels_is_warned_of(value: Any) -> None:
    """It counts as if it were not there."""
    assert channels_in({"notify_channels": value}) is None
    (fault,) = faults_in_channels({"notify_channels": value})
    assert fault.warning({}).startswith("attributes.notify_channels is kept and tells nobody: ")
    with worklattice.open("memory:") as wl:
        made = wl.create_generic_task("t", attributes={"notify_channels": value})
    assert any("notify_channels" in warning for warning in made.warnings)


def test_a_task_that_says_nothing_of_it() -> None:
    """Names none, and nobody is warned."""
    assert channels_in({"title": "x"}) is None
    assert list(faults_in_channels({"title": "x"})) == []


@pytest.mark.parametrize("name", ["", " ", "\n", "#" * (LIMITS.channel_characters + 1)])
def test_a_transition_tells_no_channel_without_a_name(wl: Orchestrator, name: str) -> None:
    """It is refused as a whole: nobody would learn of it."""
    made = wl.create_generic_task("task", task_id="t")
    with pytest.raises(worklattice.ValidationError, match="is not the name of a channel") as refused:
        wl.manage_lifecycle("t", "active", notify_channels=["#a", name])
    assert refused.value.field == "arguments.notify_channels"
    assert wl.get_task("t").task == made.task
