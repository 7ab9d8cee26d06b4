"""Keeps every other action of nova away from an instance while its drive is changed.

nova's lock of an instance holds off some of its actions only: a start, a pause or a resize does not take it. A task state holds
off the others, since the API refuses them while one is set; a delete is let through and waits for the lock.
"""

import contextlib
import time

from nova import context as nova_context
from nova import exception, objects
from nova.compute import task_states, vm_states
from oslo_concurrency import lockutils

PREFIX = "configdrive_"
# In other states nova itself lets nobody plug anything in or out.
STATES = (vm_states.ACTIVE, vm_states.STOPPED)


# Seconds. nova holds its lock over whole actions, some of which ask the service for the drive: whoever waits for the lock meanwhile
# keeps the service from the drive, so this is shorter than an attempt of such a question (options.py).
_LOCK_WAIT = 2
_LOCK_PAUSE = 0.05
# Instances whose lock is held by one of us. It asks the service for nothing meanwhile, so that it can be waited for.
_ours = {}


@contextlib.contextmanager
def locked(uuid, host, wait=_LOCK_WAIT):
    """The instance as it is now, with nova's lock held.

    :param wait: seconds for nova to let go of the lock; 0: nobody is waited for
    :raises nova.exception.InstanceNotFound: where it is not on this host
    :raises nova.exception.InstanceInvalidState: where nova has the lock
    """
    with contextlib.ExitStack() as held:
        word = object()
        held.callback(_forget, uuid, word)
        end = time.monotonic() + wait
        while True:
            # Before the attempt: whoever lets go meanwhile is forgotten after that.
            by_us = uuid in _ours
            try:
                # The lock that nova.utils.synchronized takes.
                held.enter_context(lockutils.lock(uuid, lock_file_prefix="nova-", do_log=False, blocking=False))
                break
            except lockutils.AcquireLockFailedException:
                if wait > 0 and by_us:
                    end = time.monotonic() + wait
                if time.monotonic() >= end:
                    raise exception.InstanceInvalidState(
                        instance_uuid=uuid, attr="lock", state="held", method="configdrive"
                    )
                time.sleep(_LOCK_PAUSE)
        _ours[uuid] = word
        yield _instance(uuid, host)


@contextlib.contextmanager
def claimed(uuid, host, action):
    """The instance with nova's lock held and a task state of ours, which ends with the changes to the object saved.

    :raises nova.exception.InstanceInvalidState: where another action is under way, or nothing can be plugged
    """
    with locked(uuid, host) as instance:
        _require(instance, action)
        instance.task_state = PREFIX + action
        try:
            instance.save(expected_task_state=[None])
        except exception.UnexpectedTaskStateError:
            instance.refresh()
            _require(instance, action)
            raise
        try:
            yield instance
        finally:
            instance.task_state = None
            # A delete came meanwhile: the task state is nova's again, and there is nothing to save.
            with contextlib.suppress(exception.UnexpectedDeletingTaskStateError, exception.InstanceNotFound):
                instance.save(expected_task_state=[PREFIX + action])


def release_all(host):
    """Takes back the claims of a nova-compute that was killed. Runs before anything else is done on the host."""
    context = nova_context.get_admin_context()
    for instance in objects.InstanceList.get_by_host(context, host, expected_attrs=[]):
        if (instance.task_state or "").startswith(PREFIX):
            instance.task_state = None
            instance.save()


def is_being_deleted(uuid):
    """Whether nova is at the end of an instance, or past it."""
    try:
        instance = objects.Instance.get_by_uuid(nova_context.get_admin_context(), uuid, expected_attrs=[])
    except exception.InstanceNotFound:
        return True
    return instance.task_state == task_states.DELETING


def _forget(uuid, word):
    # The next one may have the lock by now.
    if _ours.get(uuid) is word:
        del _ours[uuid]


def _instance(uuid, host):
    context = nova_context.get_admin_context()
    instance = objects.Instance.get_by_uuid(
        context, uuid, expected_attrs=["system_metadata", "metadata", "flavor", "info_cache"]
    )
    if instance.host != host:
        raise exception.InstanceNotFound(instance_id=uuid)
    return instance


def _require(instance, action):
    if instance.task_state is not None or instance.vm_state not in STATES:
        attribute = "vm_state" if instance.task_state is None else "task_state"
        raise exception.InstanceInvalidState(
            instance_uuid=instance.uuid, attr=attribute, state=getattr(instance, attribute), method=action
        )
