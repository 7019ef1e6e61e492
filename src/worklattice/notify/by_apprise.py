"""Notifications through Apprise, which knows how to reach more than a hundred services.

https://appriseit.com/services lists them with their URLs. The only module that imports the library, and only
when a handler is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote

from worklattice.model.notifications import Notification
from worklattice.model.outbox import without_urls
from worklattice.notify.failing import NotSentError

_TARGET: Final = "{target}"
_LOGGERS: Final = ("apprise", "urllib3.connectionpool", "requests")
"""Who logs what is sent, and where to."""


def apprise_handler(*urls: str, title: str = "") -> Callable[[Notification], None]:
    """A handler that sends the text through Apprise to every one of the URLs.

    Where one of several fails, all of them get the notification again. To send to Slack, take
    `slack_handler`.

    Args:
        urls: of services, as Apprise writes them. `{target}` in one is replaced by the notification's target,
            quoted: `mailtos://user:password@example.org?to={target}`, for channels like `mailto:ann@…`.
        title: of every message, for services that have titles.

    Raises:
        ImportError: Apprise is not installed: `pip install "worklattice[notify]"`.
        ValueError: no URL is given, or Apprise cannot read one; it is named by its place, being a secret.
    """
    library = _library()
    if not urls:
        raise ValueError("give the URL of a service at least, such as json://host/path")
    for place, url in enumerate(urls, start=1):
        with _without_urls_in_logs(url):
            _opened(library, url.replace(_TARGET, "someone"), place)

    def send(notification: Notification) -> None:
        target = quote(notification.target, safe="")
        failed: list[str] = []
        for place, url in enumerate(urls, start=1):
            with _without_urls_in_logs(url):
                service = _opened(library, url.replace(_TARGET, target), place)
                sent = service.notify(
                    body=notification.text,
                    title=title,
                    body_format=library.NotifyFormat.TEXT,
                    interpret_escapes=False,
                )
            if not sent:
                failed.append(f"{url.partition(':')[0]} (URL {place} of {len(urls)})")
        if failed:
            raise NotSentError(f"Apprise could not send it by {', '.join(failed)}.")

    return send


def _opened(library: ModuleType, url: str, place: int) -> Any:  # noqa: ANN401 - Apprise's own object
    service = library.Apprise()
    if not service.add(url):
        raise ValueError(f"Apprise cannot read URL {place}, which is not shown, being a secret")
    return service


@cache
def _library() -> ModuleType:
    try:
        import apprise  # noqa: PLC0415 - an extra, wanted only where a handler is made
    except ImportError:
        raise ImportError(
            'Apprise is not installed. Install worklattice with it: pip install "worklattice[notify]"'
        ) from None
    without = _WithoutUrls()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(without)
    return apprise


# --- logs ---------------------------------------------------------------------------------------------------

_sending_to: Final[ContextVar[str | None]] = ContextVar("worklattice sends through Apprise", default=None)


@contextmanager
def _without_urls_in_logs(url: str) -> Generator[None]:
    """Meanwhile, what the libraries log here is logged without this URL, and what else may be one."""
    token = _sending_to.set(url)
    try:
        yield
    finally:
        _sending_to.reset(token)


class _WithoutUrls(logging.Filter):
    """Takes URLs out of what is logged while a handler of ours sends; what others log stays as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, changed."""
        url = _sending_to.get()
        if url is not None:
            text = record.getMessage()
            record.msg, record.args = without_urls(text.replace(url, "…") if url else text), ()
            record.exc_info = record.exc_text = None
        return True
