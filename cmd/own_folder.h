/*
 * Tools run each other from where they are.
 */
#ifndef CMD_OWN_FOLDER_H
#define CMD_OWN_FOLDER_H

struct buf;

/* The folder that this program was started from, appended; nothing when the
 * system does not say. */
void	own_folder(struct buf *, const char *argv0);

#endif
