/*
 * Checkpoints of an audit log, and public keys, a line each.  What can be read
 * is written as it was; a signature that was not made holds of nothing.
 */
#include "fuzz.h"

#include "base/json.h"
#include "store/audit_point.h"

#include <string.h>

static void
point(const char *text, size_t len)
{
	struct audit_point p, again;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = { 0 };

	if (audit_point_read(&p, text, len, &e) < 0) {
		must(e.code == ERR_INPUT);
		return;
	}
	must(p.seq >= 0 && strlen(p.key_id) == AUDIT_KEY_ID);
	audit_point_write(&p, &a);
	must(audit_point_read(&again, a.p, a.len, &e) == 0);
	audit_point_write(&again, &b);
	must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	audit_point_release(&p);
	audit_point_release(&again);
	buf_release(&a);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct audit_public k;
	struct err e = { 0 };

	json_setup();
	point((const char *)data, len);
	if (audit_public_read(&k, (const char *)data, len, &e) < 0)
		must(e.code == ERR_INPUT);
	else
		must(strlen(k.id) == AUDIT_KEY_ID);
	return 0;
}
