#!/usr/bin/env python3
"""An embeddings endpoint by TLS, on this machine only, with made-up vectors.

usage: tls.py PORTFILE LOG CERTIFICATE KEY

The port that it listens on is written to PORTFILE.  What it is sent is
written to LOG, the key of the request before it.
"""
import http.server
import json
import os
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(sys.argv[2], "ab") as f:
            f.write((self.headers.get("Authorization") or "-").encode() +
                    b" " + body + b"\n")
        texts = json.loads(body)["input"]
        out = json.dumps({"model": "made-up", "data": [
            {"index": i, "embedding": [1 + len(t) % 7, 1 + len(t) % 5, 1]}
            for i, t in enumerate(texts)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    # a handshake that fails is the client's affair, and no reason to end
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write("%d\n" % server.server_port)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
