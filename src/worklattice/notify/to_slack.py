"""Notifications to Slack, through its incoming webhooks."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from worklattice.model.notifications import Notification
from worklattice.notify.failing import NotSentError

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONGEST: Final = 40_000
"""Characters of a text that Slack takes; it leaves out what follows.

https://docs.slack.dev/reference/methods/chat.postMessage#truncating
"""
_SHOWN: Final = 100
"""Characters of Slack's answer that an error shows."""


def slack_text(text: str) -> str:
    """The text as Slack shows it to the letter: what would be a link, a mention or an entity is escaped.

    https://docs.slack.dev/messaging/formatting-message-text#escaping

    >>> slack_text("<!channel> a < b & c")
    '&lt;!channel&gt; a &lt; b &amp; c'
    """
    return text.translate(_ESCAPES)


def slack_handler(
    webhook: str | Mapping[str, str], *, timeout: float = 10.0
) -> Callable[[Notification], None]:
    """A handler that posts the text to a webhook of Slack, escaped.

    Args:
        webhook: its URL; or, for several channels, the URLs by channel, such as `{"#releases": "https://…"}`.
            A webhook belongs to one channel, which Slack chose when it was made.
        timeout: seconds to wait for Slack.

    Raises:
        ValueError: a URL is none of http or https.
    """
    webhooks = {"": webhook} if isinstance(webhook, str) else dict(webhook)
    urls = {channel: _read(url) for channel, url in webhooks.items()}

    def send(notification: Notification) -> None:
        url = urls.get("") if isinstance(webhook, str) else urls.get(notification.channel)
        if url is None:
            raise NotSentError(f"There is no webhook for the channel {notification.channel!r}.")
        _post(url, {"text": slack_text(notification.text[:_LONGEST])}, timeout)

    return send


def _read(url: str) -> SplitResult:
    try:
        split = urlsplit(url)
        if split.scheme in {"http", "https"} and split.hostname and split.port != 0:
            return split
    except ValueError:  # which shows the URL
        pass
    raise ValueError("a webhook has a URL of https:// or http:// and a host; it is not shown, being a secret")


def _post(url: SplitResult, message: dict[str, str], timeout: float) -> None:
    """Post JSON; redirects are not followed, for they could lead the message anywhere."""
    assert url.hostname is not None
    body = json.dumps(message).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection = (
        http.client.HTTPSConnection(
            url.hostname, url.port, timeout=timeout, context=ssl.create_default_context()
        )
        if url.scheme == "https"
        else http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
    )
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read(_SHOWN).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotSentError(f"Slack could not be reached: {type(error).__name__}.") from None
    finally:
        connection.close()
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - as HTTP has it
        raise NotSentError(f"Slack answered {answer.status}: {said}")
