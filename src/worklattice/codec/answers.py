"""Answers as JSON: what callers of tools get, the schemas that say so, and reading a kept answer back.

Every field is written under its own name, times in RFC 3339. A field whose default is None is left out while
it is None: it says something only where it was asked for. Answers own the JSON values in them, so nothing is
copied.

Not here: `status` and errors (`worklattice.tools`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from worklattice.codec.fields import AnyJson, AnyJsonObject, fields_of
from worklattice.lang.times import format_time, parse_time
from worklattice.types import JsonObject

T = TypeVar("T")


def unstructure(answer: object) -> Any:
    """The answer as JSON values. They are the answer's own: nobody else holds them."""
    return _converter().unstructure(answer)


def structure_answer(cls: type[T], document: JsonObject) -> T:
    """The answer that `unstructure` made the document of."""
    return _converter().structure(document, cls)


_write_time: Final = lru_cache(maxsize=4096)(format_time)
"""`format_time`, remembering the times that many fields share."""


def _write_optional_time(moment: datetime | None) -> str | None:
    return None if moment is None else _write_time(moment)


def _is_plain(hint: Any) -> bool:
    """Whether values of the type are JSON already."""
    if get_origin(hint) in {Union, UnionType}:
        return all(_is_plain(part) for part in get_args(hint))
    return hint in _PLAIN or get_origin(hint) in {Literal, dict}


_PLAIN: Final = frozenset({str, int, float, bool, NoneType, AnyJson, AnyJsonObject})


@lru_cache(maxsize=1)
def _converter() -> Converter:
    converter = Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _writer(cls, converter))
    converter.register_unstructure_hook(datetime, _write_time)
    converter.register_unstructure_hook_func(lambda hint: hint == datetime | None, _write_optional_time)
    converter.register_unstructure_hook_func(_is_plain, identity)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _reader(cls, converter))
    converter.register_structure_hook(datetime, lambda text, _: parse_time(text))
    converter.register_structure_hook_func(_is_plain, lambda value, _: value)
    return converter


def _writer(cls: type[T], converter: Converter) -> Callable[[T], dict[str, Any]]:
    left_out = {field.name: override(omit_if_default=True) for field in fields_of(cls) if field.default is None}
    return make_dict_unstructure_fn(cls, converter, **left_out)  # type: ignore[arg-type]


def _reader(cls: type[T], converter: Converter) -> Callable[[Any, Any], T]:
    fields_of(cls)
    return make_dict_structure_fn(cls, converter)
