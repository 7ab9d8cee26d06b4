#!/usr/bin/python3
"""An ordinary oslo.messaging listener: prints each notification that it hears as one line of JSON.

    listener.py --url rabbit://user:password@host:port/ --exchange configdrive_notifications --topic configdrive_audit
"""
import argparse
import json
import threading

from oslo_config import cfg
import oslo_messaging


class Printer:
    """Has the one method that the priority of audit events calls for. Events may come on several threads."""

    def __init__(self):
        self._lock = threading.Lock()

    def audit(self, context, publisher_id, event_type, payload, metadata):
        line = json.dumps({"context": context, "publisher_id": publisher_id, "event_type": event_type,
                           "payload": payload, "metadata": metadata})
        with self._lock:
            print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description="prints audit events of configdrive-bridge")
    parser.add_argument("--url", required=True)
    parser.add_argument("--exchange", required=True)
    parser.add_argument("--topic", required=True)
    options = parser.parse_args()
    conf = cfg.CONF  # oslo.messaging 14.0 looks for its metrics options in this one only
    conf([], project="configdrive-listener")
    transport = oslo_messaging.get_notification_transport(conf, url=options.url)
    listener = oslo_messaging.get_notification_listener(
        transport, [oslo_messaging.Target(exchange=options.exchange, topic=options.topic)], [Printer()],
        executor="threading")
    listener.start()
    print(json.dumps({"ready": True}), flush=True)
    listener.wait()


if __name__ == "__main__":
    main()
