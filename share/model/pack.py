#!/usr/bin/env python3
"""pack.py TABLE VOCABULARY OUT: one file of a table of token vectors and its
vocabulary, as common/index/model.h describes it.  The same input gives the
same bytes; needs nothing but Python.

TABLE is what make_table.py writes (MKSTAT01), VOCABULARY has a piece a line,
the line's number is its id, "##" stands before pieces that go on a word.
"""
import hashlib
import struct
import sys

PAGE = 4096
NAME = b"all-minilm-l6-v2 static 256"


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


CRC = crc_table()


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CRC[(c ^ b) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def pad(data):
    return data + bytes(-len(data) % PAGE)


def index(pieces, text):
    """[(bytes, id)] -> sorted entries behind a table of first bytes; the
    pieces themselves are added to text."""
    pieces = sorted(pieces)
    first = [0] * 257
    for piece, _ in pieces:
        first[piece[0] + 1] += 1
    for b in range(256):
        first[b + 1] += first[b]
    out = struct.pack("<257I", *first)
    for piece, number in pieces:
        out += struct.pack("<II", len(text) << 8 | len(piece), number)
        text += piece
    return out


def main():
    table, vocabulary, name = sys.argv[1:]
    with open(table, "rb") as f:
        raw = f.read()
    with open(vocabulary, "rb") as f:
        words = f.read().split(b"\n")[:-1]
    magic, count, dim = struct.unpack_from("<8sII", raw)
    if magic != b"MKSTAT01" or len(raw) != 16 + count * (8 + dim):
        sys.exit("pack.py: %s: not a table" % table)
    if count != len(words) or len(set(words)) != count or b"" in words:
        sys.exit("pack.py: %s: not the table's vocabulary" % vocabulary)

    # scale, weight and vector of a token lie together: one page of the
    # file, or two, is what a token costs a cold process
    rows = b"".join(raw[16 + 4 * i:20 + 4 * i] +
                    raw[16 + 4 * (count + i):20 + 4 * (count + i)] +
                    raw[16 + 8 * count + dim * i:][:dim]
                    for i in range(count))
    text = bytearray()
    pairs = [(w, i) for i, w in enumerate(words)]
    heads = index([p for p in pairs if not p[0].startswith(b"##") or
                   p[0] == b"##"], text)
    tails = index([(w[2:], i) for w, i in pairs if w.startswith(b"##") and
                   w != b"##"], text)

    body, sections = b"", []
    for part in (rows, heads, tails, bytes(text)):
        sections += [PAGE + len(body), len(part)]
        body += pad(part)
    sums = b"".join(struct.pack("<I", crc32c(body[i:i + PAGE]))
                    for i in range(0, len(body), PAGE))
    sections += [PAGE + len(body), len(sums)]
    head = struct.pack("<8sIIIII", b"MKMODEL\n", 1, count, dim,
                       words.index(b"[UNK]"), crc32c(sums))
    head += NAME.ljust(64, b"\0") + hashlib.sha256(body).digest()
    head += struct.pack("<10Q", *sections)
    head = head.ljust(PAGE - 4, b"\0")
    head += struct.pack("<I", crc32c(head))
    with open(name, "wb") as f:
        f.write(head + body + sums)


main()
