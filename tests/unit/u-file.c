/*
 * Files, in a folder of their own, against what the system says of them.
 */
#include "tap.h"

#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err e;

static void
is_content(const char *path, const char *want, const char *what)
{
	struct buf b = BUF_INIT;

	ok(buf_read_file(&b, path, 1 << 20, &e) == 0, "%s: readable", what);
	is_str(b.p, want, "%s", what);
	buf_release(&b);
}

/* How many names a folder shows, by the shell. */
static int
names_in(const char *dir)
{
	char cmd[100];
	int n = -1;
	FILE *p;

	snprintf(cmd, sizeof cmd, "ls -A '%s' | wc -l", dir);
	if ((p = popen(cmd, "r")) == NULL)
		return -1;
	if (fscanf(p, "%d", &n) != 1)
		n = -1;
	pclose(p);
	return n;
}

static void
replacing(void)
{
	char name[256];
	struct stat sb;

	mkdir("r", 0700);
	umask(0);
	is_int(file_replace("r/a", "one", 3, &e), 0, "a new file");
	is_content("r/a", "one", "has the bytes");
	stat("r/a", &sb);
	is_int(sb.st_mode & 07777, 0600, "is its owner's alone");
	chmod("r/a", 0644);
	is_int(file_replace("r/a", "twenty", 6, &e), 0, "an old one");
	is_content("r/a", "twenty", "is replaced");
	stat("r/a", &sb);
	is_int(sb.st_mode & 07777, 0600, "and closed to others");
	is_int(file_replace("r/a", NULL, 0, &e), 0, "by nothing");
	is_content("r/a", "", "which is empty");
	memset(name, 'n', 255);
	memcpy(name, "r/", 2);
	name[255] = '\0';
	is_int(file_replace(name, "x", 1, &e), 0, "a name of 253 bytes");
	is_int(names_in("r"), 2, "nothing else is left behind");
	is_int(file_replace("bare", "x", 1, &e), 0, "a name without a folder");
	is_content("bare", "x", "is here");
}

static void
not_replacing(void)
{
	struct stat sb;

	mkdir("n", 0700);
	mkdir("n/dir", 0700);
	is_int(file_replace("n/target", "old", 3, &e), 0, "a target");
	ok(symlink("target", "n/link") == 0, "and a link to it");
	is_int(file_replace("n/link", "new", 3, &e), -1, "is not followed");
	is_int(e.code, ERR_DENIED, "but denied");
	is_content("n/target", "old", "the target is as it was");
	ok(lstat("n/link", &sb) == 0 && S_ISLNK(sb.st_mode), "so is the link");
	is_int(file_replace("n/dir", "x", 1, &e), -1, "a folder stays");
	ok(strstr(e.msg, "'n/dir'") != NULL, "and is named: %s", e.msg);
	is_int(file_replace("n/none/x", "x", 1, &e), -1, "no folder, no file");
	is_int(file_replace("n/", "x", 1, &e), -1, "no name");
	is_int(names_in("n"), 3, "nothing is left behind");
}

/* A file that may not grow is a full disk to whoever writes it. */
static void
full(void)
{
	struct rlimit old, small;
	static char big[20000];

	mkdir("f", 0700);
	file_replace("f/a", "old", 3, &e);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 8192;
	setrlimit(RLIMIT_FSIZE, &small);
	is_int(file_replace("f/a", big, sizeof big, &e), -1, "no room");
	setrlimit(RLIMIT_FSIZE, &old);
	is_int(e.code, ERR_SYS, "the system refused");
	ok(strncmp(e.msg, "cannot write 'f/a': ", 20) == 0, "%s", e.msg);
	is_content("f/a", "old", "the old file is whole");
	is_int(names_in("f"), 1, "and alone");
}

/* A pipe that does not block takes little at a time. */
static void
short_writes(void)
{
	static char sent[300000], got[300000];
	size_t have = 0, i;
	int p[2], status;
	ssize_t n;
	pid_t pid;

	for (i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i * 31 >> 3);
	if (pipe(p) < 0 || (pid = fork()) < 0)
		return;
	if (pid == 0) {
		close(p[0]);
		fcntl(p[1], F_SETFL, O_NONBLOCK);
		_exit(file_write(p[1], sent, sizeof sent, "pipe", &e) < 0);
	}
	close(p[1]);
	while ((n = read(p[0], got + have, have + 999 < sizeof got ? 999 :
	    sizeof got - have)) > 0)
		have += (size_t)n;
	close(p[0]);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "short writes go on");
	ok(have == sizeof sent && memcmp(sent, got, have) == 0,
	    "and lose nothing");
	is_int(file_write(-1, "x", 1, "nowhere", &e), -1, "no descriptor");
	ok(strstr(e.msg, "'nowhere'") != NULL, "%s", e.msg);
	is_int(file_write(-1, NULL, 0, "nowhere", &e), 0, "nothing to write");
}

static void
folders(void)
{
	struct stat sb;

	umask(022);
	is_int(file_mkdirs("d/e//f/", 0700, &e), 0, "three at once");
	ok(stat("d/e/f", &sb) == 0 && S_ISDIR(sb.st_mode), "are there");
	ok(stat("d", &sb) == 0 && (sb.st_mode & 0777) == 0700, "all private");
	is_int(file_mkdirs("d/e/f", 0700, &e), 0, "again is as well");
	is_int(file_mkdirs(".", 0700, &e), 0, "so is here");
	is_int(file_mkdirs("/", 0700, &e), 0, "and the top");
	is_int(file_mkdirs("", 0700, &e), -1, "but not no name");
	ok(symlink("d", "l") == 0, "a link to a folder");
	is_int(file_mkdirs("l/g", 0700, &e), 0, "may stand above");
	ok(file_exists("d/g"), "and leads there");
	is_int(file_mkdirs("l", 0700, &e), -1, "but not last");
	is_int(e.code, ERR_DENIED, "%s", e.msg);
	is_int(file_mkdirs("l/", 0700, &e), -1, "with a slash neither");
	file_replace("d/plain", "x", 1, &e);
	is_int(file_mkdirs("d/plain", 0700, &e), -1, "a file is no folder");
	is_int(e.code, ERR_EXISTS, "%s", e.msg);
	is_int(file_mkdirs("d/plain/x", 0700, &e), -1, "nor above one");
	is_int(file_sync_dir("d", &e), 0, "a folder can be synced");
	is_int(file_sync_dir("none", &e), -1, "if it is there");
}

static void
trees(void)
{
	int64_t bytes = 42;
	char name[32];
	int i;

	file_mkdirs("t/a/b", 0700, &e);
	file_replace("t/one", "1234567", 7, &e);
	file_replace("t/a/b/two", "123", 3, &e);
	file_mkdirs("outside", 0700, &e);
	file_replace("outside/kept", "1234567890", 10, &e);
	ok(symlink("../outside", "t/link") == 0 &&
	    symlink("../outside/kept", "t/a/link") == 0 &&
	    symlink("nowhere", "t/a/b/dangling") == 0, "links in a tree");
	is_int(file_tree_size("t", &bytes, &e), 0, "its size");
	is_int(bytes, 10, "is that of its own files");
	is_int(file_exists("t/a/b/dangling"), 1, "a link to nowhere is there");
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "t/a/b/many-%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	is_int(file_remove_tree("t", &e), 0, "the tree is removed");
	is_int(file_exists("t"), 0, "all of it");
	is_content("outside/kept", "1234567890", "and nothing beyond a link");
	ok(symlink("outside", "toplink") == 0, "a link itself");
	is_int(file_remove_tree("toplink/", &e), 0, "is removed");
	is_int(file_exists("toplink"), 0, "as a link");
	is_content("outside/kept", "1234567890", "its target stays");
	is_int(file_remove_tree("outside/kept", &e), 0, "a plain file");
	is_int(file_exists("outside/kept"), 0, "is removed too");
	is_int(file_remove_tree("never", &e), 0, "what is not there is gone");
	is_int(file_tree_size("never", &bytes, &e), 0, "and has a size");
	is_int(bytes, 0, "of nothing");
}

static void
joins(void)
{
	struct buf b = BUF_INIT;

	file_join(&b, "dir", "name");
	is_str(b.p, "dir/name", "one slash between");
	buf_reset(&b);
	file_join(&b, "/", "name");
	is_str(b.p, "/name", "not two");
	buf_reset(&b);
	file_join(&b, "", "name");
	is_str(b.p, "name", "none without a folder");
	buf_release(&b);
}

/* Piece by piece, and files without a name. */
static void
pieces(void)
{
	struct file_new f;
	char got[4] = "";
	int fd;

	mkdir("p", 0700);
	is_int(file_new(&f, "p/a", &e), 0, "a file in pieces");
	ok(file_write(f.fd, "one", 3, "a", &e) == 0 && !file_exists("p/a"),
	    "is not there yet");
	ok(file_write(f.fd, "two", 3, "a", &e) == 0 &&
	    pwrite(f.fd, "O", 1, 0) == 1, "may be written anywhere");
	is_int(file_new_done(&f, &e), 0, "done");
	is_content("p/a", "Onetwo", "and there");
	file_new_drop(&f);
	is_content("p/a", "Onetwo", "dropped too late");
	ok(file_new(&f, "p/a", &e) == 0 && file_write(f.fd, "x", 1, "a",
	    &e) == 0, "again");
	file_new_drop(&f);
	file_new_drop(&f);
	is_content("p/a", "Onetwo", "dropped: the old one stays");
	is_int(symlink("a", "p/link"), 0, "a link");
	ok(file_new(&f, "p/link", &e) == 0 && file_new_done(&f, &e) == -1 &&
	    e.code == ERR_DENIED, "is not replaced");
	is_int(file_new(&f, "p/none/x", &e), -1, "no folder, no file");
	file_new_drop(&f);
	fd = file_scratch("p/a", &e);
	ok(fd >= 0 && file_write(fd, "abc", 3, "", &e) == 0 &&
	    pread(fd, got, 3, 0) == 3, "a file without a name");
	is_str(got, "abc", "keeps what is written");
	close(fd);
	is_int(names_in("p"), 2, "nothing is left over");
	is_int(file_scratch("p/none/x", &e), -1, "no folder");
}

static void
private_file(const char *path, mode_t mode, const char *what, int want)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "before ");
	chmod(path, mode);
	is_int(file_read_private(&b, path, 6, &e), want, "%s", what);
	is_str(b.p, want == 0 ? "before secret" : "before ", "what is read");
	if (want < 0)
		is_int(e.code, ERR_DENIED, "is not allowed");
	buf_wipe(&b);
}

static void
privates(void)
{
	struct buf b = BUF_INIT;

	file_mkdirs("secrets", 0700, &e);
	is_int(file_private_dir("secrets", &e), 0, "a folder of 0700");
	chmod("secrets", 0710);
	is_int(file_private_dir("secrets", &e), -1, "one of 0710");
	is_int(e.code, ERR_DENIED, "is open to others");
	ok(strstr(e.msg, "chmod") != NULL, "which can be mended");
	is_int(file_private_dir("none", &e), -1, "none");
	is_int(e.code, ERR_ABSENT, "is absent");
	file_replace("secrets/a", "secret", 6, &e);
	is_int(file_private_dir("secrets/a", &e), -1, "a file is no folder");
	private_file("secrets/a", 0600, "a file of 0600", 0);
	private_file("secrets/a", 0400, "one of 0400", 0);
	private_file("secrets/a", 0640, "one that the group may read", -1);
	private_file("secrets/a", 0601, "one that others may run", -1);
	private_file("secrets", 0700, "a folder", -1);
	chmod("secrets/a", 0600);
	ok(symlink("a", "secrets/link") == 0 &&
	    mkfifo("secrets/fifo", 0600) == 0, "a link, a FIFO");
	is_int(file_read_private(&b, "secrets/link", 9, &e), -1, "a link");
	is_int(e.code, ERR_DENIED, "is not followed");
	is_int(file_read_private(&b, "secrets/fifo", 9, &e), -1, "a FIFO");
	is_int(e.code, ERR_DENIED, "is not waited for");
	is_int(file_read_private(&b, "secrets/a", 5, &e), -1, "a byte more");
	is_int(e.code, ERR_INPUT, "than was wanted");
	is_int(file_read_private(&b, "secrets/b", 5, &e), -1, "none");
	is_int(e.code, ERR_ABSENT, "is absent");
	if (geteuid() == 0) {
		ok(chown("secrets/a", 1, 1) == 0, "somebody else's");
		private_file("secrets/a", 0600, "is refused", -1);
	}
	buf_release(&b);
}

int
main(void)
{
	char top[] = "/tmp/u-file.XXXXXX";

	if (mkdtemp(top) == NULL || chdir(top) < 0)
		return 2;
	replacing();
	not_replacing();
	pieces();
	full();
	short_writes();
	folders();
	trees();
	joins();
	privates();
	is_int(file_remove_tree(top, &e), 0, "the folder of this test");
	is_int(file_exists(top), 0, "is gone");
	return done();
}
