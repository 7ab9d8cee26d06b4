#!/usr/bin/python3
"""An ordinary oslo.messaging caller: nothing in it knows the service but the exchange, the topic and the methods' names.

    client.py --url rabbit://user:password@host:port/ get_drive '{"drive_id": "..."}'
    client.py --url ...        one call a line on standard input, {"method": ..., "args": {...}}; one answer a line

A line may also hold "version" (of the target; 1.0), "context", "timeout" (seconds; 60), and "cast": true.
An answer is {"result": ...} or {"error": {"class": ..., "message": ...}}, the class being what Python raised.
"""
import argparse
from importlib import metadata
import json
import sys
import uuid

from oslo_config import cfg
import oslo_messaging


def describe(error):
    if isinstance(error, oslo_messaging.RemoteError):
        return {"class": error.exc_type, "message": str(error.value), "remote": True,
                "whole": repr(vars(error))}
    kind = type(error)
    return {"class": f"{kind.__module__}.{kind.__qualname__}", "message": str(error), "remote": False,
            "whole": repr(vars(error))}


def call(client, request):
    context = {"request_id": f"req-{uuid.uuid4()}", "project_id": "demo", "user_id": "demo", "is_admin": False,
               "roles": ["member", "reader"]}
    context.update(request.get("context", {}))
    prepared = client.prepare(version=request.get("version", "1.0"), timeout=request.get("timeout", 60))
    send = prepared.cast if request.get("cast") else prepared.call
    try:
        return {"result": send(context, request["method"], **request.get("args", {}))}
    except Exception as error:  # whatever it is: to report it is what this program is for
        return {"error": describe(error)}


def main():
    parser = argparse.ArgumentParser(description="calls configdrive-bridge over the bus")
    parser.add_argument("--url", required=True, help="transport_url of the bus")
    parser.add_argument("method", nargs="?")
    parser.add_argument("args", nargs="?", default="{}", help="the arguments, as JSON")
    options = parser.parse_args()

    conf = cfg.CONF  # oslo.messaging 14.0 looks for its metrics options in this one only
    conf([], project="configdrive-client")
    transport = oslo_messaging.get_rpc_transport(conf, url=options.url)
    # Else the library's metrics thread keeps a program that is done from ending for ten seconds.
    conf.set_override("metrics_thread_stop_timeout", 0, group="oslo_messaging_metrics")
    target = oslo_messaging.Target(exchange="configdrive", topic="configdrive", version="1.0")
    # The name since oslo.messaging 14.1; Debian 12 has 14.0.
    make = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)
    client = make(transport, target)
    try:
        if options.method:
            answer = call(client, {"method": options.method, "args": json.loads(options.args)})
            print(json.dumps(answer, indent=2))
            return 1 if "error" in answer else 0
        print(json.dumps({"ready": metadata.version("oslo.messaging")}), flush=True)
        for line in sys.stdin:
            print(json.dumps(call(client, json.loads(line))), flush=True)
        return 0
    finally:
        transport.cleanup()


if __name__ == "__main__":
    sys.exit(main())
