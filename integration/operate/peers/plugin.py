#!/usr/bin/python3
"""What the plugin in nova-compute does on the bus, and nothing of what it does with guests: asks the service by a cast that is
answered by a cast, and serves the service's and the agents' questions.

    plugin.py --url rabbit://user:password@host:port/ --host compute-1

Prints the answer to its own question, as JSON, and then serves until it is killed.
"""
import argparse
import datetime
import json
import queue
import uuid

from oslo_config import cfg
import oslo_messaging


class Endpoint:
    target = oslo_messaging.Target(version="1.1")

    def __init__(self):
        self.answers = queue.Queue()

    def answer_call(self, context, to, result=None, failure=None):
        self.answers.put({"result": result, "failure": failure})

    def observe_instance(self, context, instance_id):
        return {"running": False, "drives": []}


def main():
    parser = argparse.ArgumentParser(description="speaks as the plugin in nova-compute does")
    parser.add_argument("--url", required=True)
    parser.add_argument("--host", required=True)
    options = parser.parse_args()
    conf = cfg.CONF  # oslo.messaging 14.0 looks for its metrics options in this one only
    conf([], project="configdrive-plugin")
    transport = oslo_messaging.get_rpc_transport(conf, url=options.url)
    endpoint = Endpoint()
    target = oslo_messaging.Target(exchange="configdrive", topic="configdrive_plugin", server=options.host)
    server = oslo_messaging.get_rpc_server(transport, target, [endpoint], executor="threading",
                                           access_policy=oslo_messaging.DefaultRPCAccessPolicy)
    server.start()
    # The name since oslo.messaging 14.1; Debian 12 has 14.0.
    make = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)
    client = make(transport, oslo_messaging.Target(exchange="configdrive", topic="configdrive", version="1.2"))
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=60)
    answer_to = {"server": options.host, "call_id": str(uuid.uuid4()),
                 "expires_at": expires.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    context = {"roles": ["service"], "is_admin": True, "user_id": "nova", "project_id": "demo"}
    client.prepare(retry=0).cast(context, "list_drives", answer_to=answer_to)
    print(json.dumps(endpoint.answers.get(timeout=60)), flush=True)
    server.wait()


if __name__ == "__main__":
    main()
