/* SPDX-License-Identifier: Apache-2.0 */
/* system_message - see system_message.h. */
#include "collector/system_message.h"

#include <openssl/evp.h>

#include "rules/rules.h"
#include "store/queries.h"
#include "trail/trail.h"

#define SEALED_MAX_BYTES (IPC_MAX_BYTES)

static enum err
make_mac(struct keeper *k, const struct uuid *workspace,
    const uint8_t digest[static SYSTEM_DIGEST_BYTES], uint8_t ret_mac[static KEYD_MAC_BYTES])
{
	const struct str value = { (const char *)digest, SYSTEM_DIGEST_BYTES };

	return keyd_macs(k->keys, workspace, KEYD_MAC_SYSTEM, &value, 1, ret_mac);
}

static enum err
seal_text(struct keeper *k, struct arena *a, const struct keyd_place *place, struct str text,
    struct str *ret_record)
{
	CLEANUP(buf) struct buf *record = NULL;
	enum err e = buf_new(SEALED_MAX_BYTES, &record);

	if (e == ERR_OK)
		e = keyd_seal(k->keys, place, text, record);
	if (e != ERR_OK)
		return e;
	*ret_record = arena_copy(a, buf_str(record));
	return ret_record->at == NULL ? ERR_NOMEM : ERR_OK;
}

/* The columns of a rule set, one array each. */
struct rule_columns {
	struct uuid *ids;
	struct str *categories;
	int64_t *has_check;
	struct str *sealed;
};

static enum err
fill_columns(struct keeper *k, struct arena *a, const struct uuid *workspace,
    const struct rule_set *rules, struct rule_columns *columns)
{
	CLEANUP(buf) struct buf *json = NULL;
	enum err e = buf_new(SEALED_MAX_BYTES, &json);

	for (size_t i = 0; e == ERR_OK && i < rules->n_rules; i++) {
		const struct keyd_place place = { "rules", "sealed", *workspace, uuid_new() };

		buf_clear(json);
		e = rule_write(&rules->rules[i], json);
		if (e == ERR_OK)
			e = seal_text(k, a, &place, buf_str(json), &columns->sealed[i]);
		columns->ids[i] = place.row;
		columns->categories[i] = str_from(rule_category_name(rules->rules[i].category));
		columns->has_check[i] = rules->rules[i].check != NULL;
	}
	return e;
}

/* The contract that an agent is judged by from now on. */
static enum err
add_event(struct keeper *k, const struct uuid *workspace, const struct uuid *system_message)
{
	const struct trail_act act = { .by = AUDIT_BY_COLLECTOR,
		.name = AUDIT_SENSITIVE_CREATE,
		.outcome = AUDIT_SUCCESS,
		.workspace = *workspace,
		.object_kind = "system_message",
		.object = *system_message,
		.detail = "kept sealed, its rules extracted" };

	return trail_add(k->store, &act);
}

static enum err
insert_rules(struct keeper *k, struct arena *a, const struct uuid *workspace,
    const struct uuid *project, const struct uuid *system_message, struct str text)
{
	struct rule_set rules = { 0 };
	struct rule_columns c;
	size_t n;
	enum err e = rules_extract_offline(a, text, &rules);

	n = rules.n_rules;
	if (e != ERR_OK || n == 0)
		return e;
	c = (struct rule_columns){ arena_alloc_array(a, n, sizeof(*c.ids)),
		arena_alloc_array(a, n, sizeof(*c.categories)),
		arena_alloc_array(a, n, sizeof(*c.has_check)),
		arena_alloc_array(a, n, sizeof(*c.sealed)) };
	if (c.ids == NULL || c.categories == NULL || c.has_check == NULL || c.sealed == NULL)
		return ERR_NOMEM;
	e = fill_columns(k, a, workspace, &rules, &c);
	if (e == ERR_OK) {
		const struct store_param params[] = { P_UUID(project), P_UUID(system_message),
			P_UUIDS(c.ids, n), P_TEXTS(c.categories, n), P_INTS(c.has_check, n),
			P_BYTEAS(c.sealed, n) };

		e = store_run(k->store, SQL_INSERT_RULES, params, 6, NULL);
	}
	return e;
}

static enum err
find(struct keeper *k, const struct uuid *project, struct str digest, struct uuid *ret_id)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param params[] = { P_UUID(project), P_BYTEA(digest) };
	enum err e = store_run(k->store, SQL_FIND_SYSTEM_MESSAGE, params, 2, &rows);

	if (e != ERR_OK)
		return e;
	if (store_row_count(rows) == 0)
		return ERR_NOT_FOUND;
	*ret_id = store_uuid(rows, 0, 0);
	return ERR_OK;
}

/* ERR_BUSY when another collector stored the same one meanwhile: the next try finds it. */
static enum err
insert(struct keeper *k, struct arena *a, const struct uuid *workspace, const struct uuid *project,
    struct str digest, struct str text, struct uuid *ret_id)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct keyd_place place = { "system_messages", "sealed", *workspace, uuid_new() };
	struct str sealed;
	enum err e = seal_text(k, a, &place, text, &sealed);

	if (e == ERR_OK) {
		const struct store_param params[] = { P_UUID(&place.row), P_UUID(project),
			P_BYTEA(digest), P_BYTEA(sealed) };

		e = store_run(k->store, SQL_INSERT_SYSTEM_MESSAGE, params, 4, &rows);
	}
	if (e == ERR_OK && store_row_count(rows) == 0)
		e = ERR_BUSY;
	if (e == ERR_OK)
		e = insert_rules(k, a, workspace, project, &place.row, text);
	if (e == ERR_OK)
		e = add_event(k, workspace, &place.row);
	if (e == ERR_OK)
		*ret_id = place.row;
	return e == ERR_CONFLICT ? ERR_BUSY : e;
}

static enum err
find_or_insert(struct keeper *k, struct arena *a, const struct system_message_known *wanted,
    struct str text, struct uuid *ret_id)
{
	uint8_t mac[KEYD_MAC_BYTES];
	const struct str digest = { (const char *)mac, sizeof(mac) };
	enum err e = make_mac(k, &wanted->workspace, wanted->digest, mac);

	if (e == ERR_OK)
		e = store_begin(k->store, &wanted->workspace);
	if (e != ERR_OK)
		return e;
	e = find(k, &wanted->project, digest, ret_id);
	if (e == ERR_NOT_FOUND)
		e = insert(k, a, &wanted->workspace, &wanted->project, digest, text, ret_id);
	if (e == ERR_OK)
		return store_commit(k->store);
	store_rollback(k->store);
	return e;
}

enum err
system_message_keep(struct keeper *k, struct arena *a, const struct uuid *workspace,
    const struct uuid *project, struct str text, struct uuid *ret_id)
{
	struct system_message_known wanted = { .workspace = *workspace, .project = *project };
	struct system_message_known *known;
	enum err e;

	if (EVP_Digest(text.at, text.len, wanted.digest, NULL, EVP_sha256(), NULL) != 1)
		return ERR_NOMEM;
	known = &k->known_system_messages[wanted.digest[0] % SYSTEM_MESSAGES_KNOWN];
	if (uuid_equals(&known->workspace, workspace) && uuid_equals(&known->project, project) &&
	    memcmp(known->digest, wanted.digest, sizeof(wanted.digest)) == 0) {
		*ret_id = known->id;
		return ERR_OK;
	}
	e = find_or_insert(k, a, &wanted, text, ret_id);
	if (e != ERR_OK)
		return e;
	wanted.id = *ret_id;
	*known = wanted;
	return ERR_OK;
}
