/*
 * How an engine is reached, as the configuration says it: memkit.conf(5),
 * engine.NAME.*.  What is secret is not read here: only where it is kept.
 */
#ifndef ENGINE_CONF_H
#define ENGINE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

#define ENGINE_NAME 64			/* bytes of a name, at most */
#define ENGINE_WHOLE ((size_t)64 << 20)	/* bytes of a body, each way */

enum engine_kind { ENGINE_OPENSEARCH, ENGINE_ELASTICSEARCH, ENGINE_NEO4J };

/* Strings are those of the configuration, but name. */
struct engine_conf {
	char *name;		/* own */
	enum engine_kind kind;
	const char *url;
	const char *index;	/* what names of indexes begin with; of neo4j
				   keys, NULL: nothing */
	const char *database;	/* of neo4j */
	const char *ca_file;	/* NULL: the system's certificates */
	int64_t batch;		/* bytes of what is sent at once */
	int64_t shards;		/* 0: as the engine does by itself */
	int64_t replicas;	/* -1: the same */
	int wait_ms;		/* for one request */
	bool insecure;		/* http:// to other machines, too */
	bool sealed;		/* of sealed tenants, too */
	/* where credentials are: at most one of the three; user belongs to
	 * the password */
	const char *user;
	const char *password_file, *password_command;
	const char *key_file, *key_command;	/* "ApiKey" */
	const char *token_file, *token_command;	/* "Bearer" */
};

/* Small and capital letters, digits, '-' and '_'. */
bool	engine_name_right(const char *name);

/* ERR_USAGE names the setting: there is no such engine, or it is set wrongly.
 * engine_conf_release in any case. */
int	engine_conf_read(struct engine_conf *, const struct conf *,
	    const char *name, struct err *);
void	engine_conf_release(struct engine_conf *);

/* Is this a setting of an engine that there can be, with a value that it may
 * have?  1; 0: it is none of an engine; -1: ERR_USAGE. */
int	engine_conf_check(const char *key, const char *value, struct err *);

#endif
