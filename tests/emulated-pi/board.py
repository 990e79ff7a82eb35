#!/usr/bin/env python3
"""board.py SOCKET ID: a board of the demonstration table behind QEMU's USB serial adapter. It is plugged in
when this starts, and pulled when this ends. As the boards with texts do, it answers each batch of commands
with its id; what it was told goes to standard output."""
import socket
import sys

path, own = sys.argv[1:]
line = socket.socket(socket.AF_UNIX)
line.connect(path)
while commands := line.recv(4096):
    print(commands.decode("ascii", "backslashreplace"), end="", flush=True)
    line.sendall(own.encode())
