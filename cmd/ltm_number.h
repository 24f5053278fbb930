/*
 * Confidences on the command line.
 */
#ifndef CMD_LTM_NUMBER_H
#define CMD_LTM_NUMBER_H

#include "base/err.h"

/* From 0 to 1; NULL leaves *out as it is.  -1 with what is wrong. */
int	ltm_number(const char *option, const char *s, double *out,
	    struct err *);

#endif
