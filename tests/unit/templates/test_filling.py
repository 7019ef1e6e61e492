import pytest

from tests.unit.templates.making import Json, expanded, refused, task_at
from worklattice.errors import LimitExceededError, TemplateParameterError
from worklattice.types import LIMITS

ANY: dict[str, Json] = {"a": {}, "b": {}, "c": {}}


def filled(attributes: Json, given: Json) -> Json:
    return expanded({"task_type": "r", "attributes": attributes}, ANY, given).tasks[0].attributes


@pytest.mark.parametrize("value", ["text", "", 8, 1.5, True, None, [1, "x"], {"k": [None]}])
def test_text_that_is_only_a_placeholder_keeps_the_type(value: Json) -> None:
    """A parameter stays the JSON value that it is."""
    assert filled({"x": "{a}", "deep": [{"y": "{a}"}]}, {"a": value}) == {"x": value, "deep": [{"y": value}]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é", "é"),
        (8, "8"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        (["a", 1], '["a", 1]'),
        ({"k": "ü"}, '{"k": "ü"}'),
    ],
)
def test_value_inside_a_longer_text_is_json(value: Json, text: str) -> None:
    """Texts are put in as they are, everything else as JSON."""
    assert filled({"x": "<{a}>"}, {"a": value}) == {"x": f"<{text}>"}


def test_what_was_put_in_is_not_looked_at_again() -> None:
    """Braces in a parameter's value are text."""
    assert filled({"x": "{a}", "y": "{a}{b}", "{a}": 1}, {"a": "{b}", "b": "{{"}) == {
        "x": "{b}",
        "y": "{b}{{",
        "{b}": 1,
    }


def test_braces_are_doubled() -> None:
    """Doubled braces in keys and values stand for single ones."""
    assert filled({"{{k}}": "{{v}} {{", "e": ""}, {}) == {"{k}": "{v} {", "e": ""}


def test_attribute_of_an_absent_parameter_goes() -> None:
    """Where an optional parameter was not given, the key, the item or the whole text that needs it goes."""
    attributes = {
        "x": "{a}",
        "text": "for {a}",
        "list": ["{a}", "stays"],
        "{a}": 1,
        "in": {"y": "{a}", "z": 2},
    }
    assert filled(attributes, {}) == {"list": ["stays"], "in": {"z": 2}}


def test_field_of_an_object_is_read() -> None:
    """Dots lead into objects; a field that is not there was not given."""
    assert filled({"x": "{a.k.n}", "y": "{a.other}", "z": "{b.k}"}, {"a": {"k": {"n": 3}}}) == {"x": 3}


def test_field_of_no_object_is_refused() -> None:
    """A parameter that has no fields is refused where the template reads one."""
    root = {"task_type": "r", "attributes": {"x": "{a.k.n}"}}
    found = refused(TemplateParameterError, root, ANY, {"a": {"k": "text"}})
    assert found == [(".a.k", 'must be an object: the template reads its field "n"')]


def test_keys_come_from_parameters() -> None:
    """Keys of objects hold placeholders too; numbers become text."""
    assert filled({"{a}": 1, "n{b}": 2}, {"a": "k", "b": 7}) == {"k": 1, "n7": 2}


@pytest.mark.parametrize(
    ("attributes", "given", "path", "message"),
    [
        ({"{a}": 1}, {"a": ["x"]}, ".a", "must be text or a number: the template makes a key of it"),
        ({"{a}": 1, "{b}": 2}, {"a": "k", "b": "k"}, ".a", 'makes two keys "k" of one object'),
        ({"k": 1, "x{b}": 3, "{a}": 2}, {"a": "k", "b": 1}, ".b", 'makes two keys "k" of one object'),
    ],
)
def test_key_that_cannot_be_made_is_refused(attributes: Json, given: Json, path: str, message: str) -> None:
    """A key is text, and two keys of one object differ."""
    root = {"task_type": "r", "attributes": attributes}
    assert refused(TemplateParameterError, root, ANY, given) == [(path, message)]


def test_arrays_and_objects_of_a_template_are_new_for_each_task() -> None:
    """Changing what one task holds changes neither another task nor the template."""
    root = {
        "task_type": "r",
        "children": [{"task_type": "x", "for_each": "a", "attributes": {"tags": ["t"], "o": {}}}],
    }
    plan = expanded(root, ANY, {"a": [1, 2]})
    tags = task_at(plan, "x[0]").attributes["tags"]
    assert isinstance(tags, list)
    tags.append("more")
    assert task_at(plan, "x[1]").attributes == {"tags": ["t"], "o": {}}


def test_text_that_grows_too_long_is_refused() -> None:
    """Short texts that together make one beyond the limit are refused where they are given."""
    root = {"task_type": "r", "attributes": {"x": "{a}{a}{a}"}}
    ((path, message),) = refused(TemplateParameterError, root, ANY, {"a": "x" * 400_000})
    assert (path, message) == (".a", "makes a text longer than 1,000,000 characters")


@pytest.mark.parametrize("text", ["{b}", "{b} ", "{c}"])
def test_expansion_that_grows_too_large_is_refused(text: str) -> None:
    """What all tasks hold together has a limit, so that a small call cannot fill the memory."""
    root = {"task_type": "r", "children": [{"task_type": "x", "for_each": "a", "attributes": {"x": text}}]}
    with pytest.raises(LimitExceededError) as caught:
        expanded(root, ANY, {"a": [0] * 200, "b": "x" * 100_000, "c": ["x" * 1_000] * 100})
    assert caught.value.limit == LIMITS.expansion_characters


def test_large_texts_of_the_template_itself_count() -> None:
    """What a loop repeats of the template's own text counts as well."""
    root = {
        "task_type": "r",
        "children": [{"task_type": "x", "for_each": "a", "attributes": {"x": "x" * 100_000}}],
    }
    with pytest.raises(LimitExceededError):
        expanded(root, ANY, {"a": [0] * 200})


def test_depth_of_a_parameter_adds_to_that_of_the_template() -> None:
    """A deep value in a deep place is refused; the same value in a shallow one is not."""
    deep: Json = "x"
    for _ in range(40):
        deep = [deep]
    place: Json = "{a}"
    for _ in range(30):
        place = {"k": place}
    assert filled({"x": "{a}"}, {"a": deep})
    root = {"task_type": "r", "attributes": place}
    assert refused(TemplateParameterError, root, ANY, {"a": deep}) == [
        (".a", "would be nested deeper than 64 levels in a task")
    ]
