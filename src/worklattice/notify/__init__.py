"""Handlers for `deliver`: notifications sent through Apprise, and to Slack.

    from worklattice.notify import apprise_handler, slack_handler

    wl.deliver({"slack": slack_handler(webhook), "mailto": apprise_handler("mailtos://…?to={target}")})

- `by_apprise`: any service that Apprise knows; needs the extra `notify`;
- `to_slack`: an incoming webhook of Slack, and how Slack wants texts to be escaped; needs nothing;
- `failing`: what a handler raises that could not send.

URLs of services are secrets as a whole. They stay in the handlers: no error names one, no text that is kept
has one in it, and what the libraries log while a handler sends is logged without them.

Not here: whom to tell and when (`worklattice.model.notifications`, `worklattice.model.outbox`). `worklattice`
never imports this room, so who sends by other means loads none of it.
"""

from worklattice.notify.by_apprise import apprise_handler
from worklattice.notify.failing import NotSentError
from worklattice.notify.to_slack import slack_handler, slack_text

__all__ = ["NotSentError", "apprise_handler", "slack_handler", "slack_text"]
