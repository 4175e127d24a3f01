"""What follows each event, in order: the only place that wires app to app.

"now" runs in the event's own transaction (what must never disagree), "later" after commit
through the queue. A follower takes a batch of events, is set-based and safe to run twice.
"""

from crm.events.record import Follow

FLOWS: dict[str, list[Follow]] = {}
