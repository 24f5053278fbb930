/*
 * Where a store is, and for whom.
 */
#include "store/store_own.h"

#include "base/alloc.h"
#include "base/file.h"
#include "store/name.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
store_first_of(const char *asked, const char *variable)
{
	const char *s;

	if (asked != NULL)
		return asked;
	s = getenv(variable);
	return s != NULL && *s != '\0' ? s : NULL;
}

int
store_locate_dir(const char *asked, char **out, struct err *e)
{
	struct buf b = BUF_INIT;
	const char *s;

	if ((s = store_first_of(asked, "MEM_STORE")) != NULL)
		buf_adds(&b, s);
	else if ((s = store_first_of(NULL, "XDG_DATA_HOME")) != NULL)
		file_join(&b, s, "memkit");
	else if ((s = store_first_of(NULL, "HOME")) != NULL)
		file_join(&b, s, ".local/share/memkit");
	if (b.len == 0) {
		buf_release(&b);
		return err_set(e, ERR_USAGE, "no store named: give --store DIR "
		    "or set MEM_STORE");
	}
	*out = buf_steal(&b);
	return 0;
}

static char *
login_name(void)
{
	struct passwd *pw = getpwuid(geteuid());
	char uid[32];

	if (pw != NULL && *pw->pw_name != '\0')
		return xstrdup(pw->pw_name);
	snprintf(uid, sizeof uid, "uid%lu", (unsigned long)geteuid());
	return xstrdup(uid);
}

void
store_where_free(struct store_where *w)
{
	free((char *)w->dir);
	free((char *)w->tenant);
	free((char *)w->user);
	free((char *)w->session);
	memset(w, 0, sizeof *w);
}

int
store_login_name(char **out, struct err *e)
{
	*out = login_name();
	return name_check("the user's name", *out, e);
}

int
store_locate_some(const struct store_where *asked, struct store_where *out,
    struct err *e)
{
	struct store_where w = { .dir = NULL };
	const char *s;
	char *dir = NULL;

	if (store_locate_dir(asked->dir, &dir, e) < 0)
		return -1;
	w.dir = dir;
	s = store_first_of(asked->tenant, "MEM_TENANT");
	w.tenant = xstrdup(s != NULL ? s : "default");
	s = store_first_of(asked->user, "MEM_USER");
	w.user = s != NULL ? xstrdup(s) : NULL;
	s = store_first_of(asked->session, "MEM_SESSION");
	w.session = s != NULL ? xstrdup(s) : NULL;
	if (name_check("the tenant's name", w.tenant, e) < 0 ||
	    (w.user != NULL &&
	    name_check("the user's name", w.user, e) < 0) ||
	    (w.session != NULL &&
	    name_check("the session's name", w.session, e) < 0)) {
		store_where_free(&w);
		return -1;
	}
	*out = w;
	return 0;
}

int
store_locate(const struct store_where *asked, struct store_where *out,
    struct err *e)
{
	if (store_locate_some(asked, out, e) < 0)
		return -1;
	if (out->user != NULL ||
	    store_login_name((char **)&out->user, e) == 0)
		return 0;
	store_where_free(out);
	return -1;
}

struct store_where
store_named_by(const struct store_where *asked)
{
	return (struct store_where){
		.tenant = store_first_of(asked->tenant, "MEM_TENANT"),
		.user = store_first_of(asked->user, "MEM_USER"),
		.session = store_first_of(asked->session, "MEM_SESSION"),
	};
}
