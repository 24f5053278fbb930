#!/usr/bin/env python3
"""A store on this machine that speaks some S3, and fails as it is told.

usage: s3.py PORTFILE LOG SCRIPT [CERTIFICATE KEY CLIENT-CA]

By TLS with a certificate, to clients that one of CLIENT-CA certifies.

Objects are kept in memory; there are no uploads in parts.  Signatures are checked by an implementation of
their own, with the key "AKID" and the secret "a-secret-of-the-test".  A line
"METHOD PATH?QUERY" is written to LOG for each request.

Before a request is answered the first line of SCRIPT is taken away; it says
what to do instead:

  ok                         answer as usual
  STATUS [CODE] [H=V] ...    that status, an <Error> with that code, headers
  lost                       do it, then close without an answer
  close                      close without having done it
  head                       the same, in the middle of the head of an answer
  cut N                      a GET: only N bytes of the body, then close
  wrong                      a GET: with one byte changed
  few N                      a GET: only N bytes, as if that were all
  says NAME VALUE            as usual, but for that header
  drip                       a byte now and then, for ever
  endless [STATUS]           a body without end
  headers                    headers without end
  continues                  100 Continue without end
  junk                       no HTTP
  file NAME [STATUS]         the bytes of that file as body
  slow S                     wait S seconds, then as usual
  hold FILE                  make FILE, wait until it is gone, then as usual
  held FILE                  do it, make FILE, answer when that is gone
  always region R            301 for a signature of another region; stays
  always token T             400 ExpiredToken without this token; stays
  always STATUS [CODE]       that status; stays
"""
import hashlib
import hmac
import http.server
import io
import os
import re
import ssl
import sys
import threading
import time
import urllib.parse
import xml.sax.saxutils

KEY, SECRET = "AKID", b"a-secret-of-the-test"
lock = threading.Lock()
objects = {}
uploads = {}        # in parts: id -> [path, metadata, {number: bytes}]


def quote(s, safe="-._~"):
    return urllib.parse.quote(s, safe=safe)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def wait_for(name):
    with open(name, "w"):
        pass
    while os.path.exists(name):
        time.sleep(0.005)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def signature(self, auth, body):
        """What is wrong with the signature; None: nothing."""
        try:
            parts = dict(p.strip().split("=", 1) for p in
                         auth.split(" ", 1)[1].split(","))
            key, day, region, service, _ = parts["Credential"].split("/")
        except (IndexError, ValueError, KeyError, AttributeError):
            return "AccessDenied"
        if key != KEY:
            return "InvalidAccessKeyId"
        path, _, query = self.path.partition("?")
        pairs = sorted((quote(k), quote(v)) for k, v in
                       urllib.parse.parse_qsl(query, keep_blank_values=True))
        names = parts["SignedHeaders"].split(";")
        for n in self.headers:
            if n.lower().startswith("x-amz-") and n.lower() not in names:
                return "SignatureDoesNotMatch"
        if "host" not in names:
            return "SignatureDoesNotMatch"
        sha = self.headers.get("x-amz-content-sha256", "")
        if sha != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        canonical = "\n".join(
            [self.command, path, "&".join("=".join(p) for p in pairs)] +
            [n + ":" + " ".join(self.headers.get(n, "").split())
             for n in names] + ["", ";".join(names), sha])
        when = self.headers["x-amz-date"]
        text = "\n".join(["AWS4-HMAC-SHA256", when,
                          "/".join([day, region, service, "aws4_request"]),
                          hashlib.sha256(canonical.encode()).hexdigest()])
        k = mac(mac(mac(mac(b"AWS4" + SECRET, day), region), service),
                "aws4_request")
        if hmac.new(k, text.encode(), hashlib.sha256).hexdigest() != \
                parts["Signature"]:
            return "SignatureDoesNotMatch"
        return None

    def send(self, status, body=b"", headers=()):
        self.send_response(status)
        for h, v in headers:
            if h.lower() not in self.says:
                self.send_header(h, v)
        for h, v in self.says.items():
            self.send_header(h, v)
        if "content-length" not in self.says:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code="", headers=()):
        self.send(status, b"<Error><Code>%s</Code><Message>so it was told"
                  b"</Message></Error>" % code.encode(), headers)

    def list(self, bucket, query):
        """What is in it, behind start-after, all of it on one page."""
        q = urllib.parse.parse_qs(query)
        first, after = (q.get(k, [""])[0] for k in ("prefix", "start-after"))
        with lock:
            found = sorted((p[len(bucket) + 1:], b) for p, (b, _) in
                           objects.items() if p.startswith(bucket + "/"))
        keys = "".join("<Contents><Key>%s</Key><Size>%d</Size></Contents>" %
                       (k, len(b)) for k, b in found if
                       urllib.parse.unquote(k) > after and
                       urllib.parse.unquote(k).startswith(first))
        self.send(200, ("<ListBucketResult><EncodingType>url</EncodingType>"
                        "%s</ListBucketResult>" % keys).encode())

    def meta(self):
        return {h: v for h, v in self.headers.items()
                if h.lower().startswith("x-amz-meta-")}

    def upload(self, path, q, body):
        """A request to an upload in parts; False: it is none."""
        xml = "<%s>%s</%s>"
        uid = q.get("uploadId", [""])[0]
        if self.command == "GET" and "uploads" in q:
            first = q.get("prefix", [""])[0]
            with lock:
                keys = [(urllib.parse.unquote(p.split("/", 2)[2]), i)
                        for i, (p, _, _) in uploads.items()]
            found = "".join("<Upload><Key>%s</Key><UploadId>%s</UploadId>"
                            "</Upload>" % k for k in sorted(keys)
                            if k[0].startswith(first))
            name, text = "ListMultipartUploadsResult", found
        elif self.command == "POST" and "uploads" in q:
            with lock:
                uid = "upload%d" % (len(uploads) + len(objects) +
                                    time.monotonic_ns())
                uploads[uid] = [path, self.meta(), {}]
            name = "InitiateMultipartUploadResult"
            text = "<UploadId>%s</UploadId>" % uid
        elif not uid or (self.command == "PUT" and uid not in uploads):
            return False
        elif uid not in uploads:
            self.error(404, "NoSuchUpload")
            return True
        elif self.command == "PUT":
            uploads[uid][2][int(q["partNumber"][0])] = body
            self.send(200, b"", [("ETag", '"%s"' % hashlib.md5(
                body).hexdigest())])
            return True
        elif self.command == "DELETE":
            uploads.pop(uid)
            self.send(204)
            return True
        else:
            with lock:
                if self.headers.get("If-None-Match") and path in objects:
                    self.error(412, "PreconditionFailed")
                    return True
                _, meta, parts = uploads.pop(uid)
                data = b"".join(parts[n] for n in sorted(parts))
                objects[path] = (data, meta)
            name = "CompleteMultipartUploadResult"
            text = "<ETag>%s</ETag>" % hashlib.md5(data).hexdigest()
        self.send(200, (xml % (name, text, name)).encode())
        return True

    def usual(self, body, how=()):
        path, _, query = self.path.partition("?")
        bad = self.signature(self.headers.get("Authorization"), body)
        if bad:
            return self.error(403, bad)
        bucket = "/" not in path.strip("/")
        if self.upload(path, urllib.parse.parse_qs(
                query, keep_blank_values=True), body):
            return None
        if self.command == "PUT":
            meta = self.meta()
            with lock:
                once = self.headers.get("If-None-Match") == "*"
                there = once and path in objects
                if not there:
                    objects[path] = (body, meta)
            if there:
                return self.error(412, "PreconditionFailed")
            return self.send(200, b"", [("ETag", '"%s"' % hashlib.md5(
                body).hexdigest())])
        if self.command == "DELETE":
            objects.pop(path, None)
            return self.send(204)
        if self.command == "POST" and query.startswith("delete"):
            for k in re.findall("<Key>(.*?)</Key>", body.decode()):
                k = xml.sax.saxutils.unescape(k)
                objects.pop(path.rstrip("/") + "/" + quote(k, "-._~/"), None)
            return self.send(200, b"<DeleteResult></DeleteResult>")
        if bucket and re.search("(^|&)uploads(=?)(&|$)", query):
            return self.send(200, b"<ListMultipartUploadsResult><IsTruncated>"
                             b"false</IsTruncated>"
                             b"</ListMultipartUploadsResult>")
        if bucket:
            return self.list(path.rstrip("/"), query)
        if path not in objects:
            return self.error(404, "NoSuchKey")
        data, meta = objects[path]
        self.send_object(data, meta, how)

    def send_object(self, data, meta, how):
        etag = hashlib.md5(data).hexdigest()
        rng, status = self.headers.get("Range"), 200
        headers = [("ETag", '"%s"' % etag)] + list(meta.items())
        if rng:
            first, last = rng[6:].split("-")
            status, size = 206, len(data)
            last = int(last) if last else size - 1
            headers.append(("Content-Range", "bytes %s-%d/%d" %
                            (first, last, size)))
            data = data[int(first):last + 1]
        if how and how[0] == "wrong":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if how and how[0] == "few":
            data = data[:int(how[1])]
        if how and how[0] == "cut":
            self.send_response(status)
            for h, v in headers:
                self.send_header(h, v)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:int(how[1])])
            self.close_connection = True
            return
        self.send(status, data, headers)

    def told(self, how, body):
        what = how[0]
        self.says = {}
        if what == "says":
            self.says = {how[1].lower(): " ".join(how[2:])}
        if what[0].isdigit():
            code = how[1] if len(how) > 1 and "=" not in how[1] else ""
            self.error(int(what), code,
                       [h.split("=", 1) for h in how[1:] if "=" in h])
        elif what == "close":
            self.close_connection = True
        elif what == "head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nDate: ")
            self.close_connection = True
        elif what == "lost":
            real, self.wfile = self.wfile, open(os.devnull, "wb")
            self.usual(body)
            self.wfile = real
            self.close_connection = True
        elif what == "junk":
            self.wfile.write(b"not HTTP at all\r\n\r\n")
            self.close_connection = True
        elif what == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                self.wfile.write(b"x-more: " + b"x" * 1000 + b"\r\n")
        elif what == "continues":
            while True:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        elif what in ("drip", "endless"):
            self.wfile.write(b"HTTP/1.1 %s OK\r\n\r\n" %
                             (how[1].encode() if len(how) > 1 else b"200"))
            while True:
                self.wfile.write(b"x" if what == "drip" else b" " * 65536)
                if what == "drip":
                    time.sleep(0.2)
        elif what == "file":
            with open(how[1], "rb") as f:
                self.send(int(how[2]) if len(how) > 2 else 200, f.read())
        elif what == "always" and how[1] == "region" and \
                how[2] not in self.headers["Authorization"].split("/"):
            self.error(301, "PermanentRedirect",
                       [("x-amz-bucket-region", how[2])])
        elif what == "always" and how[1] == "token" and \
                self.headers.get("x-amz-security-token") != how[2]:
            self.error(400, "ExpiredToken")
        elif what == "always" and how[1].isdigit():
            self.error(int(how[1]), how[2] if len(how) > 2 else "")
        elif what == "slow":
            time.sleep(float(how[1]))
            self.usual(body)
        elif what == "hold":
            wait_for(how[1])
            self.usual(body)
        elif what == "held":
            real, self.wfile = self.wfile, io.BytesIO()
            self.usual(body)
            answer, self.wfile = self.wfile.getvalue(), real
            wait_for(how[1])
            self.wfile.write(answer)
        else:
            self.usual(body, how)

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            with open(sys.argv[3]) as f:
                lines = f.read().splitlines()
            if not lines or not lines[0].startswith("always"):
                with open(sys.argv[3], "w") as f:
                    f.write("".join(s + "\n" for s in lines[1:]))
            with open(sys.argv[2], "a") as f:
                f.write("%s %s\n" % (self.command, self.path))
        try:
            self.told(lines[0].split() if lines else ["ok"], body)
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = do


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if len(sys.argv) > 4:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[4], sys.argv[5])
        tls.load_verify_locations(sys.argv[6])
        tls.verify_mode = ssl.CERT_REQUIRED
        server.socket = tls.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write("%d\n" % server.server_port)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
