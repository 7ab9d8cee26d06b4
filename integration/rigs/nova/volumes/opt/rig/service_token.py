"""In keystone's place: a service that speaks for a user sends a token of its own with the user's, and has the role `service`."""


def filter_factory(global_conf, **local_conf):
    def around(app):
        def called(environ, start_response):
            if environ.get("HTTP_X_SERVICE_TOKEN", "").startswith("admin:"):
                environ["HTTP_X_SERVICE_ROLES"] = "service"
            return app(environ, start_response)

        return called

    return around
