#!/usr/bin/env python3
"""Between us and a server on this machine: hands on, or fails as it is told.

usage: proxy.py PORTFILE LOG SCRIPT URL
"""
import http.client
import sys
import urllib.parse

import faults


class Handler(faults.Handler):
    def answer(self, body):
        c = http.client.HTTPConnection(
            urllib.parse.urlsplit(sys.argv[4]).netloc)
        kind = self.headers.get("Content-Type")
        c.request(self.command, self.path, body,
                  {"Content-Type": kind} if kind else {})
        r = c.getresponse()
        self.send(r.status, r.read(), r.headers.get("Content-Type", "text/plain"))


if __name__ == "__main__":
    faults.serve(Handler)
