#!/usr/bin/env python3
"""A search engine that sends what it is told, whatever it was asked.

usage: engine.py PORTFILE LOG SCRIPT DOCS

DOCS has a line of JSON for each document: {"_index", "_id", "_source"}, and
one {"mapping": ...}, which a question for the mapping is answered with (404
without it).  Any search of a source gets all documents of it.  It knows, too:

  mangle SEED  a few values of the answer become others: types, sizes, names
  large N      only those whose ids were asked for, with N bytes more of text
"""
import json
import random
import sys
import urllib.parse

import faults

ODD = [None, True, False, 0, -1, 1 << 62, -(1 << 62), 1e300, "", "x", "\u202e",
       "a" * 100000, [], {}, [[]], ["a", 1, None], {"a": {"b": []}},
       [{"text": 1}], "fact:0", "grip:1:2", "toc:segment:0:0", "/", "#"]


def sources(o):
    """The sources that a search asks for."""
    if isinstance(o, list):
        return set().union(set(), *[sources(x) for x in o])
    if not isinstance(o, dict):
        return set()
    if set(o) == {"term"} and "source" in o["term"]:
        return {o["term"]["source"]}
    return set().union(set(), *[sources(x) for x in o.values()])


def places(o, out):
    """Each place of a value as (container, key)."""
    for k in (o if isinstance(o, dict) else range(len(o))):
        out.append((o, k))
        if isinstance(o[k], (dict, list)):
            places(o[k], out)
    return out


def ids(o):
    """The ids that a search asks for."""
    if isinstance(o, list):
        return set().union(set(), *[ids(x) for x in o])
    if not isinstance(o, dict):
        return set()
    if set(o) == {"ids"}:
        return set(o["ids"]["values"])
    return set().union(set(), *[ids(x) for x in o.values()])


def mangle(o, r):
    for _ in range(1 + r.randrange(4)):
        where, k = r.choice(places(o, []))
        if r.randrange(8) == 0 and isinstance(where, dict):
            del where[k]
        elif r.randrange(4) == 0:
            other, l = r.choice(places(o, []))
            where[k] = json.loads(json.dumps(other[l]))
        else:
            where[k] = r.choice(ODD)
    return o


class Handler(faults.Handler):
    def hits(self, body):
        want = sources(body)
        hits = [{"_index": d["_index"], "_id": d["_id"], "_score": 1.5,
                 "_source": d["_source"]}
                for d in self.docs if d["_source"].get("source") in want]
        return {"status": 200, "hits": {"total": {"value": len(hits),
                "relation": "eq"}, "hits": hits}}

    def answer(self, body):
        path = urllib.parse.urlsplit(self.path).path
        with open(sys.argv[4]) as f:
            lines = [json.loads(x) for x in f if x.strip()]
        self.docs = [x for x in lines if "_id" in x]
        mapping = [x["mapping"] for x in lines if "mapping" in x]
        status, out = 200, {}
        if path.endswith("/_mapping"):
            status, out = (200, mapping[0]) if mapping else \
                (404, {"error": {"reason": "no such index"}, "status": 404})
        elif path.endswith("/_msearch"):
            bodies = [json.loads(x) for x in body.splitlines()[1::2]]
            out = {"responses": [self.hits(b) for b in bodies]}
        elif path.endswith("/_search"):
            body = json.loads(body)
            out = self.hits(body)
            if self.words[:1] == ["large"]:
                hits = out["hits"]
                hits["hits"] = [h for h in hits["hits"]
                                if h["_id"] in ids(body)]
                for h in hits["hits"]:
                    h["_source"]["record"]["text"] += " " + \
                        "x" * int(self.words[1])
                with open(sys.argv[2], "a") as f:
                    f.write("asked %d\n" % len(hits["hits"]))
        if self.words[:1] == ["mangle"]:
            out = mangle(out, random.Random(int(self.words[1])))
        self.send(status, json.dumps(out).encode())

    do_GET = do_POST = do_DELETE = faults.Handler.handle_one


if __name__ == "__main__":
    faults.serve(Handler)
