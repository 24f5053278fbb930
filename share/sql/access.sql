-- access.db, schema 1: who may call, store-wide.  memkit-store(5) explains it.
--
-- Rows are never deleted.  A credential is 32 random bytes, of which only a
-- hash is kept: SHA-256 of "memkit credential 1", a 0 byte and the 32.
-- tenant: NULL all of them (the store's administrator); user: whose memory,
-- NULL as tenant; session: the one it is bound to, NULL none.  rights: bits,
-- 1 read, 2 write, 4 tenant-write, 8 ltm, 16 sync, 32 audit, 64 admin.
-- expires, revoked: from then on it is none, NULL never.  by: who made it.
CREATE TABLE credential (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	name	TEXT NOT NULL,
	tenant	TEXT,
	user	TEXT,
	session	TEXT,
	rights	INTEGER NOT NULL CHECK (rights BETWEEN 1 AND 127),
	hash	BLOB NOT NULL CHECK (length(hash) = 32),
	created	INTEGER NOT NULL,
	expires	INTEGER,
	revoked	INTEGER,
	by	TEXT NOT NULL,
	CHECK ((tenant IS NULL) = (user IS NULL)),
	CHECK (session IS NULL OR user IS NOT NULL)
) STRICT;
-- Of one name in a tenant (or the store) one counts.
CREATE UNIQUE INDEX credential_name ON credential (ifnull(tenant, ''), name)
	WHERE revoked IS NULL;

-- As in memory.db: what is done to credentials, and calls that were denied
-- before it was known to which tenant they belong.
CREATE TABLE audit (
	seq	INTEGER PRIMARY KEY,
	at	INTEGER NOT NULL,
	who	TEXT NOT NULL,
	action	TEXT NOT NULL,
	object	TEXT,
	detail	TEXT,
	hash	BLOB NOT NULL CHECK (length(hash) = 32),
	tool	TEXT,
	outcome	TEXT
) STRICT;
