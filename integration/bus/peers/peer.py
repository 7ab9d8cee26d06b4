"""An oslo.messaging peer, driven over standard input and output: one JSON object a line each way.

usage: peer.py EXECUTOR CONFIGURATION     EXECUTOR: threading | eventlet; CONFIGURATION: the text of an INI file

A line {"id": N, "do": COMMAND, ...} is answered by {"id": N, "value": ...} or {"id": N, "error": {...}}, in any order:
every command has a thread of its own. The first line printed names the version of oslo.messaging.
"""
import sys

EXECUTOR = sys.argv[1]
if EXECUTOR == "eventlet":
    import eventlet

    eventlet.monkey_patch()

import importlib.metadata
import json
import logging
import os
import platform
import tempfile
import threading
import traceback

import oslo_messaging
from oslo_config import cfg

import endpoints

WAIT_SECONDS = 30


class Peer:
    def __init__(self, conf):
        self.conf = conf
        self.transport = oslo_messaging.get_rpc_transport(conf, allowed_remote_exmods=["peer_exceptions"])
        self.notification_transport = oslo_messaging.get_notification_transport(conf)
        self.log = endpoints.Log()
        self.servers = []

    def serve(self, topic, server, exchange=None):
        target = oslo_messaging.Target(exchange=exchange, topic=topic, server=server)
        rpc_server = oslo_messaging.get_rpc_server(
            self.transport,
            target,
            [endpoints.Main(self.log), endpoints.Control()],
            executor=EXECUTOR,
            access_policy=oslo_messaging.DefaultRPCAccessPolicy,
        )
        rpc_server.start()
        self.servers.append(rpc_server)

    def client(self, target, options):
        target = oslo_messaging.Target(**target)
        return oslo_messaging.get_rpc_client(self.transport, target, **options)

    def call(self, target, method, args=None, context=None, client=None, prepare=None):
        prepared = self.client(target, client or {}).prepare(**self.options(prepare))
        return prepared.call(context or {}, method, **(args or {}))

    def call_with_numbers(self, target):
        """Numbers that JSON proper cannot carry over a pipe either."""
        numbers = {"nan": float("nan"), "inf": float("inf"), "big": 2**63, "negative": -(2**70), "half": 0.5}
        return self.call(target, "types", numbers)

    def call_for_text(self, target, method):
        return str(self.call(target, method))

    def cast(self, target, method, args=None, context=None, client=None, prepare=None):
        prepared = self.client(target, client or {}).prepare(**self.options(prepare))
        return prepared.cast(context or {}, method, **(args or {}))

    @staticmethod
    def options(prepare):
        options = dict(prepare or {})
        if options.pop("at_least_once", False):
            options["transport_options"] = oslo_messaging.TransportOptions(at_least_once=True)
        return options

    def happened(self, count):
        return self.log.wait_for(count, WAIT_SECONDS)

    def notify(self, priority, event_type, payload, publisher_id, topics, driver="messagingv2", context=None):
        notifier = oslo_messaging.Notifier(self.notification_transport, driver=driver, publisher_id=publisher_id, topics=topics)
        getattr(notifier, priority)(context or {}, event_type, payload)

    def listen(self, topic, exchange=None, pool=None, requeue=0):
        listener = oslo_messaging.get_notification_listener(
            self.notification_transport,
            [oslo_messaging.Target(exchange=exchange, topic=topic)],
            [endpoints.Notified(self.log, requeue)],
            executor=EXECUTOR,
            allow_requeue=True,
            pool=pool,
        )
        listener.start()
        self.servers.append(listener)

    def stop(self):
        for server in self.servers:
            server.stop()
            server.wait()
        self.servers = []


def described(error):
    """What a caller can tell of an exception without knowing its class."""
    return {
        "class": type(error).__name__,
        "module": type(error).__module__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "text": str(error),
        "args": [arg if isinstance(arg, (str, int, float)) else repr(arg) for arg in error.args],
        "kwargs": getattr(error, "kwargs", None),
        "exc_type": getattr(error, "exc_type", None),
        "value": getattr(error, "value", None),
    }


def lines():
    """Lines of standard input, read so that eventlet's other threads run on."""
    os.set_blocking(0, EXECUTOR != "eventlet")
    buffered = b""
    while True:
        piece = os.read(0, 1 << 16)
        if not piece:
            return
        *whole, buffered = (buffered + piece).split(b"\n")
        yield from whole


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    conf = cfg.CONF
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(sys.argv[2])
        file.flush()
        conf(["--config-file", file.name], project="peer")
    peer = Peer(conf)
    writing = threading.Lock()

    def say(answer):
        line = json.dumps(answer, default=repr) + "\n"
        with writing:
            sys.stdout.write(line)
            sys.stdout.flush()

    def obey(command):
        number = command.pop("id")
        try:
            say({"id": number, "value": getattr(peer, command.pop("do"))(**command)})
        except Exception as error:
            traceback.print_exc()
            say({"id": number, "error": described(error)})

    version = importlib.metadata.version("oslo.messaging")
    say({"oslo.messaging": version, "python": platform.python_version(), "executor": EXECUTOR})
    for line in lines():
        threading.Thread(target=obey, args=(json.loads(line),), daemon=True).start()
    os._exit(0)


main()
