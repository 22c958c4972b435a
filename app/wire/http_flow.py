"""When the socket of an HTTP connection is read."""

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's, which reads no more while something waits that was read."""

    _unread = b""

    def keep(self, data: bytes) -> None:
        self._unread = data
        self.pause_reading()

    def take(self) -> bytes:
        unread, self._unread = self._unread, b""
        return unread

    def resume_reading(self) -> None:
        if not self._unread:
            super().resume_reading()
