import pytest

from worklattice.errors import LimitExceededError, Problem, ValidationError
from worklattice.tools.payloads import opened, parsed
from worklattice.types import LIMITS


def message(payload: object) -> str:
    with pytest.raises(ValidationError) as caught:
        parsed(payload)
    assert caught.value.field == "payload"
    assert len(caught.value.message) < 200
    return caught.value.message


@pytest.mark.parametrize(
    "payload",
    ['{"a": [1, 2.5, "ß"]}', '{"a": [1, 2.5, "ß"]}'.encode(), bytearray(b' {"a":[1,2.5,"\\u00df"]}\n')],
)
def test_json_as_text_or_bytes(payload: object) -> None:
    """Text and UTF-8 bytes are parsed."""
    assert parsed(payload) == {"a": [1, 2.5, "ß"]}


def test_a_value_is_taken_as_it_is() -> None:
    """What is no text is not parsed."""
    payload = {"tool": "x"}
    assert parsed(payload) is payload


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("{} {}", "Extra data"),
        ("{'a': 1}", "is not JSON"),
        ("\ufeff{}", "is not JSON"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8: byte 0"),
        (b'{"a": "\xc3"}', "is not UTF-8: byte 7"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'has the key "c" twice'),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        (f'{{"a": {"9" * 4_301}}}', "an integer of 4,301 digits"),
        (f'{{"a": -{"9" * 1_000_000}}}', "an integer of 1,000,000 digits"),
        ("[" * 100_000, "nested deeper"),
        ('{"a":' * 100_000, "nested deeper"),
    ],
)
def test_what_is_not_one_json_document(payload: str | bytes, says: str) -> None:
    """A payload is one JSON document in UTF-8, its keys once each, its numbers finite."""
    assert says in message(payload)


def test_how_long_a_payload_may_be() -> None:
    """A text of 1 MiB is read, one byte more is not; bytes are counted, not characters."""
    longest = '"' + "x" * (LIMITS.payload_bytes - 2) + '"'
    assert len(str(parsed(longest))) == LIMITS.payload_bytes - 2
    for payload in (longest + " ", (longest + " ").encode(), '"' + "ß" * (LIMITS.payload_bytes // 2) + '"'):
        with pytest.raises(LimitExceededError) as caught:
            parsed(payload)
        assert caught.value.limit == LIMITS.payload_bytes


def test_a_text_with_lone_surrogates_is_measured() -> None:
    """A text that is no Unicode is parsed; what is in it is refused where it stands."""
    assert parsed('"\ud800"') == "\ud800"


def test_an_envelope() -> None:
    """Arguments may be left out."""
    assert opened({"tool": "x", "arguments": {"a": 1}}, "") == ("x", {"a": 1})
    assert opened({"tool": "x"}, "") == ("x", {})


@pytest.mark.parametrize("payload", [None, [], "x", 1, object()])
def test_an_envelope_that_is_no_object(payload: object) -> None:
    """A payload is an object."""
    with pytest.raises(ValidationError) as caught:
        opened(payload, "")
    assert caught.value.field == "payload"
    with pytest.raises(ValidationError) as caught:
        opened(payload, "arguments.commands[1]")
    assert caught.value.field == "arguments.commands[1]"


def test_everything_wrong_with_an_envelope() -> None:
    """All faults of the envelope are told at once."""
    with pytest.raises(ValidationError) as caught:
        opened({"tol": "x", "arguments": None, 7: 1}, "arguments.commands[1]")
    assert caught.value.problems == (
        Problem(field="arguments.commands[1].tool", message="tool is required"),
        Problem(field="arguments.commands[1].arguments", message="must be an object, not null"),
        Problem(
            field="arguments.commands[1].tol", message='"tol" is not known here, only tool and arguments'
        ),
        Problem(field="arguments.commands[1]", message="7 is not known here, only tool and arguments"),
    )
