/*
 * Faults for a tool under test, from outside: a library that is loaded
 * before libc and makes the n-th call of a function fail.  The tools have
 * no code for it, so what is tested is what is installed.
 *
 *	LD_PRELOAD=obj/helper/fault.so MEM_FAULT=write:7 mem-ingest ...
 *
 * MEM_FAULT is a list OP:N[+][:HOW],...; + is "and all that follow".  OP:
 * write (pwrite, writev), read (pread), fsync (fdatasync, syncfs), rename
 * (link), truncate, open, opendir, mkdir, unlink, mmap, malloc (calloc,
 * realloc); step is any of those that change what is on the disk: write, fsync,
 * rename, truncate, mkdir, unlink.
 * HOW is ENOSPC, EIO, ...
 * (the default fits the OP); SHORT: half of a write is done and then that
 * error; KILL: the process is killed instead of the call; STOP: it is stopped
 * before it, until SIGCONT; TEAR: half of a write is done, then it is killed.
 * Calls are counted over all threads;
 * those on descriptor 2 are left alone, so that the tool can say what
 * happened.
 *
 * MEM_STATFS=MAGIC: statfs(2) says that the file system is of that type.
 *
 * MEM_CLOCK=SECONDS: the clock of the day is off by so much.
 *
 * MEM_HASTE=N: the clock that nobody sets runs N times as fast, and naps are as
 * much shorter: who waits ten seconds in vain has soon done so.
 *
 * MEM_FAULT_LOG=FILE: a line "OP N" is added for each fault that came, so
 * that a test knows when n is past the last call.
 *
 * MEM_FAULT_COUNT=FILE: at its end each process adds a line with the number of
 * its calls of the OPs of MEM_FAULT, so that a test knows which is the last.
 */
#undef _FORTIFY_SOURCE	/* its inline functions bear the names of ours */
#undef _GNU_SOURCE
#define _GNU_SOURCE	/* RTLD_NEXT */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
#include <unistd.h>

enum op { OP_WRITE, OP_READ, OP_FSYNC, OP_RENAME, OP_TRUNCATE, OP_OPEN,
    OP_OPENDIR, OP_MKDIR, OP_UNLINK, OP_MMAP, OP_MALLOC, OP_STEP, OP_N };
enum how { HOW_NONE, HOW_ERROR, HOW_SHORT, HOW_KILL, HOW_STOP, HOW_TEAR };

static struct fault {
	const char *name;
	int error;
	long at;		/* 0: never */
	bool on;		/* and all that follow */
	enum how how;
	atomic_long calls;
} faults[OP_N] = {
	[OP_WRITE] = { .name = "write", .error = EIO },
	[OP_READ] = { .name = "read", .error = EIO },
	[OP_FSYNC] = { .name = "fsync", .error = EIO },
	[OP_RENAME] = { .name = "rename", .error = EIO },
	[OP_TRUNCATE] = { .name = "truncate", .error = EIO },
	[OP_OPEN] = { .name = "open", .error = EMFILE },
	[OP_OPENDIR] = { .name = "opendir", .error = EMFILE },
	[OP_MKDIR] = { .name = "mkdir", .error = ENOSPC },
	[OP_UNLINK] = { .name = "unlink", .error = EIO },
	[OP_MMAP] = { .name = "mmap", .error = ENOMEM },
	[OP_MALLOC] = { .name = "malloc", .error = ENOMEM },
	[OP_STEP] = { .name = "step", .error = EIO },
};

static atomic_bool ready;

/* --- what is asked for ------------------------------------------------- */

static void
complain(const char *what)
{
	static const char lead[] = "fault.so: MEM_FAULT: ";

	(void)!syscall(SYS_write, 2, lead, sizeof lead - 1);
	(void)!syscall(SYS_write, 2, what, strlen(what));
	(void)!syscall(SYS_write, 2, "\n", 1);
	_exit(99);
}

static void
read_how(struct fault *f, const char *s, size_t n)
{
	static const struct {
		const char *name;
		enum how how;
		int error;
	} hows[] = {
		{ "SHORT", HOW_SHORT, 0 }, { "KILL", HOW_KILL, 0 },
		{ "STOP", HOW_STOP, 0 },
		{ "TEAR", HOW_TEAR, 0 }, { "ENOSPC", HOW_ERROR, ENOSPC },
		{ "EIO", HOW_ERROR, EIO }, { "EDQUOT", HOW_ERROR, EDQUOT },
		{ "EINTR", HOW_ERROR, EINTR }, { "EROFS", HOW_ERROR, EROFS },
		{ "EACCES", HOW_ERROR, EACCES },
		{ "EMFILE", HOW_ERROR, EMFILE },
		{ "ENOMEM", HOW_ERROR, ENOMEM },
	};
	size_t i;

	for (i = 0; i < sizeof hows / sizeof *hows; i++)
		if (strlen(hows[i].name) == n &&
		    memcmp(s, hows[i].name, n) == 0) {
			f->how = hows[i].how;
			if (hows[i].error != 0)
				f->error = hows[i].error;
			return;
		}
	complain(s);
}

/* One "OP:N[+][:HOW]"; returns what follows it. */
static const char *
read_one(const char *s)
{
	size_t n = strcspn(s, ":"), i;
	struct fault *f = NULL;
	char *end;

	for (i = 0; i < OP_N; i++)
		if (strlen(faults[i].name) == n &&
		    memcmp(s, faults[i].name, n) == 0)
			f = &faults[i];
	if (f == NULL || s[n] != ':')
		complain(s);
	f->at = strtol(s + n + 1, &end, 10);
	f->how = HOW_ERROR;
	if (f->at < 1)
		complain(s);
	if (*end == '+') {
		f->on = true;
		end++;
	}
	if (*end == ':') {
		s = end + 1;
		n = strcspn(s, ",");
		read_how(f, s, n);
		end = (char *)s + n;
	}
	if (*end != '\0' && *end != ',')
		complain(end);
	return *end == ',' ? end + 1 : end;
}

__attribute__((constructor)) static void
start(void)
{
	const char *s = getenv("MEM_FAULT");

	while (s != NULL && *s != '\0')
		s = read_one(s);
	atomic_store(&ready, true);
}

/* --- counting ---------------------------------------------------------- */

static void
note(const struct fault *f, long n)
{
	const char *path = getenv("MEM_FAULT_LOG");
	char line[64];
	int fd, len;

	if (path == NULL)
		return;
	len = snprintf(line, sizeof line, "%s %ld\n", f->name, n);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT |
	    O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)!syscall(SYS_write, fd, line, (size_t)len);
		syscall(SYS_close, fd);
	}
}

/* A process that ends by exit(3), and was not killed, says how far it came. */
__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("MEM_FAULT_COUNT");
	char line[32];
	long n = 0;
	int fd, i, len;

	for (i = 0; i < OP_N; i++)
		n += atomic_load(&faults[i].calls);
	if (path == NULL || (fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0)
		return;
	len = snprintf(line, sizeof line, "%ld\n", n);
	(void)!syscall(SYS_write, fd, line, (size_t)len);
	syscall(SYS_close, fd);
}

static bool
is_step(enum op op)
{
	return op == OP_WRITE || op == OP_FSYNC || op == OP_RENAME ||
	    op == OP_TRUNCATE || op == OP_MKDIR || op == OP_UNLINK;
}

/* Count a call; how it is to fail, if it is. */
static enum how
hit(enum op op)
{
	struct fault *f = &faults[op];
	long n;

	if (is_step(op) && faults[OP_STEP].at > 0)
		f = &faults[OP_STEP];
	if (!atomic_load(&ready) || f->at == 0)
		return HOW_NONE;
	n = atomic_fetch_add(&f->calls, 1) + 1;
	if (n != f->at && !(f->on && n > f->at))
		return HOW_NONE;
	note(f, n);
	if (f->how == HOW_KILL) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
	if (f->how == HOW_STOP) {
		kill(getpid(), SIGSTOP);
		return HOW_NONE;
	}
	errno = f->error;
	return f->how;
}

static bool
fails(enum op op)
{
	return hit(op) != HOW_NONE;
}

#define REAL(name) do {							\
	if (real == NULL)						\
		*(void **)&real = dlsym(RTLD_NEXT, (name));		\
} while (0)

/* --- writing ----------------------------------------------------------- */

/* A write that fails in the middle: half of it is done by fn. */
#define WRITE_CALL(fd, n, all, half) do {				\
	enum how how_ = (fd) == 2 ? HOW_NONE : hit(OP_WRITE);		\
									\
	if (how_ == HOW_NONE)						\
		return all;						\
	if (how_ != HOW_ERROR && (n) > 1) {				\
		ssize_t did_ = half;					\
									\
		if (how_ == HOW_TEAR)					\
			kill(getpid(), SIGKILL);			\
		return did_;						\
	}								\
	errno = faults[faults[OP_STEP].at > 0 ? OP_STEP : OP_WRITE].error; \
	return -1;							\
} while (0)

ssize_t
write(int fd, const void *p, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);

	REAL("write");
	WRITE_CALL(fd, n, real(fd, p, n), real(fd, p, n / 2));
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off_t);

	REAL("pwrite");
	WRITE_CALL(fd, n, real(fd, p, n, at), real(fd, p, n / 2, at));
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	static ssize_t (*real)(int, const struct iovec *, int);

	REAL("writev");
	WRITE_CALL(fd, n, real(fd, v, n), real(fd, v, n / 2));
}

/* --- reading ----------------------------------------------------------- */

ssize_t
read(int fd, void *p, size_t n)
{
	static ssize_t (*real)(int, void *, size_t);

	REAL("read");
	return fails(OP_READ) ? -1 : real(fd, p, n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	static ssize_t (*real)(int, void *, size_t, off_t);

	REAL("pread");
	return fails(OP_READ) ? -1 : real(fd, p, n, at);
}

/* --- syncing, names, sizes --------------------------------------------- */

int
fsync(int fd)
{
	static int (*real)(int);

	REAL("fsync");
	return fails(OP_FSYNC) ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	static int (*real)(int);

	REAL("fdatasync");
	return fails(OP_FSYNC) ? -1 : real(fd);
}

#ifdef __linux__
int
syncfs(int fd)
{
	static int (*real)(int);

	REAL("syncfs");
	return fails(OP_FSYNC) ? -1 : real(fd);
}
#endif

int
rename(const char *a, const char *b)
{
	static int (*real)(const char *, const char *);

	REAL("rename");
	return fails(OP_RENAME) ? -1 : real(a, b);
}

int
renameat(int da, const char *a, int db, const char *b)
{
	static int (*real)(int, const char *, int, const char *);

	REAL("renameat");
	return fails(OP_RENAME) ? -1 : real(da, a, db, b);
}

int
link(const char *a, const char *b)
{
	static int (*real)(const char *, const char *);

	REAL("link");
	return fails(OP_RENAME) ? -1 : real(a, b);
}

int
linkat(int da, const char *a, int db, const char *b, int flags)
{
	static int (*real)(int, const char *, int, const char *, int);

	REAL("linkat");
	return fails(OP_RENAME) ? -1 : real(da, a, db, b, flags);
}

int
unlink(const char *path)
{
	static int (*real)(const char *);

	REAL("unlink");
	return fails(OP_UNLINK) ? -1 : real(path);
}

int
unlinkat(int dir, const char *path, int flags)
{
	static int (*real)(int, const char *, int);

	REAL("unlinkat");
	return fails(OP_UNLINK) ? -1 : real(dir, path, flags);
}

int
mkdir(const char *path, mode_t mode)
{
	static int (*real)(const char *, mode_t);

	REAL("mkdir");
	return fails(OP_MKDIR) ? -1 : real(path, mode);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	static int (*real)(int, const char *, mode_t);

	REAL("mkdirat");
	return fails(OP_MKDIR) ? -1 : real(dir, path, mode);
}

int
ftruncate(int fd, off_t len)
{
	static int (*real)(int, off_t);

	REAL("ftruncate");
	return fails(OP_TRUNCATE) ? -1 : real(fd, len);
}

/* --- opening ----------------------------------------------------------- */

static mode_t
mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0;
}

int
open(const char *path, int flags, ...)
{
	static int (*real)(const char *, int, ...);
	va_list ap;
	mode_t mode;

	REAL("open");
	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails(OP_OPEN) ? -1 : real(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	static int (*real)(int, const char *, int, ...);
	va_list ap;
	mode_t mode;

	REAL("openat");
	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails(OP_OPEN) ? -1 : real(dir, path, flags, mode);
}

DIR *
opendir(const char *path)
{
	static DIR *(*real)(const char *);

	REAL("opendir");
	return fails(OP_OPENDIR) ? NULL : real(path);
}

void *
mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	static void *(*real)(void *, size_t, int, int, int, off_t);

	REAL("mmap");
	return fails(OP_MMAP) ? MAP_FAILED : real(at, len, prot, flags, fd,
	    off);
}

#ifdef __linux__
int
statfs(const char *path, struct statfs *out)
{
	static int (*real)(const char *, struct statfs *);
	const char *magic = getenv("MEM_STATFS");
	int r;

	REAL("statfs");
	if ((r = real(path, out)) == 0 && magic != NULL)
		out->f_type = (__typeof__(out->f_type))strtoul(magic, NULL,
		    16);
	return r;
}
#endif

#ifdef __GLIBC__
/* The names that programs built for large files or with checks call. */
ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);

	REAL("pwrite64");
	WRITE_CALL(fd, n, real(fd, p, n, at), real(fd, p, n / 2, at));
}

ssize_t
pread64(int fd, void *p, size_t n, off64_t at)
{
	static ssize_t (*real)(int, void *, size_t, off64_t);

	REAL("pread64");
	return fails(OP_READ) ? -1 : real(fd, p, n, at);
}

int
ftruncate64(int fd, off64_t len)
{
	static int (*real)(int, off64_t);

	REAL("ftruncate64");
	return fails(OP_TRUNCATE) ? -1 : real(fd, len);
}

int
open64(const char *path, int flags, ...)
{
	static int (*real)(const char *, int, ...);
	va_list ap;
	mode_t mode;

	REAL("open64");
	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails(OP_OPEN) ? -1 : real(path, flags, mode);
}

void *
mmap64(void *at, size_t len, int prot, int flags, int fd, off64_t off)
{
	static void *(*real)(void *, size_t, int, int, int, off64_t);

	REAL("mmap64");
	return fails(OP_MMAP) ? MAP_FAILED : real(at, len, prot, flags, fd,
	    off);
}

ssize_t	__read_chk(int, void *, size_t, size_t);
ssize_t	__pread_chk(int, void *, size_t, off_t, size_t);
ssize_t	__pread64_chk(int, void *, size_t, off64_t, size_t);
int	__open_2(const char *, int);
int	__open64_2(const char *, int);

ssize_t
__read_chk(int fd, void *p, size_t n, size_t room)
{
	return n <= room ? read(fd, p, n) : (abort(), -1);
}

ssize_t
__pread_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	return n <= room ? pread(fd, p, n, at) : (abort(), -1);
}

ssize_t
__pread64_chk(int fd, void *p, size_t n, off64_t at, size_t room)
{
	return n <= room ? pread64(fd, p, n, at) : (abort(), -1);
}

int
__open_2(const char *path, int flags)
{
	return open(path, flags);
}

int
__open64_2(const char *path, int flags)
{
	return open64(path, flags);
}
#endif

/* --- memory ------------------------------------------------------------ */

/* dlsym itself may want memory before it has found malloc for us. */
static _Alignas(max_align_t) char early[4096];
static atomic_size_t early_used;

static bool
is_early(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)early &&
	    (uintptr_t)p < (uintptr_t)early + sizeof early;
}

static void *
early_alloc(size_t n)
{
	size_t at;

	n = (n + 15) & ~(size_t)15;
	at = atomic_fetch_add(&early_used, n);
	return at + n <= sizeof early ? early + at : NULL;
}

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
} heap;

static bool
heap_found(void)
{
	static _Thread_local bool looking;

	if (heap.free != NULL)
		return true;
	if (looking)
		return false;
	looking = true;
	*(void **)&heap.malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&heap.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&heap.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&heap.free = dlsym(RTLD_NEXT, "free");
	looking = false;
	return true;
}

void *
malloc(size_t n)
{
	if (!heap_found())
		return early_alloc(n);
	return fails(OP_MALLOC) ? NULL : heap.malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	if (!heap_found())
		return early_alloc(n * size);
	return fails(OP_MALLOC) ? NULL : heap.calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	size_t room;
	void *q;

	if (!heap_found())
		return early_alloc(n);
	if (is_early(p)) {
		room = (size_t)(early + sizeof early - (char *)p);
		q = heap.malloc(n);
		if (q != NULL)
			memcpy(q, p, n < room ? n : room);
		return q;
	}
	return fails(OP_MALLOC) ? NULL : heap.realloc(p, n);
}

void
free(void *p)
{
	if (p != NULL && !is_early(p) && heap_found())
		heap.free(p);
}

#ifdef SYS_clock_gettime
static int64_t
haste(void)
{
	const char *n = getenv("MEM_HASTE");

	return n != NULL ? atol(n) : 1;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	const char *by = getenv("MEM_CLOCK");
	int r = (int)syscall(SYS_clock_gettime, id, t);
	int64_t ns, n = haste();

	if (r == 0 && id == CLOCK_REALTIME && by != NULL)
		t->tv_sec += atol(by);
	if (r == 0 && id == CLOCK_MONOTONIC && n > 1) {
		ns = (t->tv_sec * INT64_C(1000000000) + t->tv_nsec) * n;
		t->tv_sec = (time_t)(ns / 1000000000);
		t->tv_nsec = (long)(ns % 1000000000);
	}
	return r;
}

#if defined SYS_nanosleep
int
nanosleep(const struct timespec *t, struct timespec *left)
{
	struct timespec less;
	int64_t ns, n = haste();

	if (n < 2)
		return (int)syscall(SYS_nanosleep, t, left);
	ns = (t->tv_sec * INT64_C(1000000000) + t->tv_nsec) / n;
	less.tv_sec = (time_t)(ns / 1000000000);
	less.tv_nsec = (long)(ns % 1000000000);
	return (int)syscall(SYS_nanosleep, &less, left);
}
#endif
#endif
