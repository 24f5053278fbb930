/*
 * Errors of those that keep objects, told without what is nobody's business.
 */
#ifndef BLOB_BLOB_REDACT_H
#define BLOB_BLOB_REDACT_H

/*
 * Take from a text what no message may have: user names and queries of URLs,
 * and what follows a word like Authorization, Signature or token.  In place;
 * it does not get longer.
 */
void	blob_redact(char *text);

#endif
