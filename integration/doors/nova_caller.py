#!/usr/bin/python3
"""A caller that lets oslo.messaging rebuild the exceptions of nova.exception, as nova's own services do.

    nova_caller.py TRANSPORT_URL EXCHANGE TOPIC KEYWORDS       KEYWORDS: {"<class>": ["<keyword>", ...], ...}

One reason a line on standard input; one answer a line: what Python caught, by which class it can be caught, and what it holds.
A nova.exception stands in for nova's, which has the same constructor: a text first, and every keyword that the class's own
text needs.
"""
import json
import sys
import types

from oslo_config import cfg
import oslo_messaging


class NovaException(Exception):
    needed = ()

    def __init__(self, message=None, **kwargs):
        missing = [keyword for keyword in self.needed if keyword not in kwargs]
        if missing or not message:
            raise KeyError(f"{type(self).__name__} lacks {missing or 'its text'}")
        self.kwargs = kwargs
        super().__init__(message)


def nova_exception(keywords):
    module = types.ModuleType("nova.exception")
    module.NovaException = NovaException
    NovaException.__module__ = "nova.exception"
    for name, needed in keywords.items():
        if name != "NovaException":
            members = {"needed": tuple(needed), "__module__": "nova.exception"}
            setattr(module, name, type(name, (NovaException,), members))
    sys.modules["nova"] = types.ModuleType("nova")
    sys.modules["nova.exception"] = module
    return module


def main():
    url, exchange, topic, keywords = sys.argv[1:]
    module = nova_exception(json.loads(keywords))
    conf = cfg.CONF
    conf([], project="nova-caller")
    transport = oslo_messaging.get_rpc_transport(conf, url=url, allowed_remote_exmods=["nova.exception"])
    make = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)
    client = make(transport, oslo_messaging.Target(exchange=exchange, topic=topic)).prepare(timeout=30)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            client.call({}, "refuse", reason=line.strip())
            answer = {"caught": "nothing"}
        except oslo_messaging.RemoteError as error:
            answer = {"caught": "RemoteError", "class": error.exc_type, "text": str(error.value)}
        except NovaException as error:
            names = [name for name in vars(module) if name != "NovaException" and not name.startswith("__")]
            by = [name for name in names if isinstance(error, getattr(module, name))] or ["NovaException"]
            answer = {"caught": "nova.exception", "class": by[0], "text": str(error), "kwargs": error.kwargs}
        except Exception as error:
            answer = {"caught": "builtins", "class": type(error).__name__, "text": str(error)}
        print(json.dumps(answer), flush=True)
    transport.cleanup()


if __name__ == "__main__":
    main()
