#!/usr/bin/env python3
"""A pinning service on this machine (IPFS Pinning Service API 1.0.0).

usage: pin.py PORTFILE LOG SCRIPT

Its token is "a-token-of-the-test".  A request is queued, pinning when it is
looked at, and pinned when it is looked at again.  Besides what faults.py has:

  failed        as usual; this request, or the one asked for, ends as failed
  other-cid     as usual, with the CID of no bytes in the answer
  other-name    as usual, with another name in the answer
  other-id      as usual, with another id in the answer
  status TEXT   as usual, with that status in the answer
"""
import copy
import json
import sys
import time
import urllib.parse

import faults

TOKEN = "a-token-of-the-test"
NOTHING = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
pins = {}
count = 0


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + \
        ".%03dZ" % (t * 1000 % 1000)


class Handler(faults.Handler):
    def refuse(self, status, reason, details=""):
        self.send(status, json.dumps(
            {"error": {"reason": reason, "details": details}}).encode())

    def give(self, status, p):
        p = copy.deepcopy(p)
        w = self.words[:1]
        if w == ["other-cid"]:
            p["pin"]["cid"] = NOTHING
        elif w == ["other-name"]:
            p["pin"]["name"] = "another"
        elif w == ["other-id"]:
            p["requestid"] = "another"
        elif w == ["status"]:
            p["status"] = self.words[1]
        self.send(status, json.dumps(p).encode())

    def step(self, p):
        if self.words[:1] == ["failed"]:
            p["status"] = "failed"
        elif p["status"] in ("queued", "pinning"):
            p["status"] = {"queued": "pinning",
                           "pinning": "pinned"}[p["status"]]

    def add(self, body, old):
        global count
        try:
            pin = json.loads(body)
            pin["cid"]
        except (ValueError, KeyError, TypeError):
            return self.refuse(400, "BAD_REQUEST")
        pins.pop(old, None)
        count += 1
        p = {"requestid": "r/%d" % count, "status": "queued",
             "created": stamp(1795000000 + count * 0.001), "pin": pin,
             "delegates": ["/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo"], "info": {}}
        if self.words[:1] == ["failed"]:
            p["status"] = "failed"
        pins[p["requestid"]] = p
        return self.give(202, p)

    def list(self, query):
        def one(key, default):
            return query.get(key, [default])[0]
        name, match = one("name", None), one("match", "exact")
        found = [p for p in pins.values()
                 if p["status"] in one("status", "pinned").split(",") and
                 (name is None or (name in p["pin"].get("name", "")
                  if match == "partial" else name == p["pin"].get("name"))) and
                 p["created"] < one("before", "9999")]
        found.sort(key=lambda p: p["created"], reverse=True)
        limit = min(int(one("limit", "10")), int(one("limit", "10")))
        # as some do: fewer than were asked for
        self.send(200, json.dumps({"count": len(found),
                                   "results": found[:min(limit, 7)]}).encode())

    def answer(self, body):
        with faults.lock:
            url = urllib.parse.urlsplit(self.path)
            parts = url.path.split("/")
            if self.headers.get("Authorization") != "Bearer " + TOKEN:
                return self.refuse(401, "UNAUTHORIZED", "not with " + str(
                    self.headers.get("Authorization")))
            if len(parts) == 2 and parts[1] == "pins":
                if self.command == "POST":
                    return self.add(body, None)
                return self.list(urllib.parse.parse_qs(url.query))
            key = urllib.parse.unquote(parts[2])
            if key not in pins:
                return self.refuse(404, "NOT_FOUND")
            if self.command == "POST":
                return self.add(body, key)
            if self.command == "DELETE":
                del pins[key]
                return self.send(202)
            self.step(pins[key])
            return self.give(200, pins[key])


if __name__ == "__main__":
    faults.serve(Handler)
