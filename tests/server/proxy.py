#!/usr/bin/env python3
"""Between us and a server on this machine: hands on, or fails as it is told.

usage: proxy.py PORTFILE LOG SCRIPT [URL]

Without URL it answers what it was asked, as JSON.  With FAULTS_AUTH in the
environment it answers 401 to who sends another Authorization.  It knows, too:

  items STATUS N TYPE  of a _bulk answer each N-th item failed with it, and was
                       not done
"""
import http.client
import json
import os
import sys
import urllib.parse

import faults


def each_action(body):
    """(action, its lines) of a _bulk request."""
    lines = iter(body.split(b"\n"))
    for line in lines:
        if line:
            action = next(iter(json.loads(line)))
            yield action, line, None if action == "delete" else next(lines)


class Handler(faults.Handler):
    def hand_on(self, body):
        c = http.client.HTTPConnection(
            urllib.parse.urlsplit(sys.argv[4]).netloc)
        kind = self.headers.get("Content-Type")
        c.request(self.command, self.path, body,
                  {"Content-Type": kind} if kind else {})
        r = c.getresponse()
        return r.status, r.read(), r.headers.get("Content-Type", "text/plain")

    def items(self, body, status, each, kind):
        """Some of them are left out, and told as failed."""
        failed, rest = {}, b""
        for i, (action, line, doc) in enumerate(each_action(body)):
            if i % each == each - 1:
                head = json.loads(line)[action]
                failed[i] = {action: {
                    "_index": head.get("_index"), "_id": head.get("_id"),
                    "status": status,
                    "error": {"type": kind, "reason": "as it was told"}}}
            else:
                rest += line + b"\n" + (doc + b"\n" if doc is not None else b"")
        out = {"took": 1, "errors": True, "items": []}
        if rest:
            code, got, how = self.hand_on(rest)
            if code != 200:
                return code, got, how
            out = json.loads(got)
        for i in sorted(failed):
            out["items"].insert(i, failed[i])
        out["errors"] = out["errors"] or bool(failed)
        return 200, json.dumps(out).encode(), "application/json"

    def echo(self, body):
        return 200, json.dumps({
            "method": self.command, "path": self.path,
            "type": self.headers.get("Content-Type"), "size": len(body),
            "body": body[:200].decode("utf-8", "replace")}).encode(), \
            "application/json"

    def answer(self, body):
        w = self.words
        if os.environ.get("FAULTS_AUTH") and \
                self.headers.get("Authorization") != os.environ["FAULTS_AUTH"]:
            self.send(401, json.dumps({"error": {"reason": "not with %s" %
                      self.headers.get("Authorization")}}).encode())
        elif len(sys.argv) <= 4:
            self.send(*self.echo(body))
        elif w[:1] == ["items"]:
            self.send(*self.items(body, int(w[1]), int(w[2]), w[3]))
        else:
            self.send(*self.hand_on(body))

    do_PUT = do_HEAD = faults.Handler.handle_one


if __name__ == "__main__":
    faults.serve(Handler)
