"""What a Python peer serves: methods with plain answers, errors and side effects that a test can look at."""
import threading
import time

import oslo_messaging

import peer_exceptions


class Log:
    """What happened, in order; a reader waits until enough has happened."""

    def __init__(self):
        self._entries = []
        self._changed = threading.Condition()

    def add(self, entry):
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def wait_for(self, count, seconds):
        with self._changed:
            self._changed.wait_for(lambda: len(self._entries) >= count, timeout=seconds)
            return list(self._entries)


class Main:
    """No namespace, version 1.5."""

    target = oslo_messaging.Target(version="1.5")

    def __init__(self, log):
        self._log = log

    def echo(self, ctxt, arg):
        return arg

    def void(self, ctxt, **kwargs):
        self._log.add({"method": "void", "args": kwargs})

    def record(self, ctxt, **kwargs):
        self._log.add({"method": "record", "args": kwargs})
        return len(self._log.wait_for(0, 0))

    def context(self, ctxt):
        return dict(ctxt)

    def slow(self, ctxt, seconds):
        time.sleep(seconds)
        return "done"

    def fail(self, ctxt, text):
        raise ValueError(text)

    def fail_with_kwargs(self, ctxt, instance_id):
        raise peer_exceptions.InstanceNotFound(instance_id=instance_id)

    def numbers(self, ctxt):
        return {"nan": float("nan"), "inf": float("inf"), "big": 2**63, "negative": -(2**70), "half": 0.5}

    def blob(self, ctxt, size):
        return "x" * size


class Control:
    """A namespace of its own, version 2.1."""

    target = oslo_messaging.Target(namespace="control", version="2.1")

    def stop(self, ctxt, why):
        return "stopped: " + why


class Notified:
    """Hears notifications; gives the first `requeue` of them back."""

    def __init__(self, log, requeue):
        self._log = log
        self._requeue = requeue

    def _hear(self, priority, ctxt, publisher_id, event_type, payload, metadata):
        self._log.add(
            {
                "priority": priority,
                "context": dict(ctxt),
                "publisher_id": publisher_id,
                "event_type": event_type,
                "payload": payload,
                "metadata": metadata,
            }
        )
        if self._requeue > 0:
            self._requeue -= 1
            return oslo_messaging.NotificationResult.REQUEUE
        return oslo_messaging.NotificationResult.HANDLED

    def info(self, *args):
        return self._hear("info", *args)

    def error(self, *args):
        return self._hear("error", *args)

    def warn(self, *args):
        return self._hear("warn", *args)
