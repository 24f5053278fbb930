#!/usr/bin/env python3
"""Archives for tests: python3 docs-archives.py FOLDER makes them there, good
ones and hostile ones, with nothing but the standard library."""
import io
import os
import struct
import sys
import tarfile
import zipfile
import zlib

os.chdir(sys.argv[1])
A = b"The torque of the M8 bolt is 25 Nm.\n"


def zipped(members, name=None, how=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as z:
        for member, data in members:
            z.writestr(member, data)
    if name:
        with open(name, "wb") as f:
            f.write(out.getvalue())
    return out.getvalue()


def tarred(name, members, mode="w"):
    with tarfile.open(name, mode) as t:
        for info, data in members:
            if data is not None:
                info.size = len(data)
            t.addfile(info, io.BytesIO(data) if data is not None else None)


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mtime = kind, link, 1700000000
    return info


# good
zipped([("a.txt", A), ("b/c.md", b"# Bolts\n\n" + A)], "good.zip")
for suffix in ("gz", "bz2", "xz"):
    tarred("good.tar." + suffix, [(member("a.txt"), A)], "w:" + suffix)
inner = zipped([("a.txt", A)])
zipped([("in.zip", inner), ("x.txt", b"outside\n")], "nested.zip")
zipped([(".hidden/a.txt", A), ("__MACOSX/a.txt", A), ("a.txt", A)],
       "hidden.zip")

# hostile names and kinds
tarred("climb.tar", [
    (member("good.txt"), A), (member("../up.txt"), A),
    (member("/etc/root.txt"), A), (member("a/../../b.txt"), A),
    (member("C:\\windows\\x.txt"), A), (member("..\\up2.txt"), A),
    (member("link", tarfile.SYMTYPE, "/etc/passwd"), None),
    (member("hard", tarfile.LNKTYPE, "good.txt"), None),
    (member("fifo", tarfile.FIFOTYPE), None),
    (member("dev", tarfile.CHRTYPE), None),
    (member("good.txt"), b"again\n"), (member("./last.txt"), A)])
name = member("bad.txt")
tarred("bytes.tar", [(name, A)])
with open("bytes.tar", "r+b") as f:     # a name that is not UTF-8
    block = bytearray(f.read(512))
    block[0:7] = b"b\xffd.txt"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    f.seek(0)
    f.write(block)

# bombs
zipped([("ok.txt", A), ("bomb.txt", b"bomb " * (8 << 20)),
        ("after.txt", A)], "bomb.zip")
image = b"\x89PNG\r\n\x1a\n" + b"0" * (40 << 20)
tarred("unread.tar.gz", [(member("ok.txt"), A), (member("x.png"), image),
                         (member("after.txt"), A)], "w:gz")
tarred("refused.tar.gz", [(member("ok.txt"), A), (member("../x"), image),
                          (member("after.txt"), A)], "w:gz")
zipped([("x.png", image), ("after.txt", A)], "unread.zip")
data = b"0" * (40 << 20)
for i in range(3):
    data = zipped([("n%d.zip" % i, data)])
with open("bombs.zip", "wb") as f:
    f.write(data)
zipped([("%06d.txt" % i, b"x") for i in range(3000)], "many.zip",
       zipfile.ZIP_STORED)
deep = zipped([("core.txt", A)])
for i in range(20):
    deep = zipped([("level%d.txt" % i, b"level %d\n" % i),
                   ("d%d.zip" % i, deep)])
with open("deep.zip", "wb") as f:
    f.write(deep)


# A gzip file that unpacks to itself does not end by itself (Cox, "Zip files
# all the way down", 2010): here a tar that is its own member by a lie of its
# size, which ends where its bytes do, and a chain of 100 compressions.
data = A
for i in range(100):
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = c.compress(data) + c.flush()
with open("chain.txt.gz", "wb") as f:
    f.write(data)
lie = member("self.tar")
lie.size = 1 << 40
with open("lie.tar", "wb") as f:
    f.write(member("first.txt").tobuf()[:124] and b"")
    first = member("first.txt")
    first.size = len(A)
    f.write(first.tobuf() + A + bytes(512 - len(A)))
    f.write(lie.tobuf(tarfile.GNU_FORMAT))
    f.write(A * 100)

# broken
good = zipped([("%d.txt" % i, os.urandom(64).hex().encode() * 40)
               for i in range(50)])
with open("cut.zip", "wb") as f:
    f.write(good[:len(good) // 2])
with open("central.zip", "wb") as f:    # no sense in its directory
    at = good.rindex(b"PK\1\2")
    f.write(good[:at] + b"\xff" * (len(good) - at))
with open("crc.zip", "wb") as f:
    bad = bytearray(zipped([("a.txt", A * 50), ("b.txt", A)], None,
                           zipfile.ZIP_STORED))
    bad[60] ^= 1
    f.write(bad)
with open("size.zip", "wb") as f:       # it says 4 GB
    bad = bytearray(zipped([("a.txt", A * 50)]))
    at = bad.rindex(b"PK\1\2")
    bad[at + 24:at + 28] = struct.pack("<I", 0xfffffff0)
    bad[22:26] = struct.pack("<I", 0xfffffff0)
    f.write(bad)
with open("cut.tar.gz", "wb") as f:
    tarred("whole.tgz", [(member("%02d.txt" % i),
                          os.urandom(3000).hex().encode())
                         for i in range(20)], "w:gz")
    with open("whole.tgz", "rb") as w:
        whole = w.read()
    f.write(whole[:len(whole) * 3 // 4])
os.unlink("whole.tgz")
