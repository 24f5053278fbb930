/*
 * mem-admin stats: as a record, or in the text format that Prometheus
 * reads (exposition format 0.0.4), where the lines of one metric stand
 * together, whatever tenant they are of.
 */
#include "cmd/admin.h"

#include <inttypes.h>
#include <string.h>

#include "artifact/artifact.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/stats.h"

static const struct metric {
	const char *key, *name, *help;
	int divide;		/* 1000: seconds out of milliseconds */
} metrics[] = {
	{ "event_count", "memkit_events", "events stored", 1 },
	{ "session_count", "memkit_sessions", "sessions", 1 },
	{ "user_count", "memkit_users", "users", 1 },
	{ "record_count", "memkit_records", "rows of knowledge bases", 1 },
	{ "document_count", "memkit_documents",
	    "documents of knowledge bases", 1 },
	{ "kb_count", "memkit_knowledge_bases", "knowledge bases", 1 },
	{ "toc_node_count", "memkit_toc_nodes", "nodes of contents", 1 },
	{ "grip_count", "memkit_grips", "grips", 1 },
	{ "fact_count", "memkit_facts", "long-term facts", 1 },
	{ "file_count", "memkit_files", "working files of sessions", 1 },
	{ "outbox_count", "memkit_outbox_changes",
	    "changes that some consumer has still to see", 1 },
	{ "disk_usage_bytes", "memkit_disk_usage_bytes",
	    "bytes of the tenant's files", 1 },
	{ "database_bytes", "memkit_database_bytes",
	    "bytes of the database and its log", 1 },
	{ "compaction_pending_bytes", "memkit_compaction_pending_bytes",
	    "bytes that compaction would look at", 1 },
	{ "disk_free_bytes", "memkit_disk_free_bytes",
	    "bytes free on the disk of the store", 1 },
	{ "disk_total_bytes", "memkit_disk_total_bytes",
	    "bytes of the disk of the store", 1 },
	{ "last_timestamp", "memkit_last_event_timestamp_seconds",
	    "time of the newest event", 1000 },
}, consumer_metrics[] = {
	{ "last_processed_sequence", "memkit_consumer_sequence",
	    "last change that a consumer has confirmed", 1 },
	{ "lag", "memkit_consumer_lag_changes",
	    "changes that a consumer has still to see", 1 },
	{ "saved_at", "memkit_consumer_saved_timestamp_seconds",
	    "when a consumer last confirmed", 1000 },
};

/* A label's value: backslash, quote and newline are escaped. */
static void
add_label(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_addc(b, '\\');
		if (*value == '\n')
			buf_adds(b, "\\n");
		else
			buf_addc(b, *value);
	}
	buf_addc(b, '"');
}

static void
add_sample(struct buf *b, const struct metric *m, const char *tenant,
    const char *consumer, const json_t *o)
{
	int64_t v;

	if (get_int(o, m->key, &v) != 1)
		return;
	buf_addf(b, "%s{", m->name);
	add_label(b, "tenant", tenant);
	if (consumer != NULL) {
		buf_addc(b, ',');
		add_label(b, "job_name", consumer);
	}
	if (m->divide == 1)
		buf_addf(b, "} %" PRId64 "\n", v);
	else
		buf_addf(b, "} %.3f\n", (double)v / m->divide);
}

static void
add_head(struct buf *b, const char *name, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
add_consumers(struct buf *b, const json_t *all)
{
	const struct metric *m = consumer_metrics;
	const json_t *stats, *list;
	size_t i, j;

	for (; m < consumer_metrics + sizeof consumer_metrics /
	    sizeof *consumer_metrics; m++) {
		add_head(b, m->name, m->help);
		for (i = 0; i < json_array_size(all); i++) {
			stats = json_array_get(all, i);
			list = json_object_get(stats, "consumers");
			for (j = 0; j < json_array_size(list); j++)
				add_sample(b, m, get_str(stats, "tenant", NULL),
				    get_str(json_array_get(list, j), "job_name",
				    NULL), json_array_get(list, j));
		}
	}
}

static void
add_warnings(struct buf *b, const json_t *all)
{
	const json_t *stats, *list;
	size_t i, j;

	add_head(b, "memkit_warning", "1 for each limit that is crossed");
	for (i = 0; i < json_array_size(all); i++) {
		stats = json_array_get(all, i);
		list = json_object_get(stats, "warnings");
		for (j = 0; j < json_array_size(list); j++) {
			buf_adds(b, "memkit_warning{");
			add_label(b, "tenant", get_str(stats, "tenant", NULL));
			buf_addc(b, ',');
			add_label(b, "what", get_str(json_array_get(list, j),
			    "what", NULL));
			buf_adds(b, "} 1\n");
		}
	}
}

static void
add_artifacts(struct buf *b, const json_t *all)
{
	const json_t *stats, *v;
	const char *status;
	size_t i;

	add_head(b, "memkit_artifacts", "artifacts in each state");
	for (i = 0; i < json_array_size(all); i++) {
		stats = json_array_get(all, i);
		/* a cast: the macro is not made for const */
		json_object_foreach((json_t *)json_object_get(stats,
		    "artifacts"), status, v) {
			buf_adds(b, "memkit_artifacts{");
			add_label(b, "tenant", get_str(stats, "tenant", NULL));
			buf_addc(b, ',');
			add_label(b, "status", status);
			buf_addf(b, "} %" JSON_INTEGER_FORMAT "\n",
			    json_integer_value(v));
		}
	}
}

static int
print_prometheus(struct admin_run *run, const json_t *all, struct err *e)
{
	const struct metric *m;
	struct buf *b = &run->out.b;
	const json_t *stats;
	size_t i;

	for (m = metrics; m < metrics + sizeof metrics / sizeof *metrics; m++) {
		add_head(b, m->name, m->help);
		for (i = 0; i < json_array_size(all); i++) {
			stats = json_array_get(all, i);
			add_sample(b, m, get_str(stats, "tenant", NULL), NULL,
			    stats);
		}
	}
	add_artifacts(b, all);
	add_consumers(b, all);
	add_warnings(b, all);
	return out_flush(&run->out, e);
}

static json_t *gathered;	/* what admin_each_tenant has shown */

static int
gather(struct admin_run *run, const struct store_where *where, struct err *e)
{
	struct store *st = NULL;
	json_t *o = NULL, *list, *artifacts = NULL;
	size_t i;

	(void)run;
	if (cmd_open(&st, where, false, e) == 0 &&
	    (o = stats_json(st, e)) != NULL)
		artifacts = artifact_counts(st, e);
	store_close(st);
	if (artifacts == NULL) {
		json_decref(o);
		return -1;
	}
	json_object_set_new(o, "artifacts", artifacts);
	json_array_append_new(gathered, o);
	list = json_object_get(o, "warnings");
	for (i = 0; i < json_array_size(list); i++)
		cmd_note("%s: %s", get_str(o, "tenant", NULL),
		    get_str(json_array_get(list, i), "message", NULL));
	return admin.check && json_array_size(list) > 0 ? EXIT_NO : EXIT_YES;
}

int
admin_stats(struct admin_run *run, struct err *e)
{
	int r, printed = 0;
	size_t i;

	gathered = json_array();
	r = admin_each_tenant(run, gather, e);
	if (r >= 0 && str_eq(cmd.format, "prometheus"))
		printed = print_prometheus(run, gathered, e);
	else if (r >= 0)
		for (i = 0; printed == 0 && i < json_array_size(gathered); i++)
			printed = out_record(&run->out,
			    json_array_get(gathered, i), e);
	json_decref(gathered);
	return printed < 0 ? -1 : r;
}
