"""The rival: an oslo.messaging server with one method that returns its argument.

    server.py threading|eventlet TRANSPORT_URL TOPIC
"""
import logging
import sys

if sys.argv[1] == "eventlet":
    import eventlet
    eventlet.monkey_patch()

from oslo_config import cfg
import oslo_messaging


class Echo:
    target = oslo_messaging.Target(version="1.0")

    def echo(self, context, value):
        return value


def main():
    executor, url, topic = sys.argv[1:4]
    # It warns of each reply sent beyond its pool of thirty connections; to print that would only slow it down.
    logging.disable(logging.WARNING)
    cfg.CONF([], project="bench")
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=url)
    target = oslo_messaging.Target(exchange="bench", topic=topic, server="host")
    server = oslo_messaging.get_rpc_server(transport, target, [Echo()], executor=executor)
    server.start()
    print("ready", flush=True)
    server.wait()


main()
