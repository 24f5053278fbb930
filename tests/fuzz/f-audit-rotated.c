/*
 * Files of rows that were rotated away.  Whatever they hold, the chain goes on
 * row by row or has a fault, and its last hash is one that was computed.
 */
#include "fuzz.h"

#include "base/file.h"
#include "base/json.h"
#include "store/audit_chain.h"
#include "store/audit_rotate.h"

#include <string.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct audit_mark mark = { 2, { 0 }, AUDIT_UNSEEN };
	struct audit_chain c;
	struct err e = { 0 };
	char say[160];
	int fd, r;

	json_setup();
	if ((fd = file_scratch("/tmp", &e)) < 0)
		return 0;
	must(file_write(fd, data, len, "scratch", &e) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0);
	audit_chain_init(&c);
	c.marks = &mark;
	c.nmarks = 1;
	r = audit_rotated_walk(&c, fd, "fuzz", &e);
	if (r == 1)
		must(c.fault == AUDIT_WHOLE && (c.rows == 0 ||
		    c.seq == c.first + c.rows - 1));
	else if (r == 0)
		must(c.fault != AUDIT_WHOLE);
	else
		must(e.code == ERR_INPUT || e.code == ERR_SYS);
	audit_chain_say(&c, say, sizeof say);
	audit_chain_release(&c);
	close(fd);
	return 0;
}
