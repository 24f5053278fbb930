/*
 * One place in a text where a name may get its value.
 */
#ifndef TEXT_REDACT_ASSIGN_H
#define TEXT_REDACT_ASSIGN_H

#include "text/redact_rule.h"

#define ASSIGN_VALUE_MAX 4096	/* bytes that are judged */

enum how {
	HOW_NONE,
	HOW_EQUALS,	/* = := => ?= */
	HOW_COLON,
	HOW_TAG,	/* <password>... */
	HOW_IS,		/* the password is ... */
	HOW_COMMA,	/* define("PASSWORD", "...") */
	HOW_BLANK	/* #define PASSWORD "...", --password ... */
};

struct assign {
	const struct rule *u;
	struct pattern_text *tx;
	const char *base;	/* of the text */
	const char *name, *name_end;
	enum how how;
	const char *from, *to;	/* the value */
	bool quoted, apart;	/* apart: blanks before the value */
	bool format;		/* f"{x}" */
	bool encoded;		/* for a URL: NAME%3Dvalue */
};

/*
 * The rest of the name whose literal is at [p, q), and its begin.  0 when
 * the literal is part of another word ("tokenizer", "token.length").
 */
int	assign_read_name(struct assign *, const char *p, const char *q);
/* What is assigned to it; 0 nothing. */
int	assign_read_value(struct assign *);

bool	assign_is_env(const struct assign *);		/* NAME=value */
bool	assign_is_option(const struct assign *);	/* --name=value */
bool	assign_is_flag(const struct assign *);		/* --name */
bool	assign_is_variable(const struct assign *);	/* ENV NAME x */
/* Does the text before p, blanks apart, end with this word? */
bool	assign_preceded(const struct assign *, const char *p,
	    const char *word);
const char *assign_skip_blanks(const char *p, const char *end);

static inline bool
assign_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static inline bool
assign_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
assign_is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

#endif
