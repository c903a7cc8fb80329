"""Runs a command on a terminal of its own: passes on what it writes, and obeys lines of JSON on its input.

{"type": "q"} types, {"size": [40, 20]} resizes, {"deaf": true} stops reading what is written. At the end it says on file 3
how the command ended and whether the terminal's modes are as they were.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

columns, rows = int(sys.argv[1]), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    # Nothing is run before the terminal has its size.
    os.read(0, 1)
    os.execvp(sys.argv[3], sys.argv[3:])


def resize(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(columns, rows)
before = termios.tcgetattr(terminal)
os.write(terminal, b"\n")
os.write(3, b"%d\n" % pid)
is_deaf, commands, has_ended = False, b"", False
while not has_ended:
    wanted = [0] if is_deaf else [0, terminal]
    ready, _, _ = select.select(wanted, [], [], 0.1)
    if terminal in ready:
        try:
            output = os.read(terminal, 65536)
        except OSError:
            output = b""
        if not output:
            break
        os.write(1, output)
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            os.close(terminal)
            break
        *lines, commands = (commands + chunk).split(b"\n")
        for line in lines:
            command = json.loads(line)
            if "type" in command:
                os.write(terminal, command["type"].encode())
            if "size" in command:
                resize(*command["size"])
            is_deaf = command.get("deaf", is_deaf)
    if is_deaf:
        has_ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
_, status = os.waitpid(pid, 0)
try:
    restored = termios.tcgetattr(terminal)[:4] == before[:4]
except (OSError, termios.error):
    restored = None
os.write(3, json.dumps({"code": os.waitstatus_to_exitcode(status), "restored": restored}).encode() + b"\n")
