"""Exceptions of an application, built the way nova builds its own: a format and keyword arguments."""


class PeerException(Exception):
    msg_fmt = "An unknown exception occurred."
    code = 500

    def __init__(self, message=None, **kwargs):
        self.kwargs = kwargs
        self.kwargs.setdefault("code", self.code)
        super().__init__(message or self.msg_fmt % kwargs)


class InstanceNotFound(PeerException):
    msg_fmt = "Instance %(instance_id)s could not be found."
    code = 404
