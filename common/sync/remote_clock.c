#include "sync/remote_clock.h"

#include "base/buf.h"
#include "base/hash.h"
#include "sync/remote.h"

int
remote_clock(struct remote *remote, const char *prefix, int64_t *now_ms,
    struct err *e)
{
	struct strv keys = STRV_INIT;
	struct remote_head head = { .key = NULL };
	struct remote_delete gone = { .keys = &keys };
	struct buf key = BUF_INIT;
	uint8_t some[HASH_LEN / 2];
	char hex[HASH_LEN + 1];
	struct remote_put put = { .body = { .mem = "\n", .len = 1 } };
	int r;

	if (random_bytes(some, sizeof some, e) < 0)
		return -1;
	hex_encode(hex, some, sizeof some);
	buf_addf(&key, "%s" REMOTE_CLOCK_DIR "%s", prefix, hex);
	put.key = head.key = key.p;
	strv_add(&keys, key.p);
	remote_put(remote, &put);
	if ((r = remote_wait(remote, &put.op, e)) == 0) {
		remote_head(remote, &head);
		if ((r = remote_wait(remote, &head.op, e)) == 0)
			*now_ms = head.modified_ms;
		strv_release(&head.meta);
		remote_delete(remote, &gone);
		if (r == 0)
			r = remote_wait(remote, &gone.op, e);
		else
			remote_wait(remote, &gone.op, &(struct err){ 0 });
	}
	strv_release(&keys);
	buf_release(&key);
	return r;
}
