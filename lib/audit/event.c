/* SPDX-License-Identifier: Apache-2.0 */
/* event - the vocabulary's table, and leaves to bytes and back. */
#include "audit/event.h"

#include "base/big_endian.h"

#define N_FIELDS 7
#define HEAD_BYTES (1 + UUID_BYTES + 8 + UUID_BYTES + 8 + 2 + 1)

static const struct row {
	const char *text;
	unsigned int emitters;
	uint16_t number;
} rows[] = {

#define AUDIT_EVENT_ROW(number, NAME, text, emitters) { (text), (emitters), (number) },
	AUDIT_EVENTS(AUDIT_EVENT_ROW)
#undef AUDIT_EVENT_ROW
};

static const struct row *
row_of(unsigned int number)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

const char *
audit_name_text(unsigned int number)
{
	const struct row *row = row_of(number);

	return row == NULL ? NULL : row->text;
}

unsigned int
audit_number_of(struct str text)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_equals(text, str_from(rows[i].text)))
			return rows[i].number;
	return 0;
}

const char *
audit_emitter_name(enum audit_emitter emitter)
{
	static const struct {
		enum audit_emitter emitter;
		const char *name;
	} names[] = { { AUDIT_BY_EDGE, "edge" }, { AUDIT_BY_COLLECTOR, "collector" },
		{ AUDIT_BY_API, "api" }, { AUDIT_BY_JUDGE, "judge" },
		{ AUDIT_BY_STEWARD, "steward" }, { AUDIT_BY_KEYD, "keyd" },
		{ AUDIT_BY_SETUP, "setup" }, { AUDIT_BY_OPERATOR, "operator" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].emitter == emitter)
			return names[i].name;
	return "";
}

bool
audit_may_emit(unsigned int number, enum audit_emitter emitter)
{
	const struct row *row = row_of(number);

	return row != NULL && (row->emitters & (unsigned int)emitter) != 0;
}

static enum err
put_number(struct buf *out, uint64_t v, unsigned int n)
{
	enum err e = ERR_OK;

	while (n-- > 0 && e == ERR_OK)
		e = buf_append_byte(out, (char)(v >> (8 * n) & 0xff));
	return e;
}

static bool
is_known(const struct audit_event *event)
{
	return row_of(event->name) != NULL && event->outcome >= AUDIT_SUCCESS &&
	    event->outcome <= AUDIT_FAILED;
}

static enum err
put_head(const struct audit_event *event, struct buf *out)
{
	enum err e = put_number(out, AUDIT_LEAF_VERSION, 1);

	if (e == ERR_OK)
		e = buf_append(out, event->workspace.bytes, UUID_BYTES);
	if (e == ERR_OK)
		e = put_number(out, event->ws_seq, 8);
	if (e == ERR_OK)
		e = buf_append(out, event->event_id.bytes, UUID_BYTES);
	if (e == ERR_OK)
		e = put_number(out, event->at_us, 8);
	if (e == ERR_OK)
		e = put_number(out, event->name, 2);
	if (e == ERR_OK)
		e = put_number(out, event->outcome, 1);
	return e;
}

enum err
audit_leaf_write(const struct audit_event *event, struct buf *out)
{
	const struct str fields[N_FIELDS] = { event->actor_kind, event->actor, event->source,
		event->request_id, event->object_kind, event->object_id, event->detail };
	size_t before = buf_len(out);
	enum err e;

	if (!is_known(event))
		return ERR_BUG;
	e = put_head(event, out);
	for (size_t i = 0; i < N_FIELDS && e == ERR_OK; i++) {
		if (fields[i].len > AUDIT_FIELD_MAX_BYTES)
			e = ERR_TOO_LARGE;
		if (e == ERR_OK)
			e = put_number(out, fields[i].len, 2);
		if (e == ERR_OK)
			e = buf_append_str(out, fields[i]);
	}
	if (e != ERR_OK)
		buf_truncate(out, before);
	return e;
}

static bool
get_field(struct str *left, struct str *ret_field)
{
	size_t len;

	if (left->len < 2)
		return false;
	len = (size_t)big_endian_get(left->at, 2);
	if (len > AUDIT_FIELD_MAX_BYTES || left->len - 2 < len)
		return false;
	*ret_field = (struct str){ left->at + 2, len };
	*left = (struct str){ left->at + 2 + len, left->len - 2 - len };
	return true;
}

enum err
audit_leaf_read(struct str leaf, struct audit_event *ret_event)
{
	struct audit_event v = { 0 };
	struct str *const fields[N_FIELDS] = { &v.actor_kind, &v.actor, &v.source, &v.request_id,
		&v.object_kind, &v.object_id, &v.detail };
	const char *at = leaf.at;
	struct str left;

	if (leaf.len < HEAD_BYTES || *at != AUDIT_LEAF_VERSION)
		return ERR_MALFORMED;
	memcpy(v.workspace.bytes, at + 1, UUID_BYTES);
	v.ws_seq = big_endian_get(at + 17, 8);
	memcpy(v.event_id.bytes, at + 25, UUID_BYTES);
	v.at_us = big_endian_get(at + 41, 8);
	v.name = (uint16_t)big_endian_get(at + 49, 2);
	v.outcome = (uint8_t)at[51];
	left = (struct str){ at + HEAD_BYTES, leaf.len - HEAD_BYTES };
	for (size_t i = 0; i < N_FIELDS; i++)
		if (!get_field(&left, fields[i]))
			return ERR_MALFORMED;
	if (left.len != 0 || !is_known(&v))
		return ERR_MALFORMED;
	*ret_event = v;
	return ERR_OK;
}
