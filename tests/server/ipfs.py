#!/usr/bin/env python3
"""A node of IPFS on this machine: as much of Kubo's RPC API as we use.

usage: ipfs.py PORTFILE LOG SCRIPT [js]

Blocks and pins are in memory.  What is imported is looked at by code of its
own: every block against its CID, every pin down to its leaves.  "js": it has
the ways of js-ipfs, no names of pins, CIDs in base 58, "format" of block/put.
Besides what faults.py has:

  wrong         block/get: with one byte changed
  longer        block/get: with a byte more
  other-cid     the answer names the CID of no bytes
  forget        before it is done all blocks are lost
"""
import base64
import hashlib
import json
import sys
import urllib.parse

import faults

NOTHING = bytes([1, 0x55, 0x12, 0x20]) + hashlib.sha256(b"").digest()
JS = len(sys.argv) > 4 and sys.argv[4] == "js"
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
blocks = {}
pins = {}


def show(c):
    if not JS:
        return "b" + base64.b32encode(c).decode().lower().rstrip("=")
    n, s = int.from_bytes(c, "big"), ""
    while n:
        n, d = divmod(n, 58)
        s = DIGITS[d] + s
    return "z" + s


def parse(s):
    return base64.b32decode(s[1:].upper() + "=" * (-len(s[1:]) % 8))


def varint(b, at):
    v = shift = 0
    while True:
        v |= (b[at] & 127) << shift
        at += 1
        if b[at - 1] < 128:
            return v, at
        shift += 7


def fields(b):
    at = 0
    while at < len(b):
        key, at = varint(b, at)
        if key & 7 == 0:
            v, at = varint(b, at)
        else:
            n, at = varint(b, at)
            v, at = b[at:at + n], at + n
        yield key >> 3, v


def whole(c):
    if c not in blocks:
        return False
    if c[1] != 0x70:
        return True
    return all(whole(link) for f, v in fields(blocks[c]) if f == 2
               for g, link in fields(v) if g == 1)


def right(c, p):
    return c[:4] in (b"\x01\x55\x12\x20", b"\x01\x70\x12\x20") and \
        hashlib.sha256(p).digest() == c[4:]


class Handler(faults.Handler):
    def refuse(self, text):
        self.send(500, json.dumps({"Message": text, "Code": 0,
                                   "Type": "error"}).encode())

    def say(self, *values):
        self.send(200, b"".join(json.dumps(v).encode() + b"\n"
                                for v in values))

    def cid(self, c):
        return show(NOTHING if self.words[:1] == ["other-cid"] else c)

    def file(self, body):
        """The one file of multipart/form-data."""
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data; boundary="):
            return None
        edge = b"--" + kind.split("=", 1)[1].encode()
        if not body.startswith(edge + b"\r\n") or \
                not body.endswith(b"\r\n" + edge + b"--\r\n"):
            return None
        head, _, rest = body[len(edge) + 2:].partition(b"\r\n\r\n")
        if b"filename=" not in head or b"Content-Type:" not in head:
            return None
        return rest[:-len(edge) - 6]

    def dag_import(self, q, body):
        car = self.file(body)
        if car is None:
            return self.refuse("no file argument")
        n, at = varint(car, 0)
        head, at = car[at:at + n], at + n
        if head[:8] + head[-9:] != b"\xa2\x65roots\x81" + b"\x67version\x01":
            return self.refuse("no CARv1 header")
        root, new = head[13:-9], {}
        while at < len(car):
            n, at = varint(car, at)
            c, p = car[at:at + 36], car[at + 36:at + n]
            at += n
            if not right(c, p) or at > len(car):
                return self.refuse("mismatch in content integrity")
            new[c] = p
        blocks.update(new)
        if q.get("pin-roots") == "true":
            pins[root] = ""
        if JS or q.get("pin-roots") == "true":
            return self.say({"Root": {"Cid": {"/": self.cid(root)},
                                      "PinErrorMsg": ""}})
        return self.say()

    def block_put(self, q, body):
        p = self.file(body)
        if p is None:
            return self.refuse("no file argument")
        codec = q.get("format", "dag-pb") if JS else q.get("cid-codec", "raw")
        c = bytes([1, {"raw": 0x55, "dag-pb": 0x70}[codec], 0x12, 0x20]) + \
            hashlib.sha256(p).digest()
        blocks[c] = p
        return self.say({"Key": self.cid(c), "Size": len(p)})

    def block_get(self, q, body):
        c = parse(q["arg"])
        if c not in blocks:
            return self.refuse("block was not found locally (offline): ipld: "
                               "could not find " + q["arg"])
        p = blocks[c]
        if self.words[:1] == ["wrong"]:
            p = bytes([p[0] ^ 1]) + p[1:] if p else b"x"
        elif self.words[:1] == ["longer"]:
            p += b"x"
        return self.send(200, p, "application/vnd.ipld.raw")

    def pin_add(self, q, body):
        c = parse(q["arg"])
        if not whole(c):
            return self.refuse("pin: block was not found locally (offline): "
                               "ipld: could not find a block")
        pins[c] = "" if JS else q.get("name", "")
        return self.say({"Pins": [self.cid(c)]})

    def pin_rm(self, q, body):
        if pins.pop(parse(q["arg"]), None) is None:
            return self.refuse("not pinned or pinned indirectly")
        return self.say({"Pins": [q["arg"]]})

    def pin_ls(self, q, body):
        if "arg" in q:
            c = parse(q["arg"])
            if c not in pins:
                return self.refuse("path '%s' is not pinned" % q["arg"])
            return self.say({"Keys": {self.cid(c): {"Type": "recursive",
                                                    "Name": pins[c]}}})
        out = []
        for c, name in pins.items():
            out.append({"Cid": show(c), "Type": "recursive"})
            if name and q.get("names") == "true":
                out[-1]["Name"] = name
        return self.say(*out)

    def id(self, q, body):
        return self.say({"ID": "12D3KooMe", "Addresses": [
            "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooMe",
            "/ip4/192.0.2.1/tcp/4001/p2p/12D3KooMe"]})

    def swarm_connect(self, q, body):
        return self.say({"Strings": ["connect %s success" % q["arg"]]})

    def answer(self, body):
        with faults.lock:
            url = urllib.parse.urlsplit(self.path)
            if self.words[:1] == ["forget"]:
                blocks.clear()
            name = url.path.replace("/api/v0/", "", 1).replace("/", "_")
            q = {k: v[0] for k, v in
                 urllib.parse.parse_qs(url.query).items()}
            if name not in ("dag_import", "block_put", "block_get", "pin_add",
                            "pin_rm", "pin_ls", "id", "swarm_connect"):
                return self.send(404, b"404 page not found\n", "text/plain")
            return getattr(self, name)(q, body)


if __name__ == "__main__":
    faults.serve(Handler)
