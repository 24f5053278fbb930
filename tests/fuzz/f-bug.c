/*
 * The rules of single values: a tag made of a tag is that tag, a path below
 * the project stays where it is, and nothing leads out of it.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "from/bug.h"
#include "from/cvss.h"

#include <string.h>

static void
check_tag(const char *s)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	size_t i;

	bug_tag(&one, s);
	bug_tag(&two, one.p);
	must(strcmp(one.p, two.p) == 0);
	for (i = 0; i < one.len; i++)
		must(!(one.p[i] >= 'A' && one.p[i] <= 'Z') &&
		    one.p[i] != ' ' && one.p[i] != '-');
	must(one.len == 0 || (one.p[0] != '_' && one.p[one.len - 1] != '_'));
	must(strstr(one.p, "__") == NULL);
	buf_release(&one);
	buf_release(&two);
}

static void
check_path(const char *s)
{
	struct buf b = BUF_INIT;
	const char *p;
	size_t n;

	if (bug_path(&b, s)) {
		must(b.len > 0 && utf8_check(b.p, b.len) == b.len);
		for (p = b.p; ; p += n + 1) {
			n = strcspn(p, "/");
			must(n > 0 && !(n == 1 && *p == '.') &&
			    !(n == 2 && p[0] == '.' && p[1] == '.'));
			if (p[n] == '\0')
				break;
		}
	} else
		must(b.len == 0);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf s = BUF_INIT;
	double score;
	int64_t ms;
	bool day;

	buf_add(&s, data, len);
	check_tag(s.p);
	check_path(s.p);
	if (bug_time(s.p, &ms, &day))
		must(ms > -INT64_C(62135596800001) &&
		    ms < INT64_C(253402300800000));
	score = cvss_base(s.p);
	must(score == -1 || (score >= 0 && score <= 10));
	buf_release(&s);
	return 0;
}
