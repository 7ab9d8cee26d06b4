import threading
import time
import unittest

import oslo_messaging as messaging
from nova import conf, exception, rpc
from oslo_config import fixture

from configdrive_bridge import answers, endpoint, options, service

CONF = conf.CONF


class Bridge:
    """The service, in a thread of its own: answers casts and calls as it is told to."""

    target = messaging.Target(version=service.VERSION)

    def __init__(self, transport, outcome):
        self.asked = []
        self.outcome = outcome
        self._plugin = messaging.get_rpc_client(
            transport, messaging.Target(exchange=service.EXCHANGE, topic=endpoint.TOPIC, version="1.1")
        )

    def build(self, context, request_id, answer_to=None):
        self.asked.append((request_id, answer_to is not None))
        if answer_to is None:
            return {"by": "call"}
        if self.outcome is not None:
            self._plugin.prepare(server=answer_to["server"]).cast({}, "answer_call", to=answer_to, **self.outcome)


class ServiceTest(unittest.TestCase):
    """Over a transport within this process, with whatever this Python has for threads."""

    def setUp(self):
        options.register(CONF)
        config = self.config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group=options.GROUP, build_timeout=20, attempt_timeout=10)
        self.transport = messaging.get_rpc_transport(CONF, url="fake:///")
        before = rpc.TRANSPORT
        rpc.TRANSPORT = self.transport
        self.addCleanup(setattr, rpc, "TRANSPORT", before)

    def open(self, outcome):
        heard = answers.Answers("compute1")
        bridge = Bridge(self.transport, outcome)
        self.serve(service.TOPIC, "service", bridge)
        self.serve(endpoint.TOPIC, "compute1", heard)
        return service.Service(heard), bridge, heard

    def serve(self, topic, host, served):
        target = messaging.Target(exchange=service.EXCHANGE, topic=topic, server=host)
        server = messaging.get_rpc_server(self.transport, target, [served], executor="threading")
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)

    def test_a_cast_is_answered_by_a_cast(self):
        client, bridge, heard = self.open({"result": '{"by": "cast"}'})
        self.assertEqual(client.call({}, "build", request_id="a"), {"by": "cast"})
        self.assertEqual(bridge.asked, [("a", True)])
        self.assertEqual(heard._waiting, {})

    def test_many_at_once_get_each_its_own(self):
        client, bridge, _ = self.open({"result": "1"})
        got = []
        threads = [threading.Thread(target=lambda: got.append(client.call({}, "build", request_id="a"))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [1] * 20)

    def test_content_that_is_wrong_is_wrong_everywhere(self):
        text = "too much [CONTENT_TOO_LARGE]"
        client, _, _ = self.open({"failure": failure("Invalid", "nova.exception", text)})
        with self.assertRaises(exception.InvalidInput) as caught:
            client.call({}, "build", request_id="a")
        self.assertIn(text, str(caught.exception))

    def test_any_other_failure_is_of_the_service(self):
        client, bridge, _ = self.open(None)
        for kind, module in (("NovaException", "nova.exception"), ("Invalid", "elsewhere"), ("NoSuch", "nova.exception")):
            bridge.outcome = {"failure": failure(kind, module, "no space")}
            with self.assertRaises(service.Unavailable):
                client.call({}, "build", request_id="a")

    def test_a_cast_without_an_answer_is_followed_by_a_call_under_the_same_id(self):
        self.config.config(group=options.GROUP, attempt_timeout=0.1, build_timeout=60)
        client, bridge, _ = self.open(None)
        self.assertEqual(client.call({}, "build", request_id="a"), {"by": "call"})
        self.assertEqual(bridge.asked[0], ("a", True))
        self.assertEqual(set(bridge.asked[1:]), {("a", False)})

    def test_what_is_told_is_told_in_the_background_and_again_until_it_is_taken(self):
        client, bridge, _ = self.open({"failure": failure("NovaException", "nova.exception", "busy")})
        refused, taken = threading.Event(), threading.Event()
        hear = bridge.build

        def build(context, request_id, answer_to=None):
            hear(context, request_id, answer_to)
            if refused.is_set():
                taken.set()
            refused.set()
            bridge.outcome = {"result": "1"}

        bridge.build = build
        client.tell({}, "build", request_id="a")
        self.assertTrue(taken.wait(60))
        self.assertEqual(bridge.asked, [("a", True), ("a", True)])

    def test_what_is_so_no_more_is_not_told(self):
        client, bridge, _ = self.open({"result": "1"})
        before = set(threading.enumerate())
        client.tell({}, "build", holds=lambda: False, request_id="a")
        for telling in set(threading.enumerate()) - before:
            telling.join(60)
        self.assertEqual(bridge.asked, [])

    def test_an_answer_that_nobody_waits_for_is_passed_over(self):
        answers.Answers("compute1").answer_call({}, {"call_id": "none"}, result="1")

    def test_an_address_ends_with_the_wait(self):
        with answers.Answers("compute1").expected(0.01) as waited:
            self.assertRegex(waited.address["expires_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            with self.assertRaises(messaging.MessagingTimeout):
                waited.get()

    def test_without_a_service_its_time_is_all_that_is_spent(self):
        self.config.config(group=options.GROUP, build_timeout=1, attempt_timeout=0.2)
        start = time.monotonic()
        with self.assertRaises(service.Unavailable):
            service.Service(answers.Answers("compute1")).call({}, "build", request_id="a")
        self.assertGreaterEqual(time.monotonic() - start, 1)


def failure(kind, module, text):
    return {"exception_class": kind, "exception_module": module, "message": text}


if __name__ == "__main__":
    unittest.main()
