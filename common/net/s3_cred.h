/*
 * Who asks a store: a key's name, its secret, and for a session a token.
 *
 * They come from the environment, from profiles in files as the AWS tools
 * keep them, or from a program that prints them.  A file that holds a secret
 * must be readable by nobody else.  Neither secret nor token is ever in a
 * message, and both are wiped when they are replaced or released.
 *
 * Sources: "Environment variables", "Shared config and credentials files" and
 * "Process credential provider" in the AWS SDKs and Tools Reference Guide.
 */
#ifndef NET_S3_CRED_H
#define NET_S3_CRED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define S3_CRED_MAX ((size_t)64 << 10)	/* bytes of a file, of an answer */

struct s3_cred_how {
	/* The first that is given counts.  Borrowed: they live as long as the
	 * s3_cred. */
	const char *command;	/* by sh -c: who can set it can run programs */
	const char *file;	/* in the format of ~/.aws/credentials */
	const char *profile;	/* of file; else of ~/.aws/credentials and
				   ~/.aws/config ($AWS_SHARED_CREDENTIALS_FILE,
				   $AWS_CONFIG_FILE).  NULL: $AWS_PROFILE, or
				   "default" */
	/* none: $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY and
	 * $AWS_SESSION_TOKEN if they are there, else the profile */
	int wait_ms;		/* for the command; 0: 60 s */
};

struct s3_cred {
	struct s3_cred_how how;
	char *key_id, *secret;	/* own */
	char *token;		/* own; NULL: none */
	char *region;		/* own; of the profile, or NULL */
	int64_t expires_ms;	/* INT64_MAX: never */
};

/*
 * Get them, or get them again.  ERR_ABSENT: there are none, with where they
 * were looked for; ERR_DENIED: the file is open to others; ERR_INPUT: what is
 * there is no such thing; ERR_NET: the command failed.
 */
int	s3_cred_load(struct s3_cred *, struct err *);
void	s3_cred_release(struct s3_cred *);	/* keeps how */

/* Stars for what a text has of them: a server may send back what it got. */
void	s3_cred_hide(const struct s3_cred *, char *text);

/* --- the parts, for tests ---------------------------------------------- */

/*
 * One profile of a text in the form of those files: [NAME], or in a config
 * file [profile NAME]; "key = value"; # and ; comments; indented lines belong
 * to the key above and are skipped.  What the profile has is added to what is
 * there, and does not replace it.  1 it is there, 0 not, -1 ERR_INPUT.
 * *command (the caller's) is its credential_process.
 */
int	s3_cred_profile(struct s3_cred *, const char *text, size_t len,
	    const char *name, const char *profile, char **command,
	    struct err *);
/* What a command printed: an object of version 1. */
int	s3_cred_answer(struct s3_cred *, const char *json, size_t len,
	    struct err *);
/* Run it and take what it prints. */
int	s3_cred_run(struct s3_cred *, const char *command, struct err *);

#endif
