-- memory.db, schema 5: artifacts, what is known of files that are kept, or
-- pointed to, elsewhere.

-- id is a ULID.  session: 0 of none.
-- state: 0 stored, 1 pending (the bytes are on their way), 2 accepted
-- (pending, too: the provider has them, and does not vouch for them yet),
-- 3 available, 4 unavailable, 5 deleting, 6 deleted, 7 delete_failed,
-- 8 failed.  One that is deleted keeps its row, with an empty body, so that
-- its id never comes back; nothing leads back from there.
-- provider: 0 none (a pointer), 1 local_fs, 2 s3, 3 filecoin.
-- (at, node): when and by whom its state was changed last; of two copies' the
-- later one counts, but that deleted is deleted.
-- size: plain bytes, -1 not known; object: storage key; sum: SHA-256 of the
-- bytes as the provider has them, which are osize; codec: how they are sealed
-- (JSON), NULL not at all; said: what the provider told of them (JSON).  hash:
-- SHA-256 of the plain bytes, where it was asked for.
-- here: local_fs, of this copy, and does not travel: 1 the bytes are here, 0
-- not.
-- body: JSON, [content_type, uri, filename, metadata].
CREATE TABLE artifact (
	seq	INTEGER PRIMARY KEY,	-- rows are never deleted
	id	BLOB NOT NULL CHECK (length(id) = 16),
	user	INTEGER NOT NULL REFERENCES user,
	session	INTEGER NOT NULL DEFAULT 0,
	state	INTEGER NOT NULL CHECK (state BETWEEN 0 AND 8),
	provider INTEGER NOT NULL CHECK (provider BETWEEN 0 AND 3),
	created	INTEGER NOT NULL,
	at	INTEGER NOT NULL,
	node	INTEGER NOT NULL,
	size	INTEGER NOT NULL DEFAULT -1,
	osize	INTEGER NOT NULL DEFAULT 0,
	object	TEXT,
	sum	BLOB CHECK (length(sum) = 32),
	hash	BLOB CHECK (length(hash) = 32),
	codec	TEXT,
	said	TEXT,
	here	INTEGER NOT NULL DEFAULT 0 CHECK (here IN (0, 1)),
	key	INTEGER NOT NULL DEFAULT 0,
	body	TEXT NOT NULL,
	CHECK ((provider = 0) = (object IS NULL))
) STRICT;
CREATE UNIQUE INDEX artifact_id ON artifact (id);
CREATE INDEX artifact_owner ON artifact (user, created, id);
-- Who has the same bytes, and who else needs an object: of this disk alone,
-- and not sealed.
CREATE INDEX artifact_sum ON artifact (sum)
	WHERE provider = 1 AND codec IS NULL AND here = 1;
CREATE INDEX artifact_object ON artifact (object) WHERE provider > 0;
-- Whose bytes another copy's disk has, and this one does not.
CREATE INDEX artifact_away ON artifact (seq)
	WHERE provider = 1 AND here = 0 AND state = 0 AND sum IS NOT NULL;
CREATE INDEX artifact_session ON artifact (session) WHERE session > 0;
-- What is to be settled: neither stored nor available, deleted nor failed.
-- (A list would be a table of its own in each statement that writes a row.)
CREATE INDEX artifact_open ON artifact (state)
	WHERE state > 0 AND state <> 3 AND state <> 6 AND state <> 8;

-- Bytes that an artifact has no more, or does not have yet, at a provider:
-- the journal by which they are taken away.  artifact: whose they were (its
-- seq), 0 of one that was forgotten.
CREATE TABLE artifact_byte (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	artifact INTEGER NOT NULL,
	provider INTEGER NOT NULL CHECK (provider BETWEEN 1 AND 3),
	object	TEXT NOT NULL,
	said	TEXT,
	at	INTEGER NOT NULL
) STRICT;

-- Rows of knowledge bases that name an artifact (their "artifact_id"): while
-- the version that counts does, it is in use.
CREATE TABLE artifact_use (
	id	BLOB NOT NULL CHECK (length(id) = 16),
	record	INTEGER NOT NULL REFERENCES record,
	PRIMARY KEY (id, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_use_record ON artifact_use (record);

-- Artifacts that search found no more from then on, or again (states up to 4
-- are found), or of which a copy that counts more said something else.  By it
-- an index learns of rows that it has and that changed in place.
CREATE TABLE artifact_turn (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	id	BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;
CREATE TRIGGER artifact_turns AFTER UPDATE OF state ON artifact
	WHEN (old.state > 4) <> (new.state > 4)
BEGIN
	INSERT INTO artifact_turn (id) VALUES (new.id);
END;
CREATE TRIGGER artifact_says AFTER UPDATE OF session, body ON artifact
	WHEN old.state <= 4 AND new.state <= 4 AND
	(old.session <> new.session OR old.body <> new.body)
BEGIN
	INSERT INTO artifact_turn (id) VALUES (new.id);
END;
