/*
 * The language of a store's texts, as its configuration has it.
 */
#ifndef TEXT_LANGUAGE_CONF_H
#define TEXT_LANGUAGE_CONF_H

#include "base/err.h"
#include "index/language.h"

struct store;

/* ERR_INPUT: there is none such, or no stems for it. */
int	language_configured(const struct store *, const struct language **,
	    struct err *);

#endif
