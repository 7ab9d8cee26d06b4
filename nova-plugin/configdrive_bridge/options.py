"""What an operator can set, in nova.conf's group `[configdrive_bridge]`."""

from oslo_config import cfg

GROUP = "configdrive_bridge"

OPTIONS = [
    cfg.BoolOpt(
        "enabled",
        default=True,
        mutable=True,
        help="Whether the service builds config drives. Off, nova builds them itself as if the plugin were not there; instances "
        "that have a drive of the service's keep it. SIGHUP to nova-compute is enough for a change.",
    ),
    cfg.BoolOpt(
        "opt_in",
        default=False,
        mutable=True,
        help="Whether only those instances get a drive of the service's whose flavor has the extra spec configdrive:bridge=true or "
        "whose image has the property configdrive_bridge=true.",
    ),
    cfg.StrOpt(
        "when_unavailable",
        default="fail",
        choices=[
            ("fail", "The build fails here, and nova tries another host."),
            ("build", "nova builds the drive itself; the service does not know of it."),
        ],
        mutable=True,
        help="What is done where the service cannot build a drive for a reason that is not the drive's content: it does not answer "
        "in time, or its host cannot hold the image.",
    ),
    cfg.FloatOpt(
        "build_timeout",
        default=10,
        min=0.5,
        mutable=True,
        help="Seconds that a build may take in all, with every repetition. It is spent within nova's build of the instance.",
    ),
    cfg.FloatOpt(
        "attempt_timeout",
        default=4,
        min=0.1,
        mutable=True,
        help="Seconds after which a request that was not answered is sent again, under the same id: the service does it once.",
    ),
]

UPGRADE_LEVEL = cfg.StrOpt(
    "configdrive",
    help="The newest version of the service's contract that this nova-compute may use, such as 1.2, while the service is upgraded.",
)


def register(conf):
    """Makes the options known; again is the same as once."""
    conf.register_opts(OPTIONS, GROUP)
    conf.register_opt(UPGRADE_LEVEL, "upgrade_levels")


def list_opts():
    """For oslo-config-generator."""
    return [(GROUP, OPTIONS), ("upgrade_levels", [UPGRADE_LEVEL])]
