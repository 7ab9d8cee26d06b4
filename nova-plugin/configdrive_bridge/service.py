"""Calls to the service."""

import json
import threading
import time

import oslo_messaging as messaging
from nova import conf, exception, rpc
from oslo_log import log

LOG = log.getLogger(__name__)
CONF = conf.CONF

EXCHANGE = "configdrive"
TOPIC = "configdrive"
VERSION = "1.2"
# Seconds between the times that the service is told the same: an operation on a drive ends within two minutes.
_TELL_PAUSES = (1, 2, 5, 10, 30, 60, 60)


class Unavailable(Exception):
    """The service could not do it, for a reason that is not the drive's content. The text names it."""


class Service:
    """The service, as nova-compute's own transport reaches it.

    :param answers: the endpoint of this nova-compute that the service answers to
    """

    def __init__(self, answers):
        target = messaging.Target(exchange=EXCHANGE, topic=TOPIC, version=VERSION)
        # Made by this function from 14.1 on; before that there is only the class.
        make = getattr(messaging, "get_rpc_client", messaging.RPCClient)
        self._client = make(rpc.TRANSPORT, target, version_cap=CONF.upgrade_levels.configdrive)
        self._answers = answers

    def call(self, context, method, **arguments):
        """Asks for a method until it is answered, with the same request id each time, or its time is over.

        First by a cast that is answered by a cast, which takes no longer than the method does. Then by calls: they reach a service
        whose clock is wrong, and say what a cast never hears, such as that the service is too old.

        :raises nova.exception.InvalidInput: where what is asked for can be done nowhere
        :raises Unavailable: for all else
        """
        ours = CONF.configdrive_bridge
        end = time.monotonic() + ours.build_timeout
        ask = self._by_cast
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise Unavailable("no answer to %s within %s seconds" % (method, ours.build_timeout))
            try:
                return ask(context, method, arguments, min(ours.attempt_timeout, left))
            except messaging.MessagingTimeout:
                LOG.warning("configdrive: no answer to %s yet", method)
                ask = self._by_call
            except messaging.RPCVersionCapError as error:
                raise Unavailable(str(error))
            except messaging.MessageDeliveryFailure as error:
                LOG.warning("configdrive: %s was not delivered: %s", method, error)
                time.sleep(min(0.5, max(0, end - time.monotonic())))

    def _by_cast(self, context, method, arguments, timeout):
        with self._answers.expected(timeout) as answer:
            self._client.prepare(retry=0).cast(context, method, answer_to=answer.address, **arguments)
            result, failure = answer.get()
        if failure is None:
            return json.loads(result)
        known = failure["exception_module"] == exception.__name__
        kind = getattr(exception, failure["exception_class"], Exception) if known else Exception
        raise _refusal(kind, failure["message"])

    def _by_call(self, context, method, arguments, timeout):
        try:
            return self._client.prepare(timeout=timeout, retry=0).call(context, method, **arguments)
        except (exception.NovaException, messaging.RemoteError) as error:
            raise _refusal(type(error), str(getattr(error, "value", None) or error))

    def tell(self, context, method, holds=lambda: True, **arguments):
        """Calls a method in the background, and again while the service is at something else with the drive.

        :param holds: whether it is still so; what no longer is, is not told any more
        """
        # Of nova's own ways to do something in the background none is in every release. It holds no nova-compute up that ends.
        threading.Thread(target=self._tell, args=(context, method, holds, arguments), daemon=True).start()

    def _tell(self, context, method, holds, arguments):
        for pause in _TELL_PAUSES:
            if not holds():
                return
            try:
                self.call(context, method, **arguments)
                return
            except (Unavailable, exception.InvalidInput) as error:
                LOG.warning("configdrive: %s is not told yet: %s", method, error)
                time.sleep(pause)
        LOG.error("configdrive: %s was not told", method)


def _refusal(kind, text):
    """A refusal of the service as nova treats it rightly: content that is wrong is wrong on every host."""
    # What comes after the first line is a traceback.
    reason = text.split("\n", 1)[0]
    if issubclass(kind, exception.Invalid) and not issubclass(kind, exception.InvalidVolume):
        return exception.InvalidInput(reason=reason)
    return Unavailable(reason)


def context_of(context, instance):
    """Who asks: this nova-compute, for the project that has the instance, under the request that caused it."""
    return {
        "request_id": getattr(context, "request_id", None),
        "global_request_id": getattr(context, "global_id", None),
        "user_id": getattr(context, "user_id", None),
        "project_id": instance.project_id,
        "roles": ["service"],
        "is_admin": True,
    }
