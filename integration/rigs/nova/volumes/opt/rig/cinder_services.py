"""Cinder's scheduler, volume service and API in one process, as rigs/nova's controller has nova's: SQLite has one writer."""

import sys

import eventlet

eventlet.monkey_patch()

from oslo_config import cfg  # noqa: E402
from oslo_log import log  # noqa: E402
from oslo_service import service as oslo_service  # noqa: E402

from cinder import objects, rpc, service, version  # noqa: E402
from cinder.common import config, constants  # noqa: E402
from cinder.volume import configuration  # noqa: E402,F401

CONF = cfg.CONF

objects.register_all()
CONF(sys.argv[1:], project="cinder", version=version.version_string())
config.set_middleware_defaults()
log.setup(CONF, "cinder")
rpc.init(CONF)
(BACKEND,) = CONF.enabled_backends

launcher = oslo_service.ServiceLauncher(CONF)
launcher.launch_service(service.Service.create(binary=constants.SCHEDULER_BINARY))
launcher.launch_service(
    service.Service.create(
        host="%s@%s" % (CONF.host, BACKEND), service_name=BACKEND, binary=constants.VOLUME_BINARY, coordination=True
    )
)
launcher.launch_service(service.WSGIService("osapi_volume"))
print("serving", flush=True)
launcher.wait()
