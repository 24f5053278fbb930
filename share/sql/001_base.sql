-- memory.db, schema 1: what came in.  memkit-store(5) explains it.
--
-- Rows here are appended; nothing derived from them lives in these tables
-- but what is named "derived" below.  Times are milliseconds since 1970
-- UTC.  "key" is the id of the key a row is sealed with, 0 is clear.
-- Numbers (seq, id) are given once and never used again: AUTOINCREMENT
-- where a row may go.

CREATE TABLE meta (
	name	TEXT PRIMARY KEY,
	value	TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE agent (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL UNIQUE
) STRICT;

-- Dictionaries of zstd frames.  One stays as long as a row names it.
CREATE TABLE dict (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	made	INTEGER NOT NULL,
	rows	INTEGER NOT NULL DEFAULT 0,	-- samples it learned from
	data	BLOB NOT NULL
) STRICT;

-- start_ms, end_ms and events are derived from the events, kept up to date
-- by whoever adds or forgets one; `mem-admin check` compares them.
CREATE TABLE session (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	user	INTEGER NOT NULL REFERENCES user,
	name	TEXT NOT NULL,
	key	INTEGER NOT NULL DEFAULT 0,
	agent	INTEGER REFERENCES agent,
	start_ms INTEGER,
	end_ms	INTEGER,
	events	INTEGER NOT NULL DEFAULT 0 CHECK (events >= 0),
	UNIQUE (user, name)
) STRICT;
CREATE INDEX session_time ON session (user, start_ms);

-- What somebody set about a session: kind 0 its working variables, kind 1
-- its own properties (title, agent, state).  The row with the greatest seq
-- counts; value NULL unsets.
CREATE TABLE variable (
	seq	INTEGER PRIMARY KEY,
	session	INTEGER NOT NULL REFERENCES session,
	kind	INTEGER NOT NULL CHECK (kind IN (0, 1)),
	name	TEXT NOT NULL,
	value	TEXT,
	key	INTEGER NOT NULL DEFAULT 0,
	at	INTEGER NOT NULL
) STRICT;
CREATE INDEX variable_name ON variable (session, kind, name, seq);

-- Many events' bodies, one after the other, as one zstd frame: what
-- `mem-admin compact` makes of them.
CREATE TABLE pack (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	user	INTEGER NOT NULL REFERENCES user,
	key	INTEGER NOT NULL DEFAULT 0,
	dict	INTEGER NOT NULL REFERENCES dict,
	events	INTEGER NOT NULL,
	data	BLOB NOT NULL
) STRICT;

-- id is the ULID.  stray = 1: the first 48 bits of the id are not ts (the
-- id was given, not made).
-- The body is the text; where there is metadata, a 0 byte and a JSON object
-- follow it.  It is a zstd frame in "body", or, packed, the bytes [off,
-- off + len) of a pack's content.
-- type: 0 session_start, 1 user_message, 2 assistant_message, 3 tool_use,
-- 4 tool_result, 5 assistant_stop, 6 subagent_start, 7 subagent_stop,
-- 8 session_end.  role: 0 user, 1 assistant, 2 system, 3 tool.
CREATE TABLE event (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	user	INTEGER NOT NULL REFERENCES user,
	session	INTEGER NOT NULL REFERENCES session,
	ts	INTEGER NOT NULL
		CHECK (ts BETWEEN -62135596800000 AND 253402300799999),
	id	BLOB NOT NULL CHECK (length(id) = 16),
	stray	INTEGER NOT NULL DEFAULT 0 CHECK (stray IN (0, 1)),
	type	INTEGER NOT NULL CHECK (type BETWEEN 0 AND 8),
	role	INTEGER NOT NULL CHECK (role BETWEEN 0 AND 3),
	agent	INTEGER REFERENCES agent,
	key	INTEGER NOT NULL DEFAULT 0,
	dict	INTEGER REFERENCES dict,
	body	BLOB,
	pack	INTEGER REFERENCES pack,
	off	INTEGER,
	len	INTEGER,
	CHECK ((body IS NULL) = (pack IS NOT NULL))
) STRICT;
-- The order of time, and the id of nearly every event: its time is in it.
CREATE UNIQUE INDEX event_key ON event (user, ts, id);
CREATE UNIQUE INDEX event_stray ON event (user, id) WHERE stray = 1;
CREATE INDEX event_session ON event (session, ts);

CREATE TABLE kb (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL UNIQUE
) STRICT;

-- Rows of knowledge bases, tenant-wide; user is who brought it.  The body is
-- the record as JSON, keys sorted, a zstd frame.  hash is the SHA-256 of
-- that JSON.  The greatest version counts.
CREATE TABLE record (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	kb	INTEGER NOT NULL REFERENCES kb,
	id	TEXT NOT NULL,
	version	INTEGER NOT NULL CHECK (version > 0),
	user	INTEGER NOT NULL REFERENCES user,
	type	TEXT NOT NULL,
	status	TEXT,
	ts	INTEGER,
	key	INTEGER NOT NULL DEFAULT 0,
	at	INTEGER NOT NULL,
	hash	BLOB NOT NULL CHECK (length(hash) = 32),
	dict	INTEGER NOT NULL REFERENCES dict,
	body	BLOB NOT NULL,
	UNIQUE (kb, id, version)
) STRICT;

-- What was forgotten, so that it stays so when it is imported again.
-- target: 1 event (id is the ULID), 2 session, 3 record ("kb/id", of
-- nobody: user 0).  ref: the row that went, 0 when there was none.
CREATE TABLE tombstone (
	seq	INTEGER PRIMARY KEY,
	user	INTEGER NOT NULL,
	target	INTEGER NOT NULL CHECK (target IN (1, 2, 3)),
	id	TEXT NOT NULL,
	ref	INTEGER NOT NULL DEFAULT 0,
	at	INTEGER NOT NULL,
	UNIQUE (user, target, id)
) STRICT;

-- The change log, the outbox of whoever derives something.
-- type: 1 event, 2 session, 3 record, 4 tombstone; ref is its seq.
CREATE TABLE change (
	seq	INTEGER PRIMARY KEY,
	type	INTEGER NOT NULL,
	ref	INTEGER NOT NULL,
	at	INTEGER NOT NULL
) STRICT;

CREATE TABLE consumer (
	name	TEXT PRIMARY KEY,
	seq	INTEGER NOT NULL,		-- last confirmed change
	ts	INTEGER NOT NULL DEFAULT 0,	-- of what was processed last
	saved	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far a source outside has been read (mem-from --follow).
CREATE TABLE cursor (
	user	INTEGER NOT NULL REFERENCES user,
	source	TEXT NOT NULL,
	off	INTEGER NOT NULL CHECK (off >= 0),
	prefix_hash TEXT NOT NULL,
	inode	INTEGER NOT NULL DEFAULT 0,
	size	INTEGER NOT NULL DEFAULT 0,
	state	TEXT,
	saved	INTEGER NOT NULL,
	PRIMARY KEY (user, source)
) STRICT, WITHOUT ROWID;

-- hash = SHA-256 of the row before's hash and this row's fields.
CREATE TABLE audit (
	seq	INTEGER PRIMARY KEY,
	at	INTEGER NOT NULL,
	who	TEXT NOT NULL,
	action	TEXT NOT NULL,
	object	TEXT,
	detail	TEXT,
	hash	BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
