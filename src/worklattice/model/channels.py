"""Channels: the names of whom to tell, what kind each is of, and which ones a task names.

A name says by its beginning which handler it is for, its *scheme*: `#releases` is a Slack channel, `@ann` a
person, `mailto:ann@example.org` and `https://example.org/hook` have the scheme of a URL, and any other name
has none. Whom to tell of what happens to a task stands in its attribute `notify_channels`, or in that of the
nearest ancestor that has one.

Not here: what there is to tell (`worklattice.model.notifications`), sending it (`worklattice.notify`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from worklattice.errors import shown
from worklattice.model.unreadable import Unreadable
from worklattice.types import LIMITS, JsonObject, JsonValue

NOTIFY_CHANNELS: Final = "notify_channels"
"""The attribute that says whom to tell."""

SIGNS: Final = {"#": "slack", "@": "user"}
"""The schemes of names that begin with a sign, which stays in the target."""

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_WITH_SCHEME: Final = re.compile(rf"({_SCHEME.pattern}):(?=\S)(.*)", re.DOTALL)


@frozen
class Channel:
    """Where to tell something."""

    name: str
    """As it was given."""
    scheme: str
    """Which handler it is for, in small letters; "" where the name says nothing of it."""
    target: str
    """Where the handler is to send it: a URL as a whole, what follows the scheme, or the name."""


def channel_of(name: str) -> Channel:
    """What the name of a channel means.

    >>> channel_of("#releases")
    Channel(name='#releases', scheme='slack', target='#releases')
    >>> channel_of("mailto:ann@example.org")
    Channel(name='mailto:ann@example.org', scheme='mailto', target='ann@example.org')
    >>> channel_of("https://example.org/hook").target
    'https://example.org/hook'
    >>> channel_of("the whole team").scheme
    ''
    """
    if name[:1] in SIGNS:
        return Channel(name, SIGNS[name[0]], name)
    if (match := _WITH_SCHEME.fullmatch(name)) is None:
        return Channel(name, "", name)
    scheme, rest = match[1].lower(), match[2]
    return Channel(name, scheme, name if rest.startswith("//") else rest)


def is_scheme(text: str) -> bool:
    """Whether channels may have this scheme."""
    return not text or _SCHEME.fullmatch(text) is not None


# --- what a task says -------------------------------------------------------------------------------------


def channels_in(attributes: JsonObject) -> tuple[str, ...] | None:
    """The names that the attribute holds, each once; None where it is not there or cannot be read."""
    if NOTIFY_CHANNELS not in attributes:
        return None
    read = read_channels(attributes[NOTIFY_CHANNELS])
    return None if isinstance(read, str) else read


def faults_in_channels(attributes: JsonObject) -> Iterator[Unreadable]:
    """Why the attribute cannot be read, where it is there and cannot."""
    read = read_channels(attributes[NOTIFY_CHANNELS]) if NOTIFY_CHANNELS in attributes else ()
    if isinstance(read, str):
        yield Unreadable(NOTIFY_CHANNELS, "is kept and tells nobody", read)


def read_channels(value: JsonValue) -> tuple[str, ...] | str:
    """The names that a value holds, each once; or why it holds none."""
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str) or not item.strip() or len(item) > LIMITS.channel_characters:
            return f"{shown(item)} is not the name of a channel, such as #releases"
        names.append(item)
    if len(names) > LIMITS.channels:
        return f"it names more than {LIMITS.channels} channels"
    if sum(map(len, names)) > LIMITS.channels_characters:
        return f"its names have more than {LIMITS.channels_characters:,} characters together"
    return tuple(dict.fromkeys(names))
