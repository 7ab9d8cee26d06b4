"""In keystone's place: believes a token of the form USER:PROJECT; the user `admin` has every role."""


def filter_factory(global_conf, **local_conf):
    return _RigAuth


class _RigAuth:
    def __init__(self, app):
        self._app = app

    def __call__(self, environ, start_response):
        user, colon, project = environ.get("HTTP_X_AUTH_TOKEN", "").partition(":")
        if not colon:
            start_response("401 Unauthorized", [("Content-Type", "text/plain")])
            return [b"the rig takes tokens of the form USER:PROJECT\n"]
        roles = "admin,member,reader,service" if user == "admin" else "member,reader"
        for name, value in {
            "IDENTITY_STATUS": "Confirmed",
            "USER_ID": user,
            "USER_NAME": user,
            "PROJECT_ID": project,
            "PROJECT_NAME": project,
            "USER_DOMAIN_ID": "default",
            "PROJECT_DOMAIN_ID": "default",
            "ROLES": roles,
            "SERVICE_CATALOG": "[]",
        }.items():
            environ["HTTP_X_" + name] = value
        return self._app(environ, start_response)
