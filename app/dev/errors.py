"""What can go wrong with the servers of the development machine."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot run; the message says why and what to do."""
