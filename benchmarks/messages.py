"""What the page of a notebook and its kernel say to each other, taken from the page's WebSocket."""

import json
from dataclasses import dataclass

# jupyter_server's protocol v1.kernel.websocket.jupyter.org: the number of offsets and the offsets, 8 bytes
# each; then, from each offset to the next: channel, header, parent, metadata, content and any buffers.
WORD = 8
HEADER, CONTENT = 1, 4
SAME_LINE = 40  # characters: shorter lines may be alike by chance
FEW = 2000  # characters that two explorers have in common without their script and style


@dataclass(frozen=True)
class Message:
    kind: str  # as in its header: "comm_open", "comm_msg", "execute_result", …
    content: dict
    size: int  # bytes of the whole frame, buffers included


def decode(frame: bytes) -> Message:
    """The message that a binary frame carries."""
    count = int.from_bytes(frame[:WORD], "little")
    offsets = [int.from_bytes(frame[WORD * i : WORD * (i + 1)], "little") for i in range(1, count + 1)]
    parts = [frame[a:b] for a, b in zip(offsets, [*offsets[1:], len(frame)], strict=True)]
    return Message(json.loads(parts[HEADER])["msg_type"], json.loads(parts[CONTENT]), len(frame))


class Traffic:
    """The messages of a page that is opened after this: `sent` to its kernel and `received` from it."""

    def __init__(self, page):
        self.sent: list[Message] = []
        self.received: list[Message] = []
        page.on("websocket", self._listen)

    def _listen(self, socket):
        socket.on("framesent", lambda frame: self._keep(frame, self.sent))
        socket.on("framereceived", lambda frame: self._keep(frame, self.received))

    @staticmethod
    def _keep(frame, messages):
        if isinstance(frame, bytes):  # other sockets of the host speak in text
            messages.append(decode(frame))

    def clear(self):
        self.sent.clear()
        self.received.clear()


def updates(messages: list[Message]) -> list[dict]:
    """The states of widgets that these messages set."""
    data = [message.content["data"] for message in messages if message.kind == "comm_msg"]
    return [one["state"] for one in data if one.get("method") == "update"]


def size(messages: list[Message]) -> int:
    return sum(message.size for message in messages)


def lines(value) -> set[str]:
    """All long lines of all texts in a message's content: those of a script among them."""
    if isinstance(value, str):
        return {line for line in value.splitlines() if len(line) >= SAME_LINE}
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(lines, values))


def repeated(first: list[Message], second: list[Message]) -> int:
    """Characters of the lines in `second` that stand in `first` too."""
    return sum(map(len, lines([m.content for m in first]) & lines([m.content for m in second])))
