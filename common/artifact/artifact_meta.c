#include "artifact/artifact_meta.h"

#include "artifact/artifact.h"
#include "base/buf.h"
#include "base/json.h"

#include <string.h>

#define TYPE_BYTES 255

int
artifact_type_check(const char *s, struct err *e)
{
	const char *slash = strchr(s, '/'), *p;

	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > 126)
			break;
	if (*p != '\0' || slash == NULL || slash == s || slash[1] == '\0' ||
	    strlen(s) > TYPE_BYTES || strcspn(s, " ;") < (size_t)(slash - s))
		return artifact_fail(e, ARTIFACT_METADATA, "'%.60s' is no "
		    "content type, such as text/plain", s);
	return 0;
}

static int
one_meta(const char *key, const json_t *v, struct err *e)
{
	const unsigned char *p = (const unsigned char *)key;

	if (*p == '\0')
		return artifact_fail(e, ARTIFACT_METADATA, "a name is empty");
	for (; *p != '\0'; p++)
		if (*p < ' ' || *p == 127)
			return artifact_fail(e, ARTIFACT_METADATA, "a name "
			    "has a control character in it");
	return json_is_string(v) ? 0 : artifact_fail(e, ARTIFACT_METADATA,
	    "'%.60s' is no text", key);
}

int
artifact_meta_check(const json_t *o, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *key;
	json_t *v;
	size_t len;

	if (o == NULL)
		return 0;
	if (!json_is_object(o))
		return artifact_fail(e, ARTIFACT_METADATA, "it is no object");
	json_object_foreach((json_t *)o, key, v)
		if (one_meta(key, v, e) < 0)
			return -1;
	json_write(&text, o);
	len = text.len;
	buf_release(&text);
	return len <= ARTIFACT_META_MAX ? 0 : artifact_fail(e,
	    ARTIFACT_METADATA, "it has %zu bytes as JSON, and %d may be", len,
	    ARTIFACT_META_MAX);
}
