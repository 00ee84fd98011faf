/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route - the table of operations: who may call what, and which inputs exist.
 *
 * docs/openapi.yaml describes the same; `rendfly api --routes` prints this table and a test holds
 * the two against each other.
 */
#pragma once

#include <stdbool.h>

#include "audit/event.h"
#include "base/err.h"
#include "base/str.h"

#define ROUTE_PREFIX "/api/v1"
#define ROUTE_MAX_QUERIES 6

struct request;

/* Roles of a workspace; an operation names those that may call it. */
enum role_bit {
	ROLE_VIEWER_BIT = 1,
	ROLE_MEMBER_BIT = 2,
	ROLE_ADMIN_BIT = 4,
	ROLE_OWNER_BIT = 8,
};

/* clang-format off */
#define AUDIT_NOT_AUDITED 0
#define NOBODY_NEEDED 0u /* works without a session */
#define EVERYBODY (ROLE_VIEWER_BIT | ROLE_MEMBER_BIT | ROLE_ADMIN_BIT | ROLE_OWNER_BIT)
#define MEMBERS   (ROLE_MEMBER_BIT | ROLE_ADMIN_BIT | ROLE_OWNER_BIT)
#define ADMINS    (ROLE_ADMIN_BIT | ROLE_OWNER_BIT)

/* X(method, pattern, handler, event, object, roles, csrf, has a body, query parameters…).  The event
 * of the audit log is written when the operation succeeds, in its own transaction (audit.h).
 * NOT_AUDITED: counts and names that every member sees anyway, or nothing that is kept; the test of
 * coverage lists each of them with its reason. */
#define ROUTE_TABLE(X) \
	X("POST",  "/login", login_post, AUTHN_LOGIN_SUCCESS, "user", \
	    NOBODY_NEEDED, false, true, NULL) \
	X("POST",  "/logout", logout_post, SESSION_ENDED, "session", \
	    EVERYBODY, true, false, NULL) \
	X("GET",   "/me", me_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/projects", projects_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/projects/{project}/scores", scores_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, "days") \
	X("GET",   "/projects/{project}/rules", rules_get, SENSITIVE_READ, "rules", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/projects/{project}/ingest-keys", keys_get, SENSITIVE_READ, "ingest_keys", \
	    MEMBERS, false, false, NULL) \
	X("POST",  "/projects/{project}/ingest-keys", keys_post, INGEST_KEY_CREATED, "ingest_key", \
	    ADMINS, true, true, NULL) \
	X("DELETE","/projects/{project}/ingest-keys/{key}", keys_delete, INGEST_KEY_REVOKED, "ingest_key", \
	    ADMINS, true, false, NULL) \
	X("GET",   "/redaction", redaction_get, SENSITIVE_READ, "redaction_policy", \
	    MEMBERS, false, false, NULL) \
	X("PUT",   "/redaction", redaction_put, PRIVILEGE_REDACTION_CHANGED, "redaction_policy", \
	    ADMINS, true, true, NULL) \
	X("GET",   "/redaction/versions", redaction_versions_get, SENSITIVE_READ, "redaction_policies", \
	    MEMBERS, false, false, NULL) \
	X("POST",  "/redaction/try", redaction_try_post, NOT_AUDITED, "", \
	    ADMINS, true, true, NULL) \
	X("GET",   "/conversations", conversations_get, SENSITIVE_READ, "conversations", \
	    EVERYBODY, false, false, "project", "verdict", "rule", "before", "limit") \
	X("GET",   "/conversations/{day}/{id}", conversation_get, SENSITIVE_READ, "conversation", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/audit/events", audit_events_get, SYS_AUDIT_READ, "audit_log", \
	    ADMINS, false, false, "event", "outcome", "actor", "object", "before", "limit") \
	X("GET",   "/audit/events/{event}", audit_event_get, SYS_AUDIT_READ, "audit_event", \
	    ADMINS, false, false, NULL) \
	X("GET",   "/audit/events/{event}/proof", audit_proof_get, SYS_AUDIT_READ, "audit_event", \
	    ADMINS, false, false, NULL) \
	X("GET",   "/audit/export", audit_export_get, SYS_AUDIT_EXPORTED, "audit_log", \
	    ADMINS, false, false, "after", "size", "limit") \
	X("GET",   "/audit/checkpoint", audit_checkpoint_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/audit/consistency", audit_consistency_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, "from", "to") \
	X("GET",   "/captures", captures_get, NOT_AUDITED, "", \
	    EVERYBODY, false, false, NULL) \
	X("GET",   "/healthz", healthz_get, NOT_AUDITED, "", \
	    NOBODY_NEEDED, false, false, NULL) \
	X("GET",   "/readyz", readyz_get, NOT_AUDITED, "", \
	    NOBODY_NEEDED, false, false, NULL)

/* clang-format on */

struct route {
	const char *method;
	const char *pattern;
	enum err (*handle)(struct request *r);
	unsigned int event;      /* of AUDIT_EVENTS; AUDIT_NOT_AUDITED: none */
	const char *object_kind; /* what the event is about */
	unsigned int roles;      /* of enum role_bit; NOBODY_NEEDED: no session */
	bool needs_csrf;
	bool has_body;
	const char *queries[ROUTE_MAX_QUERIES]; /* NULL at the end */
};

#define ROUTE_DECLARE(method, pattern, function, ...) enum err function(struct request *r);
ROUTE_TABLE(ROUTE_DECLARE)
#undef ROUTE_DECLARE

extern const struct route route_table[];
extern const size_t route_count;

/* The role's bit, 0 for a name that is none. */
unsigned int role_bit_of(struct str role);

/* One JSON object a line, for the test against docs/openapi.yaml. */
void route_print_table(void);
