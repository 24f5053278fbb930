/*
 * Records of one kind as text; render (out.h) knows which.
 */
#ifndef CMD_RENDER_H
#define CMD_RENDER_H

#include <jansson.h>

#include "cmd/out.h"

/* render_toc.c */
void	render_node(struct out *, const json_t *);
void	render_grip(struct out *, const json_t *);
void	render_version(struct out *, const json_t *);
void	render_change(struct out *, const json_t *);

/* render_ltm.c */
void	render_fact(struct out *, const json_t *);	/* and its changes */
/* Its line: how sure, which, its tags. */
void	render_fact_head(struct out *, const json_t *);
void	render_explanation(struct out *, const json_t *);
void	render_group(struct out *, const json_t *);

/* render_graph.c */
void	render_entity(struct out *, const json_t *);
void	render_relation(struct out *, const json_t *);
void	render_community(struct out *, const json_t *);

/* render_sync.c */
void	render_push(struct out *, const json_t *);
void	render_pull(struct out *, const json_t *);
void	render_verify(struct out *, const json_t *);
void	render_damage(struct out *, const json_t *);
void	render_repair(struct out *, const json_t *);
void	render_pruned(struct out *, const json_t *);
void	render_prune(struct out *, const json_t *);
void	render_remote(struct out *, const json_t *);
void	render_dirty(struct out *, const json_t *);
void	render_lease(struct out *, const json_t *);
void	render_clash(struct out *, const json_t *);
void	render_copy(struct out *, const json_t *);	/* a node's new name */
void	render_export(struct out *, const json_t *);
void	render_import(struct out *, const json_t *);

#endif
