"""Runs what tests/windows/ssh.rs is told to, in the folder that it is given: as sshd does on a Raspberry Pi."""

import os
import socket
import subprocess
import sys
import threading


def received(connection, length):
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise ConnectionError("gone")
        data += piece
    return data


def serve(connection, home):
    command = received(connection, int.from_bytes(received(connection, 4), "big"))
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=home, env={"HOME": home, "PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE, stdout=connection, stderr=connection,
    )

    def feed():
        try:
            while piece := connection.recv(4096):
                process.stdin.write(piece)
                process.stdin.flush()
        except OSError:
            pass
        try:
            process.stdin.close()
        except OSError:
            pass

    threading.Thread(target=feed, daemon=True).start()
    process.wait()
    connection.shutdown(socket.SHUT_WR)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection, sys.argv[1]), daemon=True).start()
