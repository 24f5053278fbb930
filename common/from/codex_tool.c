/*
 * Calls of tools in Codex' rollouts.  What came of a command stands in a
 * record of its own, which names only the call, or not even that.
 */
#include "from/codex.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Exit code: 1" and its like at the head of an output. */
static const char *
find_exit(const char *s, char code[12])
{
	static const char *const heads[] = { "Exit code: ",
	    "exited with code ", "exit code: ", NULL };
	const char *p, *at;
	size_t n;
	int i;

	for (i = 0; heads[i] != NULL; i++)
		if ((at = strstr(s, heads[i])) != NULL && at - s < 200) {
			p = at + strlen(heads[i]);
			n = strspn(p, "-0123456789");
			if (n > 0 && n < 12) {
				memcpy(code, p, n);
				code[n] = '\0';
				return code;
			}
		}
	return NULL;
}

int
codex_output(struct from *f, const json_t *v, const json_t *item, struct err *e)
{
	struct codex *c = f->priv;
	const json_t *out = json_object_get(item, "output"), *text = out;
	const json_t *ok = json_object_get(out, "success");
	const char *s = json_string_value(out), *code = NULL;
	const char *call = get_str(item, "call_id", NULL);
	int64_t exit_code;
	struct buf id = BUF_INIT;
	char room[24];
	struct from_msg m;
	struct err ignored;
	json_t *inner = NULL;
	int r, failed = json_is_boolean(ok) ? json_is_false(ok) : -1;

	if (s != NULL && *s == '{' &&
	    (inner = json_read(s, json_string_length(out), &ignored)) != NULL
	    && json_object_get(inner, "output") != NULL) {
		text = json_object_get(inner, "output");
		if (get_int(json_object_get(inner, "metadata"), "exit_code",
		    &exit_code) == 1) {
			snprintf(room, sizeof room, "%lld",
			    (long long)exit_code);
			code = room;
		}
	} else if (s != NULL)
		code = find_exit(s, room);
	if (code != NULL)
		failed = strcmp(code, "0") != 0;
	codex_start(f, &m, v);
	if (call == NULL)
		call = c->call;
	if (call != NULL) {
		buf_addf(&id, "%s/result", call);
		m.id = id.p;
	}
	r = from_tool_result(f, &m, 0, call, NULL, text, failed, code, e);
	buf_release(&id);
	json_decref(inner);
	return r;
}

int
codex_call(struct from *f, const json_t *v, const json_t *item,
    const char *type, struct err *e)
{
	struct codex *c = f->priv;
	const char *id = get_str(item, "call_id", NULL);
	const char *name = get_str(item, "name", NULL);
	const json_t *input = json_object_get(item, "arguments");
	struct from_msg m;
	char room[CODEX_ID];

	codex_start(f, &m, v);
	if (id == NULL)
		id = get_str(item, "id", NULL);
	if (id == NULL) {
		codex_id(room, "call", &m);
		id = room;
	}
	if (input == NULL)
		input = json_object_get(item, "input");
	if (input == NULL)
		input = json_object_get(item, "action");
	if (name == NULL)
		name = strcmp(type, "local_shell_call") == 0 ? "shell" :
		    strcmp(type, "web_search_call") == 0 ? "web_search" : NULL;
	free(c->call);
	c->call = xstrdup(id);
	m.id = c->call;
	return from_tool_use(f, &m, 0, c->call, name, input, e);
}
