import threading
import unittest
import uuid

from nova import exception
from oslo_concurrency import lockutils

from configdrive_bridge import claim


class LockedTest(unittest.TestCase):
    def setUp(self):
        self.uuid = str(uuid.uuid4())
        before = claim._instance
        claim._instance = lambda uuid, host: uuid
        self.addCleanup(setattr, claim, "_instance", before)

    def hold(self, lock):
        """Holds a lock in a thread of its own; gives what lets go of it."""
        held, over = threading.Event(), threading.Event()

        def run():
            with lock:
                held.set()
                over.wait(30)

        thread = threading.Thread(target=run)
        thread.start()
        held.wait(30)
        self.addCleanup(thread.join)
        self.addCleanup(over.set)
        return over

    def test_what_nova_holds_is_waited_for_a_short_time(self):
        self.hold(lockutils.lock(self.uuid, lock_file_prefix="nova-"))
        with self.assertRaises(exception.InstanceInvalidState):
            with claim.locked(self.uuid, "h", wait=0.2):
                pass

    def test_what_one_of_us_holds_is_waited_for_as_long_as_it_takes(self):
        over = self.hold(claim.locked(self.uuid, "h"))
        timer = threading.Timer(1, over.set)
        timer.start()
        self.addCleanup(timer.join)
        with claim.locked(self.uuid, "h", wait=0.2) as instance:
            self.assertTrue(over.is_set())
        self.assertEqual(instance, self.uuid)

    def test_a_look_waits_for_nobody(self):
        self.hold(claim.locked(self.uuid, "h"))
        with self.assertRaises(exception.InstanceInvalidState):
            with claim.locked(self.uuid, "h", wait=0):
                pass

    def test_the_lock_is_free_after_a_failure(self):
        with self.assertRaises(ValueError):
            with claim.locked(self.uuid, "h"):
                raise ValueError()
        with claim.locked(self.uuid, "h"):
            pass
        self.assertNotIn(self.uuid, claim._ours)
