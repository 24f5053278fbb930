/*
 * mem-session put: files and folders into a session.
 */
#include "cmd/session.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "file/file_path.h"
#include "file/file_put.h"
#include "file/file_scan.h"
#include "memory/session_seen.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct putting {
	struct session_run *run;
	struct file_put *put;
	int area, depth;
	struct buf from, to;	/* where it is, and its path in the area */
	int64_t left;		/* not taken */
};

static int
told(void *arg, const struct file_taken *t, struct err *e)
{
	struct file_found f = { .state = FILE_IS_HERE, .area = t->area,
	    .path = t->path, .known = true, .size = t->size, .exec = t->exec,
	    .mtime_ms = t->mtime_ms, .at_ms = t->at_ms };

	if (cmd.quiet)
		return 0;
	memcpy(f.sha256, t->sha256, HASH_LEN);
	return session_print_file(arg, &f, e);
}

static void
left(struct putting *p, const char *why)
{
	cmd_warn("'%s' is not taken: %s", p->from.p, why);
	p->left++;
}

/* What only this file is in the way of is told, and the others go on. */
static int
put_fd(struct putting *p, int fd, bool exec, struct err *e)
{
	int r = file_put_fd(p->put, p->area, p->to.p, fd, exec, p->from.p, e);

	if (r < 0 && (e->code == ERR_INPUT || e->code == ERR_EXISTS)) {
		left(p, e->msg);
		r = 0;
	}
	return r;
}

static int	put_any(struct putting *, int at, const char *name, int flags,
		    struct err *);

static int
names_of(int fd, struct strv *names, const char *where, struct err *e)
{
	int again = openat(fd, ".", DIR_FLAGS);
	struct dirent *de;
	DIR *d;

	if (again < 0 || (d = fdopendir(again)) == NULL) {
		err_sys(e, "cannot read folder '%s'", where);
		if (again >= 0)
			close(again);
		return -1;
	}
	while (errno = 0, (de = readdir(d)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") !=
		    0)
			strv_add(names, de->d_name);
	again = errno;
	closedir(d);
	strv_sort(names);
	errno = again;
	return again == 0 ? 0 : err_sys(e, "cannot read folder '%s'", where);
}

static int
put_folder(struct putting *p, int fd, struct err *e)
{
	size_t from = p->from.len, to = p->to.len, i;
	struct strv names = STRV_INIT;
	int r = names_of(fd, &names, p->from.p, e);

	p->depth++;
	for (i = 0; r == 0 && i < names.n; i++) {
		buf_addf(&p->from, "/%s", names.v[i]);
		buf_addf(&p->to, "%s%s", to > 0 ? "/" : "", names.v[i]);
		r = put_any(p, fd, names.v[i], O_NOFOLLOW, e);
		buf_cut(&p->from, from);
		buf_cut(&p->to, to);
	}
	p->depth--;
	strv_release(&names);
	return r;
}

/* A folder in a folder is opened without following links; a name that was
 * given may be one. */
static int
put_any(struct putting *p, int at, const char *name, int flags,
    struct err *e)
{
	struct stat sb;
	int fd, r = 0;

	while ((fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC |
	    flags)) < 0 && errno == EINTR)
		;
	if (fd < 0 || fstat(fd, &sb) < 0)
		left(p, errno == ELOOP || errno == EMLINK ?
		    "it is a symbolic link" : strerror(errno));
	else if (S_ISDIR(sb.st_mode) && p->depth >= FILE_DEPTH_MAX)
		left(p, "too many folders in each other");
	else if (S_ISDIR(sb.st_mode))
		r = put_folder(p, fd, e);
	else if (!S_ISREG(sb.st_mode))
		left(p, "it is no file");
	else
		r = put_fd(p, fd, (sb.st_mode & S_IXUSR) != 0, e);
	if (fd >= 0)
		close(fd);
	return r;
}

/* The last part of a path; nothing of "." and what leads nowhere else. */
static void
put_name(struct buf *to, const char *from)
{
	size_t n = strlen(from), begin;

	while (n > 0 && from[n - 1] == '/')
		n--;
	for (begin = n; begin > 0 && from[begin - 1] != '/'; begin--)
		;
	if (n - begin == 1 && from[begin] == '.')
		return;
	if (n - begin == 2 && from[begin] == '.' && from[begin + 1] == '.')
		return;
	buf_add(to, from + begin, n - begin);
}

static int
put_operand(struct putting *p, const char *from, struct err *e)
{
	buf_reset(&p->from);
	buf_reset(&p->to);
	if (session_o.as != NULL)
		buf_adds(&p->to, session_o.as);
	if (str_eq(from, "-")) {
		buf_adds(&p->from, "standard input");
		return put_fd(p, 0, false, e);
	}
	buf_adds(&p->from, from);
	if (session_o.as == NULL)
		put_name(&p->to, from);
	return put_any(p, AT_FDCWD, from, 0, e);
}

static int
put_all(struct putting *p, int n, char **v, struct err *e)
{
	int i, r = 0;

	for (i = 0; r == 0 && i < n; i++)
		r = put_operand(p, v[i], e);
	return r == 0 ? file_put_end(p->put, e) : -1;
}

static int
check_operands(int n, char **v, struct err *e)
{
	struct err why;
	int i;

	if (session_o.as != NULL && n != 1)
		return cmd_misuse(e, "--as names one file");
	if (session_o.as != NULL && file_path_check(session_o.as, &why) < 0)
		return cmd_misuse(e, "--as: %s", why.msg);
	for (i = 0; i < n; i++)
		if (str_eq(v[i], "-") && session_o.as == NULL)
			return cmd_misuse(e, "what comes from standard input "
			    "needs a name: --as");
	return 0;
}

int
session_verb_put(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct putting p = { .run = run, .from = BUF_INIT, .to = BUF_INIT };
	int r;

	if (argc < 3)
		return cmd_misuse(e, "put takes a session, an area and files");
	if ((p.area = session_area(argv[1], e)) < 0 ||
	    check_operands(argc - 2, argv + 2, e) < 0)
		return -1;
	run->id = argv[0];
	if (session_writable(run->st, argv[0], e) < 0)
		return -1;
	r = file_put_new(&p.put, run->st, argv[0], told, run, e);
	if (r == 0)
		r = put_all(&p, argc - 2, argv + 2, e);
	file_put_free(p.put);
	buf_release(&p.from);
	buf_release(&p.to);
	return r < 0 ? -1 : p.left > 0 ? EXIT_PART : EXIT_YES;
}
