"""Where a rig has a Keystone: Keystone's own middleware, in the place of the filter that believes what it is told."""

from keystonemiddleware.auth_token import filter_factory  # noqa: F401
