#include "docs/in.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int
too_large(const struct docs_in *in, struct err *e)
{
	return err_set(e, ERR_INPUT, "is larger than %" PRId64 " bytes; "
	    "docs.maxBytes in memkit.conf(5) allows more", in->most);
}

int
docs_in_limit(struct docs_in *in, int64_t most, struct err *e)
{
	in->most = most;
	return in->taken > most ? too_large(in, e) : 0;
}

int64_t
docs_in_read(struct docs_in *in, void *p, size_t max, struct err *e)
{
	char *to = p;
	size_t n = 0;
	int64_t r;

	while (n < max) {
		if ((r = in->read(in->arg, to + n, max - n, e)) < 0)
			return -1;
		if (r == 0)
			break;
		if (in->hash != NULL)
			hash_add(in->hash, to + n, (size_t)r);
		n += (size_t)r;
		in->taken += r;
		if (in->taken > in->most)
			return too_large(in, e);
	}
	return (int64_t)n;
}

int
docs_in_drain(struct docs_in *in, struct err *e)
{
	char room[16384];
	int64_t r;

	while ((r = docs_in_read(in, room, sizeof room, e)) > 0)
		;
	return (int)r;
}

static int64_t
read_fd(void *arg, void *p, size_t max, struct err *e)
{
	ssize_t n;

	while ((n = read((int)(intptr_t)arg, p, max)) < 0 && errno == EINTR)
		;
	return n < 0 ? err_sys(e, "cannot read") : n;
}

void
docs_in_fd(struct docs_in *in, int fd, const char *name, int64_t most)
{
	*in = (struct docs_in){ .read = read_fd, .arg = (void *)(intptr_t)fd,
	    .name = name, .size = -1, .most = most };
}

static int64_t
read_mem(void *arg, void *p, size_t max, struct err *e)
{
	struct docs_mem *m = arg;
	size_t n = m->len - m->at < max ? m->len - m->at : max;

	(void)e;
	if (n > 0)
		memcpy(p, m->p + m->at, n);
	m->at += n;
	return (int64_t)n;
}

void
docs_in_mem(struct docs_in *in, struct docs_mem *m, const char *p, size_t len,
    const char *name)
{
	*m = (struct docs_mem){ p, len, 0 };
	*in = (struct docs_in){ .read = read_mem, .arg = m, .name = name,
	    .size = (int64_t)len, .most = (int64_t)len };
}
