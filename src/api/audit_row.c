/* SPDX-License-Identifier: Apache-2.0 */
#include "api/audit_row.h"

#include <inttypes.h>
#include <stdio.h>

#include "audit/base64.h"

#define MAX_FIELD_BYTES (64u << 10)
#define CURSOR_BYTES (UUID_TEXT_BYTES + 24)
#define MAX_CURSOR_DIGITS 17

enum column {
	EVENT_ID,
	AT_US,
	NAME,
	OUTCOME,
	ACTOR_KIND,
	ACTOR,
	SOURCE,
	REQUEST_ID,
	OBJECT_KIND,
	OBJECT_ID,
	DETAIL,
	WS_SEQ,
	LEAF_INDEX,
	LEAF_HASH
};

static const char *const outcome_names[] = {
	[AUDIT_SUCCESS] = "success", [AUDIT_DENIED] = "denied", [AUDIT_FAILED] = "failed"
};

enum err
audit_row_read(const struct request *r, const struct store_rows *rows, size_t i,
    struct audit_row *ret_row)
{
	struct audit_row row = { .has_leaf = !store_is_null(rows, i, LEAF_INDEX) };
	struct str hash = store_text(rows, i, LEAF_HASH);

	row.event = (struct audit_event){ .workspace = r->session.workspace,
		.event_id = store_uuid(rows, i, EVENT_ID),
		.at_us = (uint64_t)store_int(rows, i, AT_US),
		.name = (uint16_t)store_int(rows, i, NAME),
		.outcome = (uint8_t)store_int(rows, i, OUTCOME),
		.actor_kind = store_text(rows, i, ACTOR_KIND),
		.actor = store_text(rows, i, ACTOR),
		.source = store_text(rows, i, SOURCE),
		.request_id = store_text(rows, i, REQUEST_ID),
		.object_kind = store_text(rows, i, OBJECT_KIND),
		.object_id = store_text(rows, i, OBJECT_ID),
		.detail = store_text(rows, i, DETAIL) };
	if (row.has_leaf) {
		if (hash.len != MERKLE_HASH_BYTES)
			return ERR_MALFORMED;
		row.event.ws_seq = (uint64_t)store_int(rows, i, WS_SEQ);
		row.leaf_index = (uint64_t)store_int(rows, i, LEAF_INDEX);
		memcpy(row.leaf_hash.bytes, hash.at, MERKLE_HASH_BYTES);
	}
	*ret_row = row;
	return ERR_OK;
}

static void
put_name(struct json_out *j, const struct audit_event *e)
{
	const char *name = audit_name_text(e->name);
	bool is_outcome = e->outcome >= AUDIT_SUCCESS && e->outcome <= AUDIT_FAILED;

	/* What a superuser put there may be no event of ours: it must still be seen. */
	json_put_text(j, "event", name == NULL ? STR("unknown") : str_from(name));
	json_put_text(j, "outcome",
	    is_outcome ? str_from(outcome_names[e->outcome]) : STR("unknown"));
}

void
audit_row_write(struct json_out *j, const struct audit_row *row, struct str email)
{
	const struct audit_event *e = &row->event;

	json_put_uuid(j, "event_id", &e->event_id);
	json_put_time(j, "at", (int64_t)e->at_us);
	put_name(j, e);
	json_put_text(j, "actor_kind", e->actor_kind);
	json_put_text(j, "actor", e->actor);
	if (email.at == NULL)
		json_put_null(j, "actor_email");
	else
		json_put_text(j, "actor_email", email);
	json_put_text(j, "request_id", e->request_id);
	json_put_text(j, "object_kind", e->object_kind);
	json_put_text(j, "object_id", e->object_id);
	json_put_text(j, "detail", e->detail);
	if (row->has_leaf) {
		json_put_int(j, "number", (int64_t)e->ws_seq);
		json_put_int(j, "leaf_index", (int64_t)row->leaf_index);
	} else {
		json_put_null(j, "number");
		json_put_null(j, "leaf_index");
	}
}

enum err
audit_put_bytes(struct json_out *j, const char *name, struct str bytes)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(MAX_FIELD_BYTES, &text);

	if (e == ERR_OK)
		e = base64_encode(bytes, text);
	if (e == ERR_OK)
		json_put_text(j, name, buf_str(text));
	return e;
}

bool
audit_cursor_read(struct request *r, struct audit_cursor *ret_cursor)
{
	struct str text = request_query(r, "before");
	struct audit_cursor c = { .is_given = text.at != NULL };
	size_t n = 0;

	while (c.is_given && n < text.len && n < MAX_CURSOR_DIGITS && text.at[n] >= '0' &&
	    text.at[n] <= '9')
		c.at_us = 10 * c.at_us + (text.at[n++] - '0');
	if (c.is_given &&
	    (n == 0 || n == text.len || text.at[n] != '.' ||
		!uuid_parse(str_slice(text, n + 1, text.len), &c.event))) {
		return request_refuse_parameter(r, "The parameter before is no cursor.",
		    "Send the `next` of an earlier answer, unchanged.");
	}
	*ret_cursor = c;
	return true;
}

void
audit_cursor_write(struct json_out *j, const struct audit_row *row)
{
	char id[UUID_TEXT_BYTES], text[CURSOR_BYTES];

	uuid_format(&row->event.event_id, id);
	(void)snprintf(text, sizeof(text), "%" PRIu64 ".%s", row->event.at_us, id);
	json_put_text(j, "next", str_from(text));
}
