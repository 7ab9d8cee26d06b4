"""Calls of Cinder's volume service to the service that has the drives."""

import time

import oslo_messaging as messaging
from cinder import exception, rpc
from oslo_config import cfg
from oslo_log import log

LOG = log.getLogger(__name__)

EXCHANGE = "configdrive"
TOPIC = "configdrive"
VERSION = "1.2"

OPTIONS = [
    cfg.FloatOpt(
        "configdrive_timeout",
        default=60,
        min=1,
        help="Seconds that a call to the service may take in all, with every repetition.",
    ),
    cfg.FloatOpt(
        "configdrive_attempt_timeout",
        default=20,
        min=0.5,
        help="Seconds after which a request that was not answered is sent again, under the same id: the service does it once.",
    ),
]
# What is wrong with the request, and would be everywhere. Of a class that Cinder does not know oslo.messaging tells the name.
_WRONG = ("InvalidInput", "OverQuota", "PolicyNotAuthorized", "TypeError")
# Seconds after which a drive that something else is done with is asked for again.
_BUSY_PAUSE = 0.5


class Missing(Exception):
    """There is no such drive in the project."""


class Service:
    """The service, as Cinder's own transport reaches it.

    :param settings: the backend's section of cinder.conf
    """

    def __init__(self, settings):
        settings.append_config_values(OPTIONS)
        self._settings = settings
        # Made by this function from 14.1 on; before that there is only the class.
        make = getattr(messaging, "get_rpc_client", messaging.RPCClient)
        self._client = make(rpc.TRANSPORT, messaging.Target(exchange=EXCHANGE, topic=TOPIC, version=VERSION))

    def call(self, project_id, method, **arguments):
        """Calls a method for a project until it is answered, with the same request id each time, or its time is over.

        :raises Missing: where there is no such drive
        :raises cinder.exception.InvalidInput: where what is asked for is refused for what it is
        :raises cinder.exception.VolumeBackendAPIException: for all else
        """
        seconds = self._settings.configdrive_timeout
        end = time.monotonic() + seconds
        context = {"project_id": project_id, "roles": ["service"], "is_admin": True}
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise _failed("no answer to %s within %s seconds" % (method, seconds))
            attempt = self._client.prepare(timeout=min(self._settings.configdrive_attempt_timeout, left), retry=0)
            try:
                return attempt.call(context, method, **arguments)
            except messaging.MessagingTimeout:
                LOG.warning("configdrive: no answer to %s yet", method)
            except messaging.MessageDeliveryFailure as error:
                LOG.warning("configdrive: %s was not delivered: %s", method, error)
                time.sleep(min(0.5, max(0, end - time.monotonic())))
            except messaging.RemoteError as error:
                # What comes after the first line is a traceback.
                reason = str(error.value).split("\n", 1)[0]
                if "[DRIVE_BUSY]" not in reason or time.monotonic() + _BUSY_PAUSE > end:
                    raise _refusal(error.exc_type, reason)
                time.sleep(_BUSY_PAUSE)


def _refusal(kind, reason):
    if kind == "VolumeNotFound":
        return Missing(reason)
    if kind in _WRONG:
        return exception.InvalidInput(reason="configdrive: %s" % reason)
    return _failed(reason)


def _failed(text):
    return exception.VolumeBackendAPIException(data="configdrive: %s" % text)
