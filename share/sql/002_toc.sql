-- memory.db, schema 2: contents of each user's memory by time.
--
-- All of it follows from the events and can be made again, but what somebody
-- decided: toc_mark, and toc_move.  Versions are never edited; forgetting
-- takes the words of what was forgotten out of them.

-- edits counts what a build that is on its way must not overlook: marks,
-- moves, and what was forgotten.  touched is the greatest number that a node
-- was ever given.  zone is the one that days are told by.
CREATE TABLE toc_user (
	user	INTEGER PRIMARY KEY REFERENCES user,
	edits	INTEGER NOT NULL DEFAULT 0,
	touched	INTEGER NOT NULL DEFAULT 0,
	zone	TEXT NOT NULL DEFAULT ''
) STRICT;

-- name is the node's id without "toc:".  level: 0 segment, 1 day, 2 week,
-- 3 month, 4 year.  session, first, last: of a segment; the session's row and
-- the ids of its ends.  start_ms is that of its first event, or of the
-- period, and never changes; end_ms is after its last.  seen_ms: where a
-- segment ends rests on no event after this time.
-- live: the version that counts, 0 before there is one.  gone: that version
-- says that there is nothing any more.  made_of is a hash of the events it
-- was made of; held: it was moved back to an older version, until these
-- change.  dirty: to be made again from its children.  touched is a new
-- number, greater than all before it of this user, whenever another version
-- counts, words are taken out of it, or it or a bullet is hidden or shown
-- again: whoever indexes what nodes say goes on from the last one.
CREATE TABLE toc_node (
	id	INTEGER PRIMARY KEY,
	user	INTEGER NOT NULL REFERENCES user,
	name	TEXT NOT NULL,
	level	INTEGER NOT NULL CHECK (level BETWEEN 0 AND 4),
	parent	INTEGER REFERENCES toc_node,
	start_ms INTEGER NOT NULL,
	end_ms	INTEGER NOT NULL,
	session	INTEGER,
	first	BLOB CHECK (length(first) = 16),
	last	BLOB CHECK (length(last) = 16),
	seen_ms	INTEGER,
	events	INTEGER NOT NULL DEFAULT 0,
	live	INTEGER NOT NULL DEFAULT 0 CHECK (live >= 0),
	gone	INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
	held	INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
	dirty	INTEGER NOT NULL DEFAULT 0 CHECK (dirty IN (0, 1)),
	made_of	BLOB CHECK (length(made_of) = 16),
	touched	INTEGER NOT NULL DEFAULT 0,
	UNIQUE (user, name),
	CHECK ((level = 0) = (session IS NOT NULL)),
	CHECK ((level = 4) = (parent IS NULL))
) STRICT;
CREATE INDEX toc_node_child ON toc_node (parent, start_ms);
CREATE INDEX toc_node_session ON toc_node (session, start_ms)
	WHERE session IS NOT NULL;
CREATE INDEX toc_node_dirty ON toc_node (user, level, start_ms)
	WHERE dirty = 1;
CREATE INDEX toc_node_touched ON toc_node (user, touched);

-- The body is a zstd frame of lines: "T title", "B weight cues grip[,...]
-- text" for each bullet, "K keyword"; empty where gone = 1.
-- made: 0 built in, 1 by a program or an endpoint, 2 built in because that
-- failed.
CREATE TABLE toc_version (
	seq	INTEGER PRIMARY KEY,
	node	INTEGER NOT NULL REFERENCES toc_node,
	version	INTEGER NOT NULL CHECK (version > 0),
	at	INTEGER NOT NULL,
	end_ms	INTEGER NOT NULL,
	gone	INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
	made	INTEGER NOT NULL CHECK (made BETWEEN 0 AND 2),
	forgot	INTEGER NOT NULL DEFAULT 0,	-- bullets taken out of it
	key	INTEGER NOT NULL DEFAULT 0,
	dict	INTEGER NOT NULL REFERENCES dict,
	body	BLOB NOT NULL,
	UNIQUE (node, version)
) STRICT;

-- Moves to an older version by hand.
CREATE TABLE toc_move (
	node	INTEGER NOT NULL REFERENCES toc_node,
	at	INTEGER NOT NULL,
	version	INTEGER NOT NULL,
	PRIMARY KEY (node, at)
) STRICT, WITHOUT ROWID;

-- A grip is the bytes [off, off + len) of the text of an event; its id is
-- "grip:{ts}:{suffix}", the suffix in hex.  first, last: the range of events
-- that it stands for, where that is more than the one.  node: the segment
-- that came to name it last.
CREATE TABLE toc_grip (
	user	INTEGER NOT NULL REFERENCES user,
	ts	INTEGER NOT NULL,
	suffix	BLOB NOT NULL CHECK (length(suffix) = 6),
	node	INTEGER NOT NULL REFERENCES toc_node,
	event	BLOB NOT NULL CHECK (length(event) = 16),
	off	INTEGER NOT NULL CHECK (off >= 0),
	len	INTEGER NOT NULL CHECK (len > 0),
	first	BLOB CHECK (length(first) = 16),
	last	BLOB CHECK (length(last) = 16),
	PRIMARY KEY (user, ts, suffix)
) STRICT, WITHOUT ROWID;

-- What somebody wants to see first (1) or not at all (2): the name of a node
-- or the id of a grip, and of each bullet that rests on it.
CREATE TABLE toc_mark (
	user	INTEGER NOT NULL REFERENCES user,
	name	TEXT NOT NULL,
	kind	INTEGER NOT NULL CHECK (kind IN (1, 2)),
	at	INTEGER NOT NULL,
	PRIMARY KEY (user, name)
) STRICT, WITHOUT ROWID;

-- Sessions whose segments are to be made again where something in [lo, hi]
-- came or went.
CREATE TABLE toc_dirty (
	user	INTEGER NOT NULL REFERENCES user,
	session	INTEGER NOT NULL,
	lo	INTEGER NOT NULL,
	hi	INTEGER NOT NULL,
	PRIMARY KEY (user, session)
) STRICT, WITHOUT ROWID;
