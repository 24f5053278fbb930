#include "net/s3_cred.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
forget(char **s)
{
	if (*s != NULL)
		mem_wipe(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

void
s3_cred_release(struct s3_cred *c)
{
	forget(&c->key_id);
	forget(&c->secret);
	forget(&c->token);
	free(c->region);
	c->region = NULL;
	c->expires_ms = INT64_MAX;
}

static void
hide(const char *what, char *text)
{
	/* shorter ones would blot out ordinary words */
	if (what != NULL && strlen(what) >= 8)
		str_hide(text, what);
}

void
s3_cred_hide(const struct s3_cred *c, char *text)
{
	hide(c->secret, text);
	hide(c->token, text);
	hide(c->key_id, text);
}

/* A header is made of them: no blanks, no controls. */
static int
is_word(const char *s)
{
	if (*s == '\0')
		return 0;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return 0;
	return 1;
}

static int
check(const struct s3_cred *c, const char *where, struct err *e)
{
	if (c->key_id == NULL || c->secret == NULL)
		return err_set(e, ERR_ABSENT, "%s has no access key with its "
		    "secret", where);
	if (!is_word(c->key_id) || !is_word(c->secret) ||
	    (c->token != NULL && !is_word(c->token)))
		return err_set(e, ERR_INPUT, "the key of %s holds a blank or a "
		    "character that no key has", where);
	return 0;
}

/* --- the environment --------------------------------------------------- */

static const char *
env(const char *name)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? s : NULL;
}

static int
from_environment(struct s3_cred *c, struct err *e)
{
	const char *token = env("AWS_SESSION_TOKEN");

	if (env("AWS_ACCESS_KEY_ID") == NULL ||
	    env("AWS_SECRET_ACCESS_KEY") == NULL)
		return 0;
	c->key_id = xstrdup(env("AWS_ACCESS_KEY_ID"));
	c->secret = xstrdup(env("AWS_SECRET_ACCESS_KEY"));
	if (token != NULL)
		c->token = xstrdup(token);
	return check(c, "the environment", e) < 0 ? -1 : 1;
}

/* --- files ------------------------------------------------------------- */

/* 1 read, 0 it is not there.  A file that others can read is refused only
 * when a secret is taken from it (*open), as config files need not be. */
static int
read_file(const char *path, struct buf *b, bool *open_to_others,
    struct err *e)
{
	struct stat st;
	int fd, r;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0)
		r = err_sys(e, "cannot look at '%s'", path);
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		r = err_set(e, ERR_DENIED, "'%s' belongs to another user",
		    path);
	else
		r = buf_read_fd(b, fd, path, S3_CRED_MAX, e);
	*open_to_others = r == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
	close(fd);
	return r < 0 ? -1 : 1;
}

static int
add_file(struct s3_cred *c, const char *path, const char *profile,
    char **command, struct err *e)
{
	struct buf text = BUF_INIT;
	bool had = c->secret != NULL, open_to_others = false;
	int r;

	if ((r = read_file(path, &text, &open_to_others, e)) == 1)
		r = s3_cred_profile(c, text.p, text.len, path, profile,
		    command, e);
	if (r == 1 && !had && c->secret != NULL && open_to_others)
		r = err_set(e, ERR_DENIED, "'%s' holds a secret and others "
		    "may read it; chmod 600 it", path);
	buf_wipe(&text);
	return r;
}

static char *
home_file(const char *variable, const char *name)
{
	struct buf b = BUF_INIT;
	const char *home = env("HOME");

	if (env(variable) != NULL)
		return xstrdup(env(variable));
	file_join(&b, home != NULL ? home : "/", name);
	return buf_steal(&b);
}

static int
from_profile(struct s3_cred *c, const char *profile, char **command,
    struct err *e)
{
	char *cred, *config;
	int r, found;

	cred = home_file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
	config = home_file("AWS_CONFIG_FILE", ".aws/config");
	found = r = add_file(c, cred, profile, command, e);
	if (r >= 0 && (r = add_file(c, config, profile, command, e)) == 1)
		found = 1;
	if (r >= 0 && !found)
		r = err_set(e, ERR_ABSENT, "there are no credentials: "
		    "neither in the environment (AWS_ACCESS_KEY_ID, "
		    "AWS_SECRET_ACCESS_KEY) nor as profile '%s' in '%s' or "
		    "'%s'", profile, cred, config);
	free(cred);
	free(config);
	return r;
}

static int
from_files(struct s3_cred *c, struct err *e)
{
	struct buf where = BUF_INIT;
	const char *profile = c->how.profile;
	char *command = NULL;
	int r;

	if (profile == NULL)
		profile = env("AWS_PROFILE");
	if (profile == NULL)
		profile = "default";
	if (c->how.file == NULL)
		r = from_profile(c, profile, &command, e);
	else if ((r = add_file(c, c->how.file, profile, &command, e)) == 0)
		r = err_set(e, ERR_ABSENT, "there is no profile '%s' in '%s'",
		    profile, c->how.file);
	buf_addf(&where, "profile '%s'", profile);
	if (r >= 0 && c->secret == NULL && command != NULL)
		r = s3_cred_run(c, command, e);
	if (r >= 0)
		r = check(c, where.p, e);
	free(command);
	buf_release(&where);
	return r;
}

int
s3_cred_load(struct s3_cred *c, struct err *e)
{
	int r = 0;

	s3_cred_release(c);
	if (c->how.command != NULL) {
		r = s3_cred_run(c, c->how.command, e);
		if (r >= 0)
			r = check(c, "the command", e);
	} else {
		if (c->how.file == NULL && c->how.profile == NULL)
			r = from_environment(c, e);
		if (r == 0)
			r = from_files(c, e);
	}
	if (r >= 0 && c->region == NULL && env("AWS_REGION") != NULL)
		c->region = xstrdup(env("AWS_REGION"));
	if (r < 0)
		s3_cred_release(c);
	return r < 0 ? -1 : 0;
}
