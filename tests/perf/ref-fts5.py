#!/usr/bin/env python3
"""The yardstick of bulk ingest: what a person at home in Unix writes in ten
minutes, a SQLite table with FTS5, durable, a thousand events a commit.

usage: ref-fts5.py EVENTS.jsonl DATABASE
"""
import json
import sqlite3
import sys

db = sqlite3.connect(sys.argv[2], isolation_level=None)
db.execute("pragma journal_mode = wal")
db.execute("pragma synchronous = full")
db.executescript("""
create table event (id integer primary key, event_id text unique,
    session text, ts integer, role text, agent text, text text);
create virtual table words using fts5 (text, content = event,
    content_rowid = id, tokenize = "porter unicode61");
create trigger event_words after insert on event begin
    insert into words (rowid, text) values (new.id, new.text);
end;
""")
db.execute("begin")
with open(sys.argv[1], encoding="utf-8") as lines:
    for n, line in enumerate(lines, 1):
        e = json.loads(line)
        db.execute("insert or ignore into event (event_id, session, ts, role, "
                   "agent, text) values (?, ?, ?, ?, ?, ?)",
                   (e["event_id"], e["session_id"], e["timestamp"], e["role"],
                    e["agent"], e["text"]))
        if n % 1000 == 0:
            db.execute("commit")
            db.execute("begin")
db.execute("commit")
db.execute("pragma wal_checkpoint(truncate)")
