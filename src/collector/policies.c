/* SPDX-License-Identifier: Apache-2.0 */
/* policies - see policies.h. */
#include "collector/policies.h"
#include "audit/event.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/queries.h"

struct kept_policy {
	struct uuid workspace;
	bool is_used;
	int64_t version;
	int64_t checked_ms;
	int64_t asked_ms; /* for the one that gives its place to another */
	struct redact_policy *policy;
};

struct policies {
	struct keyd_client *keys;
	struct kept_policy kept[POLICIES_KEPT];
};

enum err
policies_new(struct keyd_client *keys, struct policies **ret_policies)
{
	struct policies *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	p->keys = keys;
	*ret_policies = p;
	return ERR_OK;
}

static void
forget(struct kept_policy *k)
{
	redact_policy_free(k->policy);
	*k = (struct kept_policy){ .is_used = false };
}

void
policies_free(struct policies *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < POLICIES_KEPT; i++)
		forget(&p->kept[i]);
	free(p);
}

/* The workspace's place, or one for it: a free one, or that of who was away longest. */
static struct kept_policy *
place_of(struct policies *p, const struct uuid *workspace)
{
	struct kept_policy *oldest = &p->kept[0];

	for (size_t i = 0; i < POLICIES_KEPT; i++) {
		struct kept_policy *k = &p->kept[i];

		if (k->is_used && uuid_equals(&k->workspace, workspace))
			return k;
		if (!k->is_used || (oldest->is_used && k->asked_ms < oldest->asked_ms))
			oldest = k;
	}
	forget(oldest);
	return oldest;
}

static enum err
find_newest(struct store *s, int64_t *ret_version)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_NEWEST_REDACTION_VERSION, NULL, 0, &rows);

	if (e == ERR_OK)
		*ret_version = store_int(rows, 0, 0);
	return e;
}

/* The sealed version, and the event that it is about to be opened. */
static enum err
load(struct store *s, int64_t version, struct store_rows **ret_rows)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct uuid event = uuid_new();
	struct uuid policy;
	enum err e = store_run(s, SQL_LOAD_REDACTION_POLICY,
	    (struct store_param[]){ P_INT(version) }, 1, &rows);

	if (e == ERR_OK && store_row_count(rows) != 1)
		e = ERR_CONFLICT;
	if (e != ERR_OK)
		return e;
	policy = store_uuid(rows, 0, 0);
	e = store_run(s, SQL_RECORD_OPENINGS,
	    (struct store_param[]){ P_UUIDS(&event, 1), P_UUIDS(&policy, 1),
		P_TEXT(STR("redaction_policy")), P_TEXT(STR("collector")),
		P_TEXT(STR("redact by the workspace's policy")), P_INT(AUDIT_SENSITIVE_READ) },
	    6, NULL);
	if (e == ERR_OK)
		*ret_rows = TAKE(rows);
	return e;
}

static enum err
open_policy(struct policies *p, const struct uuid *workspace, const struct store_rows *rows,
    struct redact_policy **ret_policy)
{
	CLEANUP(buf) struct buf *text = NULL;
	struct keyd_place place = { "redaction_policies", "sealed", *workspace,
		store_uuid(rows, 0, 0) };
	struct redact_policy_fault fault;
	enum err e = buf_new(POLICY_MAX_BYTES, &text);

	if (e == ERR_OK)
		e = keyd_unseal_policy(p->keys, &place, store_text(rows, 0, 1), text);
	return e == ERR_OK ? redact_policy_read(buf_str(text), ret_policy, &fault) : e;
}

static void
log_unusable(const struct uuid *workspace, int64_t version, enum err e)
{
	char id[UUID_TEXT_BYTES];

	uuid_format(workspace, id);
	log_error("redaction_policy_unusable", LOG_STR("workspace", id),
	    LOG_INT("version", version), LOG_ERR(e));
}

/* The newest version, and its record when it is another than what is kept. */
static enum err
look(struct store *s, const struct uuid *workspace, const struct kept_policy *k,
    int64_t *ret_version, struct store_rows **ret_rows)
{
	enum err e = store_begin(s, workspace);

	if (e != ERR_OK)
		return e;
	e = find_newest(s, ret_version);
	if (e == ERR_OK && *ret_version != 0 && (!k->is_used || k->version != *ret_version))
		e = load(s, *ret_version, ret_rows);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		store_rollback(s);
	return e;
}

/* Brings the place to the newest version; when that fails the place is empty.  Nothing is opened
 * before the event that tells of it has been committed. */
static enum err
refresh(struct policies *p, struct store *s, const struct uuid *workspace, struct kept_policy *k)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct redact_policy *policy = NULL;
	int64_t version = 0;
	enum err e = look(s, workspace, k, &version, &rows);

	if (e == ERR_OK && rows != NULL)
		e = open_policy(p, workspace, rows, &policy);
	if (e != ERR_OK && e != ERR_BUSY)
		log_unusable(workspace, version, e);
	if (e != ERR_OK || !k->is_used || k->version != version) {
		forget(k);
		k->policy = policy;
	}
	if (e == ERR_OK) {
		k->is_used = true;
		k->workspace = *workspace;
		k->version = version;
		k->checked_ms = clock_monotonic_ms();
	}
	return e;
}

enum err
policies_find(struct policies *p, struct store *s, const struct uuid *workspace,
    struct policy_in_force *ret_policy)
{
	struct kept_policy *k = place_of(p, workspace);
	int64_t now_ms = clock_monotonic_ms();
	enum err e = ERR_OK;

	if (!k->is_used || now_ms - k->checked_ms >= POLICY_CHECK_MS)
		e = refresh(p, s, workspace, k);
	if (e != ERR_OK)
		return e;
	k->asked_ms = now_ms;
	*ret_policy = (struct policy_in_force){ k->policy, k->version };
	return ERR_OK;
}
