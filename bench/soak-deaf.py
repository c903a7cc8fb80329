"""A reader of Debian's python3-websockets that does not read: its buffers fill, then it looks how that ended. Again and again."""
import asyncio
import socket
import sys
from urllib.parse import urlsplit

import websockets

DEAF_S = 10


async def deaf(url):
    parts = urlsplit(url)
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((parts.hostname, parts.port))
    connection.setblocking(False)
    async with websockets.connect(url, sock=connection, max_queue=1, ping_interval=None, close_timeout=1) as client:
        await asyncio.sleep(DEAF_S)
        try:
            while True:
                await client.recv()
        except websockets.ConnectionClosed:
            return client.close_code


async def again_and_again(url):
    while True:
        try:
            print(await deaf(url), flush=True)
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
            print(type(error).__name__, flush=True)
            await asyncio.sleep(1)


asyncio.run(again_and_again(sys.argv[1]))
