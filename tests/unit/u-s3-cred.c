/*
 * Credentials: profiles as the AWS tools write them, commands, the order of
 * both, modes of files; and that no secret is told.
 */
#include "tap.h"
#include "temp-dir.h"

#include "base/json.h"
#include "net/s3_cred.h"

#include <sys/stat.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static struct s3_cred
none(void)
{
	struct s3_cred c = { .key_id = NULL, .expires_ms = INT64_MAX };

	return c;
}

static int
profile(struct s3_cred *c, const char *text, const char *name, char **command,
    struct err *e)
{
	return s3_cred_profile(c, text, strlen(text), "it", name, command, e);
}

static void
profiles(void)
{
	static const char text[] =
	    "# ours\r\n[default]\r\naws_access_key_id=AKIDDEFAULT\r\n"
	    "aws_secret_access_key = " SECRET "\r\n"
	    "[profile other ]\n  indented = x\n"
	    "aws_access_key_id = AKIDOTHER\n; comment\n"
	    "aws_secret_access_key = s#e=c;r  \n"
	    "aws_session_token = token==\nregion = eu-west-1\n"
	    "s3 =\n  max_concurrent_requests = 20\n"
	    "  aws_secret_access_key = not this one\n"
	    "[empty]\n[cmd]\ncredential_process = /bin/echo \"a b\" c\n";
	struct s3_cred c = none();
	char *command = NULL;
	struct err e;

	is_int(profile(&c, text, "default", &command, &e), 1, "the default");
	is_str(c.key_id, "AKIDDEFAULT", "its key, without CR");
	is_str(c.secret, SECRET, "its secret");
	ok(c.token == NULL && c.region == NULL, "nothing of another");
	s3_cred_release(&c);
	is_int(profile(&c, text, "other", &command, &e), 1, "'profile other'");
	is_str(c.secret, "s#e=c;r", "a value is all but the blanks around it");
	is_str(c.token, "token==", "a token");
	is_str(c.region, "eu-west-1", "a region");
	is_int(profile(&c, text, "default", &command, &e), 1, "one more");
	is_str(c.key_id, "AKIDOTHER", "does not replace what is there");
	s3_cred_release(&c);
	is_int(profile(&c, text, "empty", &command, &e), 1, "an empty one");
	ok(c.key_id == NULL && c.secret == NULL, "has nothing");
	is_int(profile(&c, text, "def", &command, &e), 0, "no such profile");
	ok(command == NULL, "nor a command");
	is_int(profile(&c, text, "cmd", &command, &e), 1, "a command");
	is_str(command, "/bin/echo \"a b\" c", "as it stands");
	free(command);
	command = NULL;
	s3_cred_release(&c);
	is_int(profile(&c, "[default]\naws_access_key_id = A\n", "default",
	    &command, &e), 1, "a key without its secret");
	is_int(profile(&c, text, "other", &command, &e), 1, "and one with");
	is_str(c.key_id, "A", "are not mixed");
	ok(c.secret == NULL, "so that there is no secret");
	s3_cred_release(&c);
}

static void
broken(void)
{
	struct s3_cred c = none();
	char *command = NULL;
	struct err e = { 0 };

	is_int(profile(&c, "[default\nx=y\n", "default", &command, &e), -1,
	    "a section that is not closed");
	is_str(e.msg, "'it' line 1: ']' is missing", "says where");
	is_int(profile(&c, "[default]\n\naws_secret_access_key " SECRET "\n",
	    "default", &command, &e), -1, "no '='");
	is_str(e.msg, "'it' line 3: '=' is missing", "says where, not what");
	is_int(profile(&c, "[other]\nrubbish\n[default]\n", "default",
	    &command, &e), 1, "what is not ours is not read");
	is_int(s3_cred_profile(&c, "[default]\na=\0b\n", 15, "it", "default",
	    &command, &e), -1, "a NUL");
	is_int(profile(&c, "", "default", &command, &e), 0, "nothing");
	s3_cred_release(&c);
}

static int
answer(struct s3_cred *c, const char *text, struct err *e)
{
	return s3_cred_answer(c, text, strlen(text), e);
}

static void
answers(void)
{
	struct s3_cred c = none();
	struct err e = { 0 };

	is_int(answer(&c, "{\"Version\":1,\"AccessKeyId\":\"AKID\","
	    "\"SecretAccessKey\":\"" SECRET "\",\"SessionToken\":\"tok\","
	    "\"Expiration\":\"2026-11-20T12:00:00Z\"}", &e), 0, "an answer");
	is_str(c.secret, SECRET, "its secret");
	is_str(c.token, "tok", "its token");
	is_int(c.expires_ms, INT64_C(1795176000000), "its end");
	is_int(answer(&c, "{\"Version\":1,\"AccessKeyId\":\"B\","
	    "\"SecretAccessKey\":\"" SECRET "\"}", &e), 0, "another one");
	ok(c.token == NULL && c.expires_ms == INT64_MAX, "replaces it all");
	is_int(answer(&c, "{\"Version\":2,\"AccessKeyId\":\"B\"}", &e), -1,
	    "another version");
	is_int(answer(&c, "{\"Version\":1,\"AccessKeyId\":\"B\"}", &e), -1,
	    "no secret");
	is_int(answer(&c, "[]", &e), -1, "no object");
	is_int(answer(&c, "{\"Version\":1,\"AccessKeyId\":\"B\","
	    "\"SecretAccessKey\":\"" SECRET "\",\"Expiration\":\"soon\"}",
	    &e), -1, "an end that is no time");
	is_int(answer(&c, "{\"Version\":1 \"" SECRET "\"}", &e), -1,
	    "no JSON");
	ok(strstr(e.msg, "wJalr") == NULL, "the reason has no secret");
	s3_cred_release(&c);
}

/* --- where they come from ---------------------------------------------- */

static void
write_file(const char *path, const char *text, mode_t mode)
{
	struct err e;

	if (file_replace(path, text, strlen(text), &e) < 0 ||
	    chmod(path, mode) < 0)
		printf("# %s\n", e.msg);
}

static void
clear_environment(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
	    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
	    "AWS_REGION", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
	    NULL };
	int i;

	for (i = 0; names[i] != NULL; i++)
		unsetenv(names[i]);
	setenv("HOME", temp_top, 1);
}

static void
places(void)
{
	struct s3_cred c = none();
	struct err e = { 0 };

	clear_environment();
	is_int(s3_cred_load(&c, &e), -1, "nowhere");
	is_int(e.code, ERR_ABSENT, "absent");
	ok(strstr(e.msg, "AWS_ACCESS_KEY_ID") != NULL &&
	    strstr(e.msg, ".aws/credentials") != NULL, "says where it looked");
	mkdir(".aws", 0700);
	write_file(".aws/config", "[default]\nregion = eu-central-1\n"
	    "[profile p]\nregion = eu-west-3\n", 0644);
	write_file(".aws/credentials", "[default]\naws_access_key_id = D\n"
	    "aws_secret_access_key = " SECRET "\n[p]\naws_access_key_id = P\n"
	    "aws_secret_access_key = " SECRET "\n", 0600);
	is_int(s3_cred_load(&c, &e), 0, "the usual files");
	is_str(c.key_id, "D", "the default profile");
	is_str(c.region, "eu-central-1", "the region of the other file");
	setenv("AWS_PROFILE", "p", 1);
	is_int(s3_cred_load(&c, &e), 0, "AWS_PROFILE");
	is_str(c.key_id, "P", "its key");
	is_str(c.region, "eu-west-3", "its region");
	setenv("AWS_ACCESS_KEY_ID", "E", 1);
	setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
	is_int(s3_cred_load(&c, &e), 0, "the environment");
	is_str(c.key_id, "E", "goes before profiles");
	c.how.profile = "default";
	is_int(s3_cred_load(&c, &e), 0, "a profile that was asked for");
	is_str(c.key_id, "D", "goes before the environment");
	setenv("AWS_SECRET_ACCESS_KEY", "bad secret\n", 1);
	c.how.profile = NULL;
	is_int(s3_cred_load(&c, &e), -1, "a secret that none is");
	ok(strstr(e.msg, "bad") == NULL, "is not told");
	ok(c.secret == NULL, "and not kept");
	clear_environment();
	chmod(".aws/credentials", 0640);
	is_int(s3_cred_load(&c, &e), -1, "a file that others can read");
	is_int(e.code, ERR_DENIED, "denied");
	ok(strstr(e.msg, "chmod 600") != NULL, "with the remedy");
	s3_cred_release(&c);
}

static void
own_file(void)
{
	struct s3_cred c = none();
	struct err e = { 0 };

	write_file("mine", "[default]\naws_access_key_id = M\n"
	    "aws_secret_access_key = " SECRET "\n", 0600);
	c.how.file = "mine";
	is_int(s3_cred_load(&c, &e), 0, "a file");
	is_str(c.key_id, "M", "its key");
	chmod("mine", 0604);
	is_int(s3_cred_load(&c, &e), -1, "open to others");
	is_int(e.code, ERR_DENIED, "denied");
	c.how.profile = "x";
	is_int(s3_cred_load(&c, &e), -1, "no such profile");
	is_int(e.code, ERR_ABSENT, "absent");
	c.how.file = "nowhere";
	is_int(s3_cred_load(&c, &e), -1, "no such file");
	is_int(e.code, ERR_ABSENT, "absent");
	s3_cred_release(&c);
}

static void
commands(void)
{
	struct s3_cred c = none();
	struct err e = { 0 };

	c.how.wait_ms = 5000;
	c.how.command = "echo '{\"Version\":1,\"AccessKeyId\":\"C\",'; "
	    "echo '\"SecretAccessKey\":\"" SECRET "\"}'";
	is_int(s3_cred_load(&c, &e), 0, "a command");
	is_str(c.key_id, "C", "its key");
	c.how.command = "echo '{\"Version\":1,\"AccessKeyId\":\"C\","
	    "\"SecretAccessKey\":\"" SECRET "\"}'; exit 3";
	is_int(s3_cred_load(&c, &e), -1, "that failed");
	ok(strstr(e.msg, "status 3") != NULL, "says how");
	ok(strstr(e.msg, "wJalr") == NULL, "without the secret");
	ok(c.secret == NULL, "and nothing is kept");
	c.how.command = "yes";
	is_int(s3_cred_load(&c, &e), -1, "that prints without end");
	is_int(e.code, ERR_INPUT, "too much");
	c.how.command = "sleep 60";
	c.how.wait_ms = 300;
	is_int(s3_cred_load(&c, &e), -1, "that hangs");
	is_int(e.code, ERR_NET, "in vain");
	c.how.command = "no-such-command-at-all";
	is_int(s3_cred_load(&c, &e), -1, "that is none");
	write_file(".aws/credentials", "[default]\ncredential_process = "
	    "echo '{\"Version\":1,\"AccessKeyId\":\"Q\",\"SecretAccessKey\":"
	    "\"" SECRET "\"}'\n", 0600);
	c.how.command = NULL;
	c.how.wait_ms = 5000;
	is_int(s3_cred_load(&c, &e), 0, "of a profile");
	is_str(c.key_id, "Q", "its key");
	s3_cred_release(&c);
}

static void
hiding(void)
{
	struct s3_cred c = none();
	char text[] = "it says " SECRET " and " SECRET "!";

	c.secret = (char[]){ SECRET };
	c.key_id = (char[]){ "short" };
	s3_cred_hide(&c, text);
	ok(strstr(text, "wJalr") == NULL, "what a server sends back");
	is_str(text + strlen(text) - 2, "*!", "is stars");
}

int
main(void)
{
	json_setup();
	temp_begin();
	profiles();
	broken();
	answers();
	places();
	own_file();
	commands();
	hiding();
	return temp_end() | done();
}
