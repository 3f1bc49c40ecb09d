"""An IMAP server and an SMTP sink on the loopback address, as the RFCs have them.

    with MailServer() as mail:
        mail.deliver(b"From: ...")
        mail.imap_port, mail.smtp_port

Both know one user. `mail.fault` makes the IMAP server misbehave, `mail.smtp` answers steps of the
SMTP conversation with other words (``{"rcpt": "550 5.1.1 no such user"}``; ``drop`` hangs up).
"""

from __future__ import annotations

import base64
import contextlib
import re
import shlex
import socket
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any, Self

ARRIVED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@dataclass
class Stored:
    uid: int
    raw: bytes
    arrived: datetime


@dataclass
class Folder:
    validity: int = 7
    next_uid: int = 1
    mails: list[Stored] = field(default_factory=list)

    def put(self, raw: bytes, arrived: datetime = ARRIVED) -> int:
        self.mails.append(Stored(self.next_uid, raw, arrived))
        self.next_uid += 1
        return self.mails[-1].uid

    def renumber(self) -> None:
        """What a restored server does: new numbers, and it says so."""
        self.validity += 1
        for number, mail in enumerate(self.mails, start=1):
            mail.uid = number
        self.next_uid = len(self.mails) + 1


class MailServer:
    """One user with folders, and what was sent."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, from_start: bool = False) -> None:
        self.user, self.password, self.token = "hello@harbour.example", "s3cret word", "t0ken"
        self.folders: dict[str, Folder] = {"INBOX": Folder(), "Sent": Folder()}
        self.sent: list[bytes] = []
        self.envelopes: list[tuple[str, str]] = []
        self.commands: list[str] = []
        self.fault = ""
        self.smtp: dict[str, str] = {}
        self.capabilities = ["IMAP4rev1", "AUTH=PLAIN", "AUTH=XOAUTH2"]
        self.smtp_auth = "PLAIN LOGIN XOAUTH2"
        self.keeps_copies = True
        self.tls = tls
        self.from_start = from_start
        self.lock = threading.RLock()
        self._servers = [_Server(self, _Imap), _Server(self, _Smtp)]
        self._threads = [
            threading.Thread(target=each.serve_forever, args=(0.01,), daemon=True)
            for each in self._servers
        ]

    @property
    def imap_port(self) -> int:
        return int(self._servers[0].server_address[1])

    @property
    def smtp_port(self) -> int:
        return int(self._servers[1].server_address[1])

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def deliver(self, raw: bytes, arrived: datetime = ARRIVED) -> int:
        return self.inbox.put(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), arrived)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mail: MailServer, handler: type[socketserver.BaseRequestHandler]) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        return None  # clients hang up on purpose here


class _Talk(socketserver.BaseRequestHandler):
    server: _Server

    def setup(self) -> None:
        self.mail = self.server.mail
        self.sock: socket.socket = self.request
        self.file = self.sock.makefile("rb")
        self.secured = False

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
            self.sock.close()

    def handle(self) -> None:
        with contextlib.suppress(OSError, EOFError, ssl.SSLError):
            if self.mail.tls is not None and self.mail.from_start:
                self.start_tls()
            self.talk()

    def talk(self) -> None:
        raise NotImplementedError

    def start_tls(self) -> None:
        assert self.mail.tls is not None
        self.sock = self.mail.tls.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")
        self.secured = True

    def say(self, text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode()
        self.sock.sendall(raw + b"\r\n")

    def line(self) -> str:
        raw = self.file.readline(1_000_000)
        if not raw:
            raise EOFError
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    def hang_up(self) -> None:
        self.sock.shutdown(socket.SHUT_RDWR)
        raise EOFError


class _Imap(_Talk):
    def talk(self) -> None:
        self.folder: Folder | None = None
        self.signed_in = False
        greeting = {"nonsense": "HTTP/1.1 400 Bad Request", "busy": "* BYE Too many connections"}
        self.say(greeting.get(self.mail.fault, "* OK ready when you are"))
        while True:
            tag, _, rest = self.line().partition(" ")
            command, _, said = rest.partition(" ")
            self.mail.commands.append(rest if command.upper() != "LOGIN" else "LOGIN")
            if command.upper() == "LOGOUT":
                self.say("* BYE see you")
                self.say(f"{tag} OK done")
                return
            if self.fails(tag, command.upper(), said):
                continue
            with self.mail.lock:
                self.do(tag, command.upper(), said)

    def fails(self, tag: str, command: str, said: str) -> bool:
        fault = self.mail.fault
        reading = command == "UID"
        if not reading:
            return False
        if fault == "drop":
            self.hang_up()
        if fault == "bye":
            self.say("* BYE [UNAVAILABLE] restarting")
            self.hang_up()
        if fault == "stutter":
            self.say("what? 200 OK")
        if fault == "long line":
            with contextlib.suppress(OSError):
                self.sock.sendall(b"* SEARCH " + b"1 " * 2_000_000)
        while fault == "drip":
            self.sock.sendall(b"*")
            time.sleep(0.05)
        while fault == "endless":
            self.say("* SEARCH " + "1 " * 1000)
        if fault == "huge mail":
            self.say("* 1 FETCH (UID 1 BODY[]<0> {9999999999}")
        if fault == "words":
            self.say("* SEARCH one two")
            self.say(f"{tag} OK done")
            return True
        if fault == "hidden" and said.upper().startswith("FETCH"):
            self.say(f"{tag} OK nothing to see")
            return True
        refusals = {
            "full": "NO [OVERQUOTA] Account exceeded command or bandwidth limits",
            "throttled": "NO [LIMIT] slow down",
            "down": "NO [UNAVAILABLE] the store is away",
            "forbidden": "NO [NOPERM] not yours",
            "bad": "BAD what do you mean",
            "huge mail": "OK",
        }
        if fault in refusals:
            self.say(f"{tag} {refusals[fault]}")
            return True
        return False

    def do(self, tag: str, command: str, said: str) -> None:
        if command == "CAPABILITY":
            self.say("* CAPABILITY " + " ".join(self.mail.capabilities))
            self.say(f"{tag} OK done")
        elif command == "STARTTLS":
            self.say(f"{tag} OK go ahead")
            self.start_tls()
        elif command == "LOGIN":
            self.admit(tag, shlex.split(said) == [self.mail.user, self.mail.password])
        elif command == "AUTHENTICATE":
            self.authenticate(tag, said.upper())
        elif not self.signed_in:
            self.say(f"{tag} BAD sign in first")
        elif command in ("EXAMINE", "SELECT"):
            self.open(tag, shlex.split(said)[0])
        elif command == "APPEND":
            self.append(tag, said)
        elif command == "UID" and self.folder is not None:
            verb, _, rest = said.partition(" ")
            found = self.search(rest) if verb.upper() == "SEARCH" else None
            if found is not None:
                self.say("* SEARCH" + "".join(f" {uid}" for uid in found))
            else:
                self.fetch(rest)
            self.say(f"{tag} OK done")
        else:
            self.say(f"{tag} OK nothing to do")

    def admit(self, tag: str, good: bool) -> None:
        self.signed_in = good and self.mail.fault != "locked out"
        if self.signed_in:
            self.say(f"{tag} OK welcome")
        else:
            self.say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")

    def authenticate(self, tag: str, mechanism: str) -> None:
        self.say("+ ")
        said = base64.b64decode(self.line()).decode()
        if mechanism == "PLAIN":
            self.admit(tag, said == f"\0{self.mail.user}\0{self.mail.password}")
            return
        good = said == f"user={self.mail.user}\x01auth=Bearer {self.mail.token}\x01\x01"
        if not good:
            self.say("+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode())
            assert self.line() == "", "the client answers a refusal with an empty line"
        self.admit(tag, good)

    def open(self, tag: str, name: str) -> None:
        if name not in self.mail.folders:
            self.say(f"{tag} NO [NONEXISTENT] Unknown Mailbox: {name}")
            return
        self.folder = self.mail.folders[name]
        self.say(f"* {len(self.folder.mails)} EXISTS")
        self.say("* 0 RECENT")
        self.say(f"* OK [UIDVALIDITY {self.folder.validity}] UIDs valid")
        self.say(f"* OK [UIDNEXT {self.folder.next_uid}] next")
        self.say(f"{tag} OK [READ-ONLY] {name} selected")

    def append(self, tag: str, said: str) -> None:
        name, *_, size = shlex.split(said)
        self.say("+ go on")
        raw = self.file.read(int(size.strip("{}")))
        self.line()
        if name not in self.mail.folders:
            self.say(f"{tag} NO [TRYCREATE] no such folder")
            return
        self.mail.folders[name].put(raw)
        self.say(f"{tag} OK kept")

    def search(self, said: str) -> list[int]:
        assert self.folder is not None
        mails = list(self.folder.mails)
        words = shlex.split(said)
        while words:
            mails = self.meeting(words, mails)
        return [mail.uid for mail in mails]

    def meeting(self, words: list[str], mails: list[Stored]) -> list[Stored]:
        """Return the mails that meet the next criterion, and take it off `words`."""
        word = words.pop(0).upper()
        if word == "OR":
            first, second = self.meeting(words, mails), self.meeting(words, mails)
            return [mail for mail in mails if mail in first or mail in second]
        if word == "UID":
            return self.within(words.pop(0), mails)
        if word == "SINCE":
            day = datetime.strptime(words.pop(0), "%d-%b-%Y").replace(tzinfo=UTC)
            return [mail for mail in mails if mail.arrived >= day]
        assert word == "HEADER", word
        name, value = words.pop(0), words.pop(0)
        return [
            mail
            for mail in mails
            if any(value in each for each in message_from_bytes(mail.raw).get_all(name, []))
        ]

    def within(self, told: str, mails: list[Stored]) -> list[Stored]:
        """Return the mails of a set; ``n:*`` always has the last one, as RFC 3501 wants it."""
        highest = max((mail.uid for mail in mails), default=0)
        wanted: set[int] = set()
        for part in told.split(","):
            first, _, last = part.partition(":")
            ends = [highest if end == "*" else int(end) for end in (first, last or first)]
            wanted.update(range(min(ends), max(ends) + 1))
        return [mail for mail in mails if mail.uid in wanted]

    def fetch(self, said: str) -> None:
        assert self.folder is not None
        told, _, items = said.partition(" ")
        partial = re.search(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", items)
        assert partial is not None, "nothing else is asked for, and nothing may be marked as read"
        start, most = int(partial[1]), int(partial[2])
        for number, mail in enumerate(self.within(told, self.folder.mails), start=1):
            raw = mail.raw[start : start + most]
            arrived = mail.arrived.strftime("%d-%b-%Y %H:%M:%S +0000")
            head = f'* {number} FETCH (UID {mail.uid} INTERNALDATE "{arrived}" '
            head += f"RFC822.SIZE {len(mail.raw)} BODY[]<{start}> "
            if self.mail.fault == "behind":
                head = f"* {number} FETCH (BODY[]<{start}> "
            self.sock.sendall(f"{head}{{{len(raw)}}}\r\n".encode() + raw)
            if self.mail.fault == "behind":
                self.say(f' UID {mail.uid} INTERNALDATE "{arrived}" RFC822.SIZE {len(mail.raw)})')
                self.say(f"* {number} FETCH (FLAGS (\\Seen))")
            else:
                self.say(")")


class _Smtp(_Talk):
    def talk(self) -> None:
        self.sender, self.recipient, self.signed_in = "", "", False
        self.answer("greet", "220 mail.harbour.example ESMTP")
        while True:
            said = self.line()
            word, _, rest = said.partition(" ")
            step = word.lower()
            if step == "quit":
                self.say("221 bye")
                return
            if step == "ehlo":
                self.greet()
            elif step == "starttls":
                self.say("220 go ahead")
                self.start_tls()
            elif step == "auth":
                self.authenticate(*rest.partition(" ")[::2])
            elif step == "mail":
                self.sender = rest.partition("<")[2].partition(">")[0]
                ready = "250 2.1.0 fine" if self.signed_in else "530 5.7.0 sign in first"
                self.answer("mail", ready)
            elif step == "rcpt":
                self.recipient = rest.partition("<")[2].partition(">")[0]
                self.answer("rcpt", "250 2.1.5 fine")
            elif step == "data":
                self.take()
            else:
                self.say("502 what?")

    def answer(self, step: str, usual: str) -> None:
        said = self.mail.smtp.get(step, usual)
        if said == "drop":
            self.hang_up()
        self.say(said)

    def greet(self) -> None:
        told = ["mail.harbour.example", "PIPELINING", "SIZE 35882577"]
        if self.mail.tls is not None and not self.secured:
            told.append("STARTTLS")
        told.append(f"AUTH {self.mail.smtp_auth}")
        for line in told[:-1]:
            self.say(f"250-{line}")
        self.say(f"250 {told[-1]}")

    def authenticate(self, mechanism: str, first: str) -> None:
        if mechanism == "LOGIN":
            self.say("334 VXNlcm5hbWU6")
            name = base64.b64decode(self.line()).decode()
            self.say("334 UGFzc3dvcmQ6")
            good = (name, base64.b64decode(self.line()).decode()) == (
                self.mail.user,
                self.mail.password,
            )
        elif mechanism == "PLAIN":
            good = base64.b64decode(first).decode() == f"\0{self.mail.user}\0{self.mail.password}"
        else:
            wanted = f"user={self.mail.user}\x01auth=Bearer {self.mail.token}\x01\x01"
            good = base64.b64decode(first).decode() == wanted
            if not good:
                self.say("334 eyJzdGF0dXMiOiI0MDAifQ==")
                self.line()
        self.signed_in = good
        self.answer("auth", "235 2.7.0 welcome" if good else "535 5.7.8 bad credentials")

    def take(self) -> None:
        said = self.mail.smtp.get("data", "354 go on")
        self.say(said)
        if not said.startswith("354"):
            return
        lines: list[bytes] = []
        while (line := self.file.readline(1_000_000)) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line[1:] if line.startswith(b".") else line)
        end = self.mail.smtp.get("end", "250 2.0.0 queued")
        if end[0] in "d2":
            with self.mail.lock:
                raw = b"".join(lines)
                self.mail.sent.append(raw)
                self.mail.envelopes.append((self.sender, self.recipient))
                if self.mail.keeps_copies:
                    self.mail.folders["Sent"].put(raw)
        self.answer("end", "250 2.0.0 queued")
