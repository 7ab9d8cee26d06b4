#!/usr/bin/python3
"""An unmodified oslo.messaging caller that does as it is told: one JSON object a line in, one answer a line out.

    caller.py TRANSPORT_URL EXCHANGE TOPIC [OPTION=VALUE ...]      options of [oslo_messaging_rabbit]

In: {"id", "kind": "call"|"cast"|"fanout", "method", "args", "server", "namespace", "version", "context", "timeout", "monitor"}
Out: {"id", "result"} or {"id", "error": {"class", "module", "message"}}, and "seconds" that it took. Requests run side by side.
"""
import concurrent.futures
import json
import sys
import time

from oslo_config import cfg
import oslo_messaging


class Caller:
    def __init__(self, url, exchange, topic, options):
        conf = cfg.CONF
        conf([], project="caller")
        transport = oslo_messaging.get_rpc_transport(conf, url=url, allowed_remote_exmods=["configdrive_peer"])
        for option in options:
            name, value = option.split("=", 1)
            conf.set_override(name, json.loads(value), group="oslo_messaging_rabbit")
        self.transport = transport
        self.client = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)(
            transport, oslo_messaging.Target(exchange=exchange, topic=topic))

    def run(self, request):
        kind = request.get("kind", "call")
        target = {name: request[name] for name in ("server", "namespace", "version") if name in request}
        if kind == "fanout":
            target["fanout"] = True
        extra = {"timeout": request.get("timeout", 30)}
        if "monitor" in request:
            extra["call_monitor_timeout"] = request["monitor"]
        prepared = self.client.prepare(**target, **extra)
        send = prepared.call if kind == "call" else prepared.cast
        return send(request.get("context", {}), request["method"], **request.get("args", {}))


def describe(error):
    if isinstance(error, oslo_messaging.RemoteError):
        return {"class": error.exc_type, "module": "remote", "message": str(error.value)}
    return {"class": type(error).__name__, "module": type(error).__module__, "message": str(error)}


def main():
    caller = Caller(*sys.argv[1:4], sys.argv[4:])

    def answer(request):
        start = time.monotonic()
        try:
            outcome = {"result": caller.run(request)}
        except Exception as error:  # to report it is what this program is for
            outcome = {"error": describe(error)}
        outcome.update(id=request["id"], seconds=time.monotonic() - start)
        sys.stdout.write(json.dumps(outcome) + "\n")
        sys.stdout.flush()

    print(json.dumps({"ready": True}), flush=True)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        for line in sys.stdin:
            pool.submit(answer, json.loads(line))
    caller.transport.cleanup()


main()
