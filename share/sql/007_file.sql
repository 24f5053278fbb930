-- Schema 7: working files of sealed tenants.

-- Where key is not 0, path is no path, but a name that tells nothing of it
-- (HMAC under a key of the session's), sha256 is zeros, and both, as they are,
-- are in sealed, with the name that the bytes have on this disk.
ALTER TABLE file ADD COLUMN key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN sealed BLOB;
