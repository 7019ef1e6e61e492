"""Notifications arrive at a real receiver, and secrets stay where they are."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

import worklattice
from tests.unit.notify.receiving import Receiver, receiver
from worklattice import Notification, Orchestrator
from worklattice.notify import NotSentError, apprise_handler, slack_handler, slack_text
from worklattice.testing import ManualClock
from worklattice.testing.rows import event_row

TITLE = '<!channel> "a" & b > c\n*d*'


@pytest.fixture
def got() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


@pytest.fixture
def wl() -> Iterator[Orchestrator]:
    """A workspace with a notification to a Slack channel and one to a person."""
    with worklattice.open("memory:", clock=ManualClock()) as opened:
        opened.create_generic_task("t", task_id="a", attributes={"title": TITLE})
        opened.manage_lifecycle("a", "active", notify_channels=["#ops", "@ann b"])
        yield opened


def note(channel: str, text: str = "hello") -> Notification:
    return Notification.of(channel, text, event_row(1, "a"), "s")


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_through_apprise(wl: Orchestrator, got: Receiver) -> None:
    """The text arrives to the letter; the target stands where the URL has a place for it."""
    user = apprise_handler(f"json://127.0.0.1:{got.port}/to/{{target}}", title="From worklattice")
    assert wl.deliver({"user": user}).delivered == 1
    ((path,), (body,)) = got.paths, got.bodies
    assert path.rstrip("/") in {"/to/@ann%20b", "/to/%40ann%20b"}
    assert (body["title"], body["message"]) == ("From worklattice", f"{TITLE}: draft → active")


def test_to_slack(wl: Orchestrator, got: Receiver) -> None:
    """The text arrives escaped: nobody is paged by the title of a task."""
    slack = slack_handler(f"http://127.0.0.1:{got.port}/services/T/B/X?a=b")
    assert wl.deliver({"slack": slack}).delivered == 1
    assert got.paths == ["/services/T/B/X?a=b"]
    assert got.bodies == [{"text": '&lt;!channel&gt; "a" &amp; b &gt; c\n*d*: draft → active'}]


def test_a_text_that_is_too_long_for_slack(got: Receiver) -> None:
    """Slack takes 40,000 characters: the rest would be lost there too."""
    slack = slack_handler(f"http://127.0.0.1:{got.port}/x")
    slack(note("#a", "<" * 50_000))
    assert got.bodies == [{"text": "&lt;" * 40_000}]


def test_a_webhook_for_each_channel(got: Receiver) -> None:
    """A channel that has none is an error, which names it."""
    slack = slack_handler({"#a": f"http://127.0.0.1:{got.port}/a", "#b": f"http://127.0.0.1:{got.port}/b"})
    slack(note("#b"))
    slack(note("#a"))
    assert got.paths == ["/b", "/a"]
    with pytest.raises(NotSentError, match="'#c'"):
        slack(note("#c"))


@pytest.mark.parametrize("text", ["", "&amp;", "<@U1|ann>", "a<b>c&d", "ä"])
def test_what_slack_would_read_otherwise_is_escaped(text: str) -> None:
    """Three characters, each by its entity, once."""
    expected = "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(each, each) for each in text)
    assert slack_text(text) == expected


def test_apprise_escapes_plain_text_for_slack_itself() -> None:
    """Which is why its texts are not escaped before: they would be twice."""
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415

    service = Apprise()
    assert service.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops")
    (slack,) = service
    assert slack.dialect_convert(TITLE, NotifyFormat.TEXT) == slack_text(TITLE)


# --- failing --------------------------------------------------------------------------------------------


def test_a_receiver_that_refuses(got: Receiver) -> None:
    """The handler raises, so that it is tried again."""
    got.status, got.text = 503, "later"
    with pytest.raises(NotSentError, match="Slack answered 503: later"):
        slack_handler(f"http://127.0.0.1:{got.port}/SECRET")(note("#a"))
    with receiver() as willing:
        both = apprise_handler(f"json://127.0.0.1:{willing.port}", f"json://127.0.0.1:{got.port}/SECRET")
        with pytest.raises(NotSentError, match=r"Apprise could not send it by json \(URL 2 of 2\)"):
            both(note("#a"))
    assert len(willing.bodies) == 1


def test_a_redirect_is_not_followed(got: Receiver) -> None:
    """It could lead the message anywhere."""
    got.status, got.headers = 302, {"Location": f"http://127.0.0.1:{got.port}/elsewhere"}
    with pytest.raises(NotSentError, match="302"):
        slack_handler(f"http://127.0.0.1:{got.port}/here")(note("#a"))
    assert got.paths == ["/here"]


def test_secrets_stay_secret(wl: Orchestrator, got: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors, nor what is kept, nor any log names a URL, or a part of one."""
    port = closed_port()
    caplog.set_level(logging.DEBUG)
    handlers = {
        "slack": slack_handler(f"http://127.0.0.1:{port}/services/SECRET?k=SECRET"),
        "user": apprise_handler(
            f"json://SECRET:SECRET@127.0.0.1:{port}/SECRET?k=SECRET",
            f"json://SECRET:SECRET@127.0.0.1:{got.port}/SECRET?-k=SECRET",
        ),
    }
    assert wl.deliver(handlers).retried == 2
    assert len(got.bodies) == 1
    assert caplog.records
    assert "SECRET" not in caplog.text
    with wl._store.read("default") as view:
        errors = [row.error for row in view.due_deliveries("default", 1 << 62, 9)]
    assert errors == [
        "NotSentError: Slack could not be reached: ConnectionRefusedError.",
        "NotSentError: Apprise could not send it by json (URL 1 of 2).",
    ]


def test_what_others_log_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """Only while a handler sends are URLs taken out."""
    apprise_handler("json://127.0.0.1/x")
    logging.getLogger("apprise").warning("see %s", "https://example.org/x")
    assert "see https://example.org/x" in caplog.text


@pytest.mark.parametrize("urls", [(), ("nothing://SECRET",), ("json://127.0.0.1", "SECRET")])
def test_urls_that_apprise_cannot_read(urls: tuple[str, ...], caplog: pytest.LogCaptureFixture) -> None:
    """Are refused when the handler is made, by their place."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ValueError, match=rf"URL {len(urls)}|URL of a service") as caught:
        apprise_handler(*urls)
    assert "SECRET" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(
    "url",
    ["", "SECRET", "ftp://SECRET/x", "http:///SECRET", "http://x:SECRET/", "http://[SECRET", "https://"],
)
def test_what_is_no_webhook(url: str) -> None:
    """Is refused when the handler is made."""
    with pytest.raises(ValueError, match="https:// or http://") as caught:
        slack_handler(url)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__context__ is None


def test_who_does_not_send_loads_nothing() -> None:
    """Neither this room nor Apprise, which comes with the first handler of it."""
    program = """
import sys
import worklattice
with worklattice.open("memory:") as wl:
    wl.deliver({})
assert not {"worklattice.notify", "apprise"} & set(sys.modules)
import worklattice.notify
assert "apprise" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


def test_apprise_is_not_installed() -> None:
    """The error says how to get it."""
    program = """
import sys
sys.modules["apprise"] = None
from worklattice.notify import apprise_handler
try:
    apprise_handler("json://x")
except ImportError as error:
    assert "worklattice[notify]" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
