"""What the service answers to requests that went out as casts.

From 14.8 on oslo.messaging looks for the reply of a call every half second only. A cast to a server of one's own is there at once,
so a request that somebody waits for goes as a cast that names this server, and is answered by another one.
"""

import contextlib
import datetime
import threading
import uuid

import oslo_messaging as messaging


class Answers:
    """An endpoint: on exchange `configdrive`, topic `configdrive_plugin`, server = the host."""

    target = messaging.Target(version="1.1")

    def __init__(self, host):
        self._host = host
        self._waiting = {}

    def answer_call(self, context, to, result=None, failure=None):
        """The outcome of one request; one that nobody waits for any more is passed over.

        :param result: what the method gave, as JSON text
        :param failure: `exception_class`, `exception_module` and `message`
        """
        waiting = self._waiting.get(to["call_id"])
        if waiting is not None:
            waiting.outcome = (result, failure)
            waiting.event.set()

    @contextlib.contextmanager
    def expected(self, timeout):
        """An answer that is waited for, at most so many seconds from now."""
        waiting = _Waiting(self._host, timeout)
        self._waiting[waiting.address["call_id"]] = waiting
        try:
            yield waiting
        finally:
            del self._waiting[waiting.address["call_id"]]


class _Waiting:
    def __init__(self, host, timeout):
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=timeout)
        # The service keeps whole milliseconds.
        text = expires.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.address = {"server": host, "call_id": str(uuid.uuid4()), "expires_at": text}
        # nova's event where nova patches threads, the system's where it does not.
        self.event = threading.Event()
        self.outcome = None
        self._timeout = timeout

    def get(self):
        """What came: a result and a failure, one of them None.

        :raises oslo_messaging.MessagingTimeout: where nothing came in time
        """
        if not self.event.wait(self._timeout):
            raise messaging.MessagingTimeout("no answer within %s seconds" % self._timeout)
        return self.outcome
