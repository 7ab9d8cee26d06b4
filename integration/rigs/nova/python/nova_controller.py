"""nova's conductor, scheduler and API in one process, where a deployment has one each.

SQLite has one writer, and a transaction that finds another one's is refused however long it would wait: among the greenlets
of one process that does not happen. It also saves the memory and the start of two more processes.
"""

import sys

sys.argv[0] = "nova-controller"

from nova import monkey_patch  # noqa: E402 - patches the standard library for eventlet, so it goes first

# Up to 31 importing it was enough.
if hasattr(monkey_patch, "patch"):
    monkey_patch.patch("eventlet")

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
if hasattr(service, "WSGIService"):
    launcher.launch_service(service.WSGIService("osapi_compute"))
else:
    # A newer nova brings no server for its API.
    import eventlet.wsgi
    from paste import deploy

    api = deploy.loadapp("config:%s" % CONF.wsgi.api_paste_config, name="osapi_compute")
    eventlet.spawn(eventlet.wsgi.server, eventlet.listen(("0.0.0.0", 8774)), api, log_output=False)
print("serving", flush=True)
launcher.wait()
