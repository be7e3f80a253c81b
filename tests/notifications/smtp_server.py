"""A small mail server for tests: speaks SMTP over a real socket and does as it is told.

`answers` maps an address to the line with which it is refused; `greeting` refuses everybody;
`before_taken` is called when a mail has arrived whole and its sender does not know it yet.
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(self.server.greeting)
        recipient = ""
        while line := self._line():
            verb = line[:4].upper()
            if verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                self._say(self.server.answers.get(recipient, "250 fine"))
            elif verb == "DATA":
                self._say("354 go on")
                self._take(recipient)
                self.server.before_taken()
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _line(self) -> str:
        try:
            return self.rfile.readline().decode().strip()
        except ConnectionError:
            return ""

    def _take(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        whole = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(whole, EmailMessage)
        self.server.taken.append((recipient, whole))

    def _say(self, line: str) -> None:
        with contextlib.suppress(ConnectionError):  # whoever asked may have been killed
            self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine until closed."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.greeting = "220 ready"
        self.answers: dict[str, str] = {}
        self.before_taken: Callable[[], None] = lambda: None
        self.taken: list[tuple[str, EmailMessage]] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for _, mail in self.taken]

    def close(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()
