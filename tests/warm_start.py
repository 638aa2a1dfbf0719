"""Stands in the place of a process while a fork of `warm_process.py` runs its command."""

import marshal
import os
import signal
import socket
import sys


def main(address: str, words: list[str]) -> int:
    """Hand over files, arguments, variables and folder; how the run ended."""
    with socket.socket(socket.AF_UNIX) as warm:
        warm.connect(address)
        asked = marshal.dumps((words, dict(os.environ), os.getcwd()))
        socket.send_fds(warm, [len(asked).to_bytes(4)], [0, 1, 2])
        warm.sendall(asked)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda told, _: warm.sendall(bytes([told])))
        # Whoever reads from the run is to see when it closes a file.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for file in range(3):
            os.dup2(nowhere, file)
        status = int.from_bytes(warm.recv(4), signed=True)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
