"""nova's conductor, scheduler and API in one process, where a deployment has one each.

SQLite has one writer, and a transaction that finds another one's is refused however long it would wait: among the greenlets
of one process that does not happen. It also saves the memory and the start of two more processes.
"""

import sys

sys.argv[0] = "nova-controller"

import nova.cmd  # noqa: E402,F401 - patches the standard library for eventlet, so it goes first
from oslo_log import log  # noqa: E402
from oslo_service import service as oslo_service  # noqa: E402

from nova import config, objects, service  # noqa: E402
import nova.conf  # noqa: E402

CONF = nova.conf.CONF
config.parse_args(sys.argv)
log.setup(CONF, "nova")
objects.register_all()
objects.Service.enable_min_version_cache()

launcher = oslo_service.ServiceLauncher(CONF)
launcher.launch_service(service.Service.create(binary="nova-conductor", topic="conductor"))
launcher.launch_service(service.Service.create(binary="nova-scheduler", topic="scheduler"))
launcher.launch_service(service.WSGIService("osapi_compute"))
print("serving", flush=True)
launcher.wait()
