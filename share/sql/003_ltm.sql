-- memory.db, schema 3: long-term facts, and what processors make them from.
--
-- Facts that were made by hand are what somebody said.  The others follow
-- from the rows of knowledge bases, as do all tables that begin with ltm_;
-- `mem-ltm run --rebuild` makes them again.

-- The greatest version of an id counts.  A version holds in [valid_from,
-- valid_until); gone: it says that there is no such fact any more, and why.
-- held: somebody put it there, until the rows below it change.
-- id: 63 bits of a SHA-256 over what tells the fact from others.
-- scope: 0 of a session, 1 of a user, 2 of the tenant (user 0).
-- job: what made it, 0 somebody, -1 somebody's verdict.  digest: of the rows below it.
-- project: of these rows, '' none; the index tells which projects a job has,
-- and what was put down by hand or said by a user.
CREATE TABLE fact (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	id	INTEGER NOT NULL,
	version	INTEGER NOT NULL CHECK (version > 0),
	scope	INTEGER NOT NULL CHECK (scope IN (0, 1, 2)),
	user	INTEGER NOT NULL DEFAULT 0,
	session	TEXT,
	job	INTEGER NOT NULL DEFAULT 0,
	project	TEXT NOT NULL DEFAULT '',
	valid_from INTEGER NOT NULL,
	valid_until INTEGER,
	gone	INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
	held	INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
	pin	INTEGER NOT NULL DEFAULT 0 CHECK (pin IN (0, 1)),
	confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
	digest	INTEGER NOT NULL DEFAULT 0,
	body	TEXT NOT NULL,		-- JSON: content, tags, metadata ...
	UNIQUE (id, version),
	CHECK ((scope = 2) = (user = 0)),
	CHECK ((scope = 0) = (session IS NOT NULL))
) STRICT;
CREATE INDEX fact_owner ON fact (user, job, project);

-- One target more.  4 is a version of a fact that went with what it rested on,
-- or was put down anew (user: whose it was, 0 of the tenant; ref its row, and
-- so is id).  It may be made again; indexes learn by it what is no more.
CREATE TABLE tombstone_3 (
	seq	INTEGER PRIMARY KEY,
	user	INTEGER NOT NULL,
	target	INTEGER NOT NULL CHECK (target IN (1, 2, 3, 4)),
	id	TEXT NOT NULL,
	ref	INTEGER NOT NULL DEFAULT 0,
	at	INTEGER NOT NULL,
	UNIQUE (user, target, id)
) STRICT;
INSERT INTO tombstone_3 (seq, user, target, id, ref, at)
	SELECT seq, user, target, id, ref, at FROM tombstone;
DROP TABLE tombstone;
ALTER TABLE tombstone_3 RENAME TO tombstone;

-- The facts that are verdicts, by what they are on (KB/RECORD_ID, or the id of
-- a fact as it is written) and by their file, '' all.
CREATE TABLE verdict (
	about	TEXT NOT NULL,
	file	TEXT NOT NULL,
	fact	INTEGER NOT NULL,
	PRIMARY KEY (about, file, fact)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_file ON verdict (file);

-- Rows that have something in common: a value, or a word; id is that of the
-- fact that they may become.  job: a processor over a knowledge base; dim:
-- the place of the dimension in its file, 256 more for a word; 512: none, a
-- fact without rows.
-- name: project and values, 0x1f between them.
-- n rows stand in "tail" and, from 4 kB on, in so many chunks of ltm_member,
-- one after the other: number of the row, length (both LEB128), and what is
-- known of it, nothing where a word begins no set of keywords of its row.
-- facts: ids of those it makes, as in ltm_row.  known: of sets of words among
-- them id and digest of the rows, eight bytes each, so that those whose rows
-- are the same need no look.  dirty: to be looked at; seen: of what is in it
-- only rows after this one are new since the last look, and none has gone.
CREATE TABLE ltm_group (
	id	INTEGER PRIMARY KEY,
	job	INTEGER NOT NULL,
	dim	INTEGER NOT NULL,
	name	TEXT NOT NULL,
	n	INTEGER NOT NULL CHECK (n >= 0),
	chunks	INTEGER NOT NULL DEFAULT 0 CHECK (chunks >= 0),
	dirty	INTEGER NOT NULL DEFAULT 0 CHECK (dirty IN (0, 1)),
	seen	INTEGER NOT NULL DEFAULT 0,
	facts	BLOB NOT NULL,
	known	BLOB NOT NULL DEFAULT x'',
	tail	BLOB NOT NULL
) STRICT;
CREATE INDEX ltm_dirty ON ltm_group (job) WHERE dirty = 1;

CREATE TABLE ltm_member (
	grp	INTEGER NOT NULL REFERENCES ltm_group,
	chunk	INTEGER NOT NULL,
	data	BLOB NOT NULL,
	PRIMARY KEY (grp, chunk)
) STRICT, WITHOUT ROWID;

-- Rows that a job has taken in, and the groups they are in: eight bytes
-- each, little endian, the highest bit set for a word that is no keyword.  A
-- row is done with when none of them is dirty.  row < 0: it was forgotten,
-- and its words are still to be counted without it.
CREATE TABLE ltm_row (
	row	INTEGER NOT NULL,
	job	INTEGER NOT NULL,
	groups	BLOB NOT NULL,
	PRIMARY KEY (row, job)
) STRICT, WITHOUT ROWID;
