#!/usr/bin/env python3
"""Prints a line a frame of netmon's version 1 (docs/udp.md). listener.py HOST[:PORT] registers; listener.py [:PORT] listens for broadcasts."""
import os, socket, struct, sys, time, zlib

MAGIC, FRAME, HELLO, COOKIE, REGISTER, ANSWER = b"nmon", 1, 2, 3, 4, 5
NAMES = ("direct", "proxy", "bypass", "WAN")
UNKNOWN = (1 << 4, 1 << 5, 1 << 6, 1 << 3)  # the flag of each

def opened(data):
    """(type, what lies between header and CRC), or (0, b"") for what is not ours."""
    if len(data) < 12 or data[:5] != MAGIC + b"\x01" or struct.unpack_from("<H", data, 6)[0] != len(data):
        return 0, b""
    if struct.unpack_from("<I", data, len(data) - 4)[0] != zlib.crc32(data[:-4]):
        return 0, b""
    return data[5], data[8:-4]

def question(kind, nonce, cookie=b""):
    data = MAGIC + struct.pack("<BBH", 1, kind, 64) + (nonce + cookie).ljust(52, b"\0")
    return data + struct.pack("<I", zlib.crc32(data))

def line(body):
    flags, _, sequence, _, wall = struct.unpack_from("<IIIIQ", body)
    speeds = struct.unpack_from("<8Q", body, 24)
    text = [f"{name} " + ("unknown" if flags & bit else f"up {speeds[2 * i]} down {speeds[2 * i + 1]}")
            for i, (name, bit) in enumerate(zip(NAMES, UNKNOWN))]
    stale = (["mihomo is stale"] if flags & 1 else []) + (["WAN is stale"] if flags & 2 else [])
    return f"{time.strftime('%H:%M:%S', time.localtime(wall / 1000))} #{sequence} " + ", ".join(text + stale)

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "").partition(":")
sock, nonce, cookie, heard, asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), os.urandom(4), b"", 0.0, -99.0
if host:
    sock.settimeout(1)
else:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", int(port or 17892)))
while True:
    now = time.monotonic()
    if host and now - asked >= (10 if now - heard < 3 else 1):  # renew each 10 s; without frames ask each second
        asked = now
        sock.sendto(question(REGISTER, nonce, cookie) if cookie else question(HELLO, nonce), (host, int(port or 17890)))
    try:
        kind, body = opened(sock.recvfrom(2048)[0])
    except socket.timeout:
        continue
    if kind == COOKIE and body[:4] == nonce:
        cookie = body[4:20]
        sock.sendto(question(REGISTER, nonce, cookie), (host, int(port or 17890)))
    elif kind == ANSWER and body[:4] == nonce:
        cookie = body[16:32]  # for the next renewal
        asked += struct.unpack_from("<H", body, 32)[0]  # seconds to wait when refused, else 0
    elif kind == FRAME:
        heard = time.monotonic()
        print(line(body), flush=True)
