"""Calls to the service."""

import time

import oslo_messaging as messaging
from nova import conf, exception, rpc, utils
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
    """The service, as nova-compute's own transport reaches it."""

    def __init__(self):
        target = messaging.Target(exchange=EXCHANGE, topic=TOPIC, version=VERSION)
        # Made by this function from 14.1 on; before that there is only the class.
        make = getattr(messaging, "get_rpc_client", messaging.RPCClient)
        self._client = make(rpc.TRANSPORT, target, version_cap=CONF.upgrade_levels.configdrive)

    def call(self, context, method, **arguments):
        """Calls a method until it is answered, with the same request id each time, or its time is over.

        :raises nova.exception.InvalidInput: where what is asked for can be done nowhere
        :raises Unavailable: for all else
        """
        ours = CONF.configdrive_bridge
        end = time.monotonic() + ours.build_timeout
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise Unavailable("no answer to %s within %s seconds" % (method, ours.build_timeout))
            attempt = self._client.prepare(timeout=min(ours.attempt_timeout, left), retry=0)
            try:
                return attempt.call(context, method, **arguments)
            except messaging.MessagingTimeout:
                LOG.warning("configdrive: no answer to %s yet", method)
            except messaging.RPCVersionCapError as error:
                raise Unavailable(str(error))
            except messaging.MessageDeliveryFailure as error:
                LOG.warning("configdrive: %s was not delivered: %s", method, error)
                time.sleep(min(0.5, max(0, end - time.monotonic())))
            except (exception.NovaException, messaging.RemoteError) as error:
                _raise(error)

    def tell(self, context, method, **arguments):
        """Calls a method in the background, and again while the service is at something else with the drive."""
        utils.spawn_n(self._tell, context, method, arguments)

    def _tell(self, context, method, arguments):
        for pause in _TELL_PAUSES:
            try:
                self.call(context, method, **arguments)
                return
            except (Unavailable, exception.InvalidInput) as error:
                LOG.warning("configdrive: %s is not told yet: %s", method, error)
                time.sleep(pause)
        LOG.error("configdrive: %s was not told", method)


def _raise(error):
    """A refusal of the service as nova treats it rightly: content that is wrong is wrong on every host."""
    # What comes after the first line is a traceback.
    text = str(getattr(error, "value", None) or error).split("\n", 1)[0]
    if isinstance(error, exception.Invalid) and not isinstance(error, exception.InvalidVolume):
        raise exception.InvalidInput(reason=text)
    raise Unavailable(text)


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
