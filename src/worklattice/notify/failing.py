"""What a handler raises that could not send a notification."""

from __future__ import annotations


class NotSentError(Exception):
    """A notification could not be sent; the message names no URL."""
