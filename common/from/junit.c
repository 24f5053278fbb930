/*
 * Results of tests as JUnit and all who followed it write them: a test that
 * failed is a bug.
 */
#include "from/bug_import.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/xml.h"

#include <string.h>

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".xml", why);

	(void)names;
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

static const json_t *
first(const json_t *v, const char *key)
{
	const json_t *x = json_object_get(v, key);

	return json_is_array(x) ? json_array_get(x, 0) : x;
}

/* An attribute of the element, else of what it stands in, from inside. */
static const char *
attribute(const json_t *v, const char *key)
{
	const json_t *up = json_object_get(v, "^");
	const char *s = get_str(v, key, NULL);
	size_t i;

	for (i = json_array_size(up); s == NULL && i > 0; i--)
		s = get_str(json_array_get(up, i - 1), key, NULL);
	return s;
}

/* "suite.class.name", or a hash instead of its end where that is too long:
 * the same test must have the same id next time. */
static void
put_id(struct bug *b, const char *class, const char *name)
{
	struct buf id = BUF_INIT;
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX + 1];
	size_t n;

	if (class != NULL && *class != '\0')
		buf_addf(&id, "%s.", class);
	buf_adds(&id, name != NULL ? name : "");
	n = bug_chars(id.p, id.len, BUG_ID_MAX);
	if (n < id.len) {
		hash_mem(id.p, id.len, sum);
		hex_encode(hex, sum, 8);
		buf_cut(&id, bug_chars(id.p, id.len, BUG_ID_MAX - 17));
		buf_addf(&id, "-%s", hex);
	}
	for (n = 0; n < id.len; n++)
		if ((unsigned char)id.p[n] < 0x20)
			id.p[n] = ' ';
	bug_put(b, BUG_ID, name != NULL && *name != '\0' ? id.p : NULL);
	buf_release(&id);
}

/* "name: message", one line of it. */
static void
put_title(struct bug *b, const char *name, const json_t *failure)
{
	struct buf title = BUF_INIT;
	const char *s = get_str(failure, "@message", NULL);

	if (s == NULL || *s == '\0')
		s = xml_text(failure);
	s += strspn(s, " \t\r\n");
	buf_adds(&title, name != NULL ? name : "");
	if (*s != '\0') {
		buf_adds(&title, ": ");
		buf_add(&title, s, strcspn(s, "\r\n"));
	}
	bug_put(b, BUG_TITLE, title.p);
	buf_release(&title);
}

/* "java.lang.NullPointerException" is the kind NullPointerException. */
static void
put_kind(struct bug *b, const char *type)
{
	const char *end, *p;

	if (type == NULL)
		return;
	end = type + strcspn(type, " \t\r\n:(");
	for (p = type; p + 1 < end; p++)
		if (*p == '.')
			type = p + 1;
	if (*end == '\0')
		bug_put(b, BUG_TAGS, type);
}

/* What a class is in: "org.app.net.HttpTest" is org.app.net. */
static void
put_module(struct bug *b, const char *class, const char *suite)
{
	const char *dot = class != NULL ? strrchr(class, '.') : NULL;
	struct buf module = BUF_INIT;

	if (dot != NULL)
		buf_add(&module, class, (size_t)(dot - class));
	bug_put(b, BUG_MODULE, module.p);
	bug_fill(b, BUG_MODULE, class);
	bug_fill(b, BUG_MODULE, suite);
	buf_release(&module);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *up = json_object_get(v, "^");
	const json_t *suite = json_array_get(up, json_array_size(up) - 1);
	const json_t *failure = first(v, "failure");
	const char *name = get_str(v, "@name", NULL);
	const char *class = get_str(v, "@classname", NULL);
	struct bug *b;

	if (failure == NULL && (failure = first(v, "error")) == NULL) {
		from_drop(f, json_object_get(v, "skipped") != NULL ?
		    "test that was skipped" : "test that passed");
		return 0;
	}
	b = from_bug(f);
	put_id(b, class != NULL ? class : get_str(suite, "@name", NULL),
	    name);
	put_title(b, name, failure);
	bug_put(b, BUG_SEVERITY, "major");
	put_kind(b, get_str(failure, "@type", NULL));
	put_module(b, class, get_str(suite, "@name", NULL));
	bug_put(b, BUG_FILES, attribute(v, "@file"));
	bug_put(b, BUG_DESCRIPTION, xml_text(failure));
	bug_fill(b, BUG_DESCRIPTION, get_str(failure, "@message", NULL));
	bug_put(b, BUG_CREATED, attribute(v, "@timestamp"));
	bug_put(b, BUG_ENVIRONMENT, attribute(v, "@hostname"));
	return from_bug_add(f, e);
}

static const char *const elements[] = { "testcase", NULL };
static const struct from_bug_format bugs = { .elements = elements };

const struct from_format from_junit = {
	.name = "junit",
	.shape = FROM_VALUES,
	.names = "*.xml",
	.want = want,
	.value = value,
	.bugs = &bugs,
};
