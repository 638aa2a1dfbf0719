"""A process that has the libraries, and runs each command in a fork of itself.

To import the libraries takes a process longer than what most tests ask of it. A fork has them,
imports this project anew, and ends as every process ends. Whoever started it has `warm_start.py`
to hold on to.
"""

import fcntl
import gc
import marshal
import os
import runpy
import select
import shutil
import signal
import socket
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module

# Not DuckDB, which complains at the end of a process that has not freed all of it.
LIBRARIES = (
    "anyio._backends._asyncio",
    "httpx",
    "mcp.server.mcpserver",
    "numpy",
    "orjson",
    "pydantic_settings",
    "regex",
    "structlog",
    "tomlkit",
    "truststore",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)


def main() -> None:
    """Tell an address, and answer there until standard input ends."""
    for library in LIBRARIES:
        import_module(library)
    # Else each fork would copy them in order to free them at its end.
    gc.freeze()
    folder = tempfile.mkdtemp(prefix="warm-process-")
    address = f"{folder}/door"
    # Nobody waits for a fork that attends to a caller.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        print(address, flush=True)
        while door in select.select([door, sys.stdin], [], [])[0]:
            with door.accept()[0] as caller:
                if os.fork() == 0:
                    door.close()
                    return attend(caller)
    shutil.rmtree(folder)


def attend(caller: socket.socket) -> None:
    """Run what a caller asks for, and follow it to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, *_ = socket.recv_fds(caller, 4, 3)
    asked = marshal.loads(caller.recv(int.from_bytes(size), socket.MSG_WAITALL))
    running, held = os.pipe()
    run = os.fork()
    if run == 0:
        caller.close()
        os.close(running)
        return become(files, *asked)
    for file in (held, *files):
        os.close(file)
    follow(caller, run, running)


def become(
    files: Sequence[int], words: Sequence[str], environ: Mapping[str, str], folder: str
) -> None:
    """Be the program: with these files, arguments and variables, in this folder."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    if os.isatty(0):
        # What is pressed there is for this process.
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    sys.argv[1:] = words
    runpy.run_module("mixpanel_mcp", run_name="__main__", alter_sys=True)


def follow(caller: socket.socket, run: int, running: int) -> None:
    """Pass signals on, and tell how the run ended; without a caller it is killed."""
    while running not in select.select([running, caller], [], [])[0]:
        told = caller.recv(1)
        os.kill(run, told[0] if told else signal.SIGKILL)
        if not told:
            break
    status = os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])
    with suppress(BrokenPipeError):
        caller.sendall(status.to_bytes(4, signed=True))


if __name__ == "__main__":
    main()
