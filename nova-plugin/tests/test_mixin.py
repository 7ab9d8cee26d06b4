import unittest
import uuid
from unittest import mock

from nova import objects
from nova.compute import task_states, vm_states

from configdrive_bridge import mixin, moves, record


class Nova:
    """As much of a driver of nova's as there is to spawn and to destroy."""

    def spawn(self, context, instance, image_meta):
        """As where nova builds the drive itself."""

    def destroy(self, context, instance, *args, **kwargs):
        pass


class Driver(moves.MovesMixin, mixin.BuildMixin, Nova):
    pass


class DestroyTest(unittest.TestCase):
    def setUp(self):
        self.driver = Driver()
        self.driver.configdrive_service = mock.Mock()

    def destroy(self, vm_state, task_state, deleted=False):
        """Gives the methods that the service is told by."""
        instance = objects.Instance(
            uuid=str(uuid.uuid4()),
            project_id="p",
            host=mixin.CONF.host,
            vm_state=vm_state,
            task_state=task_state,
            deleted=deleted,
            system_metadata={},
        )
        self.driver._configdrive_told[instance.uuid] = object()
        self.driver.destroy(None, instance)
        self.kept = instance.uuid in self.driver._configdrive_told
        return [call.args[1] for call in self.driver.configdrive_service.tell.call_args_list]

    def test_an_instance_that_is_deleted_takes_its_drives_along(self):
        for state in (
            (vm_states.ACTIVE, task_states.DELETING),
            (vm_states.ACTIVE, None, True),
            # What nova reclaims of the softly deleted ones has no task state.
            (vm_states.SOFT_DELETED, None),
        ):
            with self.subTest(state):
                self.driver.configdrive_service.reset_mock()
                self.assertEqual(self.destroy(*state), ["release_instance"])
                self.assertFalse(self.kept)

    def test_an_instance_that_lives_on_keeps_them(self):
        for state in (
            (vm_states.ACTIVE, task_states.REBOOTING_HARD),
            (vm_states.ACTIVE, task_states.REBUILDING),
            (vm_states.STOPPED, task_states.POWERING_ON),
            (vm_states.SOFT_DELETED, task_states.RESTORING),
        ):
            with self.subTest(state):
                self.assertEqual(self.destroy(*state), [])
                self.assertTrue(self.kept)

    def test_what_the_service_was_not_told_yet_of_one_that_goes_back_it_is_not_told(self):
        self.assertEqual(self.destroy(vm_states.RESIZED, task_states.RESIZE_REVERTING), [])
        self.assertFalse(self.kept)


class SpawnTest(unittest.TestCase):
    def spawn(self, detached):
        """Gives what is remembered of a drive of the service's after nova built the next one itself."""
        instance = objects.Instance(uuid=str(uuid.uuid4()), system_metadata={})
        record.write(instance, "d", 1, detached)
        Driver().spawn(None, instance, None)
        return record.read(instance)

    def test_a_drive_that_nova_built_is_none_of_the_service(self):
        self.assertIsNone(self.spawn(detached=False))

    def test_a_drive_that_was_taken_away_stays_away_whoever_builds(self):
        self.assertEqual(self.spawn(detached=True), {"drive": "d", "generation": 1, "detached": True})


if __name__ == "__main__":
    unittest.main()
