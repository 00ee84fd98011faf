/* SPDX-License-Identifier: Apache-2.0 */
/* status - run/status.json: the children as they are now, and the machine's troubles. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "supervisor/supervisor.h"

#define STATUS_MAX_BYTES 16384

static enum err
append_child(struct buf *b, const struct supervisor *s, enum child_id id)
{
	const struct child *c = &s->children[id];
	int64_t since_ms = clock_wall_ms() - (clock_monotonic_ms() - c->started_ms);

	return buf_printf(b,
	    ",\n    {\"role\": \"%s\", \"pid\": %d, \"restarts\": %u, \"since_ms\": %" PRId64 "}",
	    child_kinds[id].name, (int)c->pid, c->restarts, since_ms);
}

/* What would end a JSON string early stands in no text of ours; a path may hold it. */
static enum err
append_trouble(struct buf *b, const struct watch *w, bool is_first)
{
	struct err_detail text = w->trouble;

	for (char *at = text.text; *at != '\0'; at++)
		if (*at == '"' || *at == '\\' || (unsigned char)*at < 0x20)
			*at = '\'';
	return buf_printf(b, "%s\n    \"%s\"", is_first ? "" : ",", text.text);
}

static enum err
append_troubles(struct buf *b, const struct supervisor *s)
{
	bool is_first = true;
	enum err e = ERR_OK;

	for (int id = 0; e == ERR_OK && id < N_WATCHES; id++) {
		if (s->watches[id].trouble.text[0] == '\0')
			continue;
		e = append_trouble(b, &s->watches[id], is_first);
		is_first = false;
	}
	return e;
}

void
status_write(const struct supervisor *s)
{
	CLEANUP(buf) struct buf *b = NULL;
	char path[CONF_PATH_BYTES + 32];
	struct err_detail detail;
	enum err e = buf_new(STATUS_MAX_BYTES, &b);

	if (e == ERR_OK)
		e = buf_printf(b,
		    "{\n  \"processes\": [\n    {\"role\": \"supervisor\", \"pid\": %d, \"restarts\": 0}",
		    (int)getpid());
	for (int id = 0; e == ERR_OK && id < N_CHILDREN; id++)
		if (s->children[id].is_wanted)
			e = append_child(b, s, (enum child_id)id);
	if (e == ERR_OK)
		e = buf_append_str(b, STR("\n  ],\n  \"troubles\": ["));
	if (e == ERR_OK)
		e = append_troubles(b, s);
	if (e == ERR_OK)
		e = buf_append_str(b, STR("\n  ]\n}\n"));
	(void)snprintf(path, sizeof(path), "%s/run/status.json", s->conf.dir);
	if (e == ERR_OK)
		e = file_replace(path, buf_str(b), 0600, &detail);
	if (e != ERR_OK)
		(void)fprintf(stderr, "supervisor: %s cannot be written\n", path);
}
