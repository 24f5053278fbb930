-- memory.db, schema 4: what a copy of the store has from others.
--
-- A node is one copy of a store; meta has its name as "node", a ULID.  The
-- number of a node is 63 bits of that name.

-- The changes [first, last] of this log came from another node, and with them
-- all changes up to number "upto" of that node's log are here.  own: this copy
-- was that node when they came, so they have the same numbers there.
CREATE TABLE origin (
	last	INTEGER PRIMARY KEY,
	first	INTEGER NOT NULL CHECK (first <= last),
	node	TEXT NOT NULL CHECK (length(node) = 26),
	upto	INTEGER NOT NULL,
	own	INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1))
) STRICT;

-- node: the number of the one that wrote it.  base: "at" of what counted
-- there until then, 0 nothing.  "at" grows from each value of a name, or
-- version of a record, to the next that a node writes, so (at, node) tells
-- them apart and is their order wherever they are; one that comes late is
-- followed by the last of that order, once more.
ALTER TABLE variable ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
ALTER TABLE variable ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN base INTEGER NOT NULL DEFAULT 0;

-- A clock may have been set back between two.
UPDATE variable SET at = (SELECT max(w.at) FROM variable w
	WHERE w.session = variable.session AND w.kind = variable.kind
	AND w.name = variable.name AND w.seq <= variable.seq);
UPDATE record SET at = (SELECT max(o.at) FROM record o WHERE o.kb = record.kb
	AND o.id = record.id AND o.version <= record.version)
	WHERE version > 1;
UPDATE variable SET base = ifnull((SELECT max(w.at) FROM variable w
	WHERE w.session = variable.session AND w.kind = variable.kind
	AND w.name = variable.name AND w.seq < variable.seq), 0);
UPDATE record SET base = ifnull((SELECT max(o.at) FROM record o
	WHERE o.kb = record.kb AND o.id = record.id
	AND o.version < record.version), 0) WHERE version > 1;

-- Values of sessions have changes of their own from now on (type 5).
INSERT INTO change (type, ref, at) SELECT 5, seq, at FROM variable
	ORDER BY seq;

-- Working files of sessions: a row each time that one was taken in (its bytes
-- are in the folder files/) or removed (sha256 is NULL).  Of one path the last
-- in the order of (at, node) counts.
CREATE TABLE file (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	session	INTEGER NOT NULL REFERENCES session,
	area	INTEGER NOT NULL CHECK (area IN (0, 1, 2)),
				-- inputs, artifacts, cache
	path	TEXT NOT NULL,			-- below the folder of the area
	size	INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
	sha256	BLOB CHECK (length(sha256) = 32),
	exec	INTEGER NOT NULL DEFAULT 0 CHECK (exec IN (0, 1)),
	-- of this copy, and does not travel: 0 it never was so here, 1 it is,
	-- 2 it was, and its bytes were taken away on purpose
	local	INTEGER NOT NULL DEFAULT 0 CHECK (local IN (0, 1, 2)),
	at	INTEGER NOT NULL,
	node	INTEGER NOT NULL,
	base	INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX file_path ON file (session, area, path, at, node);

-- What somebody decided about facts and contents.  what: 1 a fact says this,
-- 2 it holds no more, 3 an older version of it holds again, 4 it is pinned or
-- not, 5 one says, or takes back, a verdict, 6 a node or a bullet is marked
-- or not, 7 an older version of a node counts again.
-- about: the id of the fact, the node or the grip; user: whose that is, 0 of
-- the tenant; session: of a fact of one.  (at, node) and base as above, over
-- all decisions about one thing.  said: the time that whoever decided saw.
-- rest: what it rests on where that follows from rows or events, in hex
-- (fact.digest, toc_node.made_of; empty: nothing): it holds where, and as long
-- as, they are these.  value: JSON.
-- Versions of facts that no processor made, toc_mark, and what is held follow
-- from these rows, so that copies that have the same show the same.
CREATE TABLE decision (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	what	INTEGER NOT NULL CHECK (what BETWEEN 1 AND 7),
	user	INTEGER NOT NULL DEFAULT 0,
	about	TEXT NOT NULL,
	session	TEXT,
	at	INTEGER NOT NULL,
	node	INTEGER NOT NULL DEFAULT 0,
	base	INTEGER NOT NULL DEFAULT 0,
	said	INTEGER NOT NULL,
	rest	TEXT,
	key	INTEGER NOT NULL DEFAULT 0,
	value	TEXT NOT NULL
) STRICT;
CREATE INDEX decision_about ON decision (user, about, at, node, rest);

-- What a version is made of; NULL: it follows from rows, or from what users
-- said in conversations.
ALTER TABLE fact ADD COLUMN decision INTEGER;

-- Of an older version: facts by hand, each version (its number makes "at"
-- grow); that somebody ended one that users had told, or one from rows, and
-- it is held; pins; verdicts by who says them; marks.  What was moved back
-- stays so here alone.
INSERT INTO decision (seq, what, user, about, session, at, said, rest, value)
SELECT seq, iif(gone, 2, 1), user, format('fact:%016x', id), session,
	(SELECT max(g.valid_from) FROM fact g WHERE g.id = f.id
	AND g.version <= f.version) + version, valid_from,
	iif(job > 0, format('%016x', digest), NULL),
	iif(gone, json_object('reason', ifnull(body ->> '$.reason', '')),
	json_patch(json_object('body', json(body), 'confidence', confidence,
	'scope', CASE scope WHEN 0 THEN 'session' WHEN 1 THEN 'user'
	ELSE 'tenant' END), json_object('until', iif(version =
	(SELECT max(version) FROM fact g WHERE g.id = f.id), valid_until,
	NULL))))
FROM fact f WHERE CASE WHEN job < 0 OR (job > 0 AND (gone = 0 OR held = 0))
	OR NOT json_valid(body) THEN 0
	WHEN job > 0 THEN version =
	(SELECT max(version) FROM fact g WHERE g.id = f.id)
	ELSE (body ->> '$.metadata.processor') IS NOT 'live' OR (gone = 1 AND
	(body ->> '$.reason') IS NOT 'the user said that it holds no more') END
ORDER BY seq;
UPDATE fact SET decision = seq WHERE job = 0 AND seq IN
	(SELECT seq FROM decision);
INSERT INTO decision (what, user, about, session, at, said, rest, value)
SELECT 4, user, format('fact:%016x', id), session,
	(SELECT max(g.valid_from) FROM fact g WHERE g.id = f.id) + version + 1,
	valid_from, iif(job > 0, '', NULL), json_object('on', json('true'))
FROM fact f WHERE pin = 1 AND job >= 0 AND version =
	(SELECT max(version) FROM fact g WHERE g.id = f.id) ORDER BY seq;
INSERT INTO decision (what, about, at, said, value)
SELECT 5, format('fact:%016x', f.id), f.valid_from + s.key,
	ifnull(s.value ->> '$.at', f.valid_from), json_patch(json_object('about',
	f.body ->> '$.key', 'by', s.value ->> '$.by', 'on', json('true'),
	'verdict', f.body ->> '$.metadata.verdict'), json_object('file',
	f.body ->> '$.metadata.file', 'reason', s.value ->> '$.reason'))
FROM fact f, json_each(iif(json_valid(f.body), f.body, '{}'),
	'$.metadata.said') s WHERE f.job = -1
	AND f.gone = 0 AND f.version = (SELECT max(version) FROM fact g
	WHERE g.id = f.id) ORDER BY f.seq, s.key;
INSERT INTO decision (what, user, about, at, said, value)
SELECT 6, user, iif(name LIKE 'grip:%', name, 'toc:' || name), at, at,
	json_object('mark', iif(kind = 1, 'pin', 'hide'))
FROM toc_mark ORDER BY user, name;
UPDATE decision SET base = ifnull((SELECT max(d.at) FROM decision d
	WHERE d.user = decision.user AND d.about = decision.about
	AND d.at < decision.at), 0);
INSERT INTO change (type, ref, at) SELECT 8, seq, at FROM decision
	ORDER BY seq;
