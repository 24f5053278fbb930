-- memory.db, schema 6: who may see what of others, who did what, and sealed
-- tenants.

-- What somebody lets others read of a session.  id is a ULID.  session: its
-- row.  to_kind: 0 the session to_name of the same user, 1 the user to_name,
-- 2 everybody of the tenant (to_name is '').  kinds: bits, 1 events,
-- 2 contents, 4 facts, 8 variables, 16 files, 32 artifacts.  [since, until):
-- of which times.  expires: not from then on.  revoked: when, 0 it is not;
-- nothing leads back from there.  by: who made it.
CREATE TABLE graft (
	seq	INTEGER PRIMARY KEY,	-- rows are never deleted
	id	BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
	session	INTEGER NOT NULL,
	to_kind	INTEGER NOT NULL CHECK (to_kind IN (0, 1, 2)),
	to_name	TEXT NOT NULL,
	kinds	INTEGER NOT NULL CHECK (kinds BETWEEN 1 AND 63),
	since	INTEGER NOT NULL,
	until	INTEGER NOT NULL,
	expires	INTEGER,
	created	INTEGER NOT NULL,
	revoked	INTEGER NOT NULL DEFAULT 0,
	by	TEXT NOT NULL,
	CHECK ((to_kind = 2) = (to_name = ''))
) STRICT;
CREATE INDEX graft_to ON graft (to_kind, to_name);
CREATE INDEX graft_from ON graft (session);

-- By which tool, and how it ended ('done', 'denied', 'failed'); both NULL in
-- rows of before, whose hash is over the rest alone.
ALTER TABLE audit ADD COLUMN tool TEXT;
ALTER TABLE audit ADD COLUMN outcome TEXT;

-- As in all other tables.
ALTER TABLE fact ADD COLUMN key INTEGER NOT NULL DEFAULT 0;

-- Of a sealed tenant (meta 'sealed' is 1): the keys of its rows.  Rows name
-- one in their column "key"; 0 is clear.  wrapped: 32 bytes, sealed with the
-- key of the ring that has this id.  session: whose rows it seals, its row; 0
-- those that belong to no session, of this user (0: of the tenant).  Who
-- deletes a row here forgets for good what it sealed.
CREATE TABLE seal_key (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	user	INTEGER NOT NULL DEFAULT 0,
	session	INTEGER NOT NULL DEFAULT 0,
	ring	TEXT NOT NULL,
	made	INTEGER NOT NULL,
	wrapped	BLOB NOT NULL
) STRICT;
CREATE INDEX seal_key_session ON seal_key (user, session);

-- Sessions that were forgotten, and whose events are still being taken away,
-- in short transactions.  Their rows in "session" are gone (session: the
-- number of one), so nothing shows what is left.
CREATE TABLE forgetting (
	session	INTEGER PRIMARY KEY,
	user	INTEGER NOT NULL,
	at	INTEGER NOT NULL
) STRICT;

-- Targets more.  5: a user; all that he has from before "at".  6: an event
-- whose text lost a secret: of two bodies with this id the one counts that is
-- the other with something taken out (ref: its row then).  7: the id that such
-- an event would be given today, being made of its text; it is the same one.
CREATE TABLE tombstone_6 (
	seq	INTEGER PRIMARY KEY,
	user	INTEGER NOT NULL,
	target	INTEGER NOT NULL CHECK (target BETWEEN 1 AND 7),
	id	TEXT NOT NULL,
	ref	INTEGER NOT NULL DEFAULT 0,
	at	INTEGER NOT NULL,
	UNIQUE (user, target, id)
) STRICT;
INSERT INTO tombstone_6 (seq, user, target, id, ref, at)
	SELECT seq, user, target, id, ref, at FROM tombstone;
DROP TABLE tombstone;
ALTER TABLE tombstone_6 RENAME TO tombstone;
