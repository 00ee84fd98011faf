/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - what the audit log may say, and the bytes of a leaf.
 *
 * Names are those of the OWASP logging vocabulary where it has one, and of its families otherwise.
 * A number never changes its meaning and is never used again.
 *
 * A leaf is
 *
 *   version u8 (1) | workspace 16 | ws_seq u64 | event id 16 | at_us u64 | event u16 | outcome u8 |
 *   actor kind, actor, source, request id, object kind, object id, detail: each u16 length and
 * bytes
 *
 * big-endian, and nothing behind it.  The installation's own events have workspace zero.  ws_seq
 * counts each workspace's events from 1 without gaps.  `source` is a sealed record: personal data
 * stands in no leaf in the clear, so a key that is destroyed erases it and leaves the tree whole.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#define AUDIT_LEAF_VERSION 1
#define AUDIT_FIELD_MAX_BYTES 1024
#define AUDIT_LEAF_MAX_BYTES 8192

enum audit_emitter {
	AUDIT_BY_EDGE = 1 << 0,
	AUDIT_BY_COLLECTOR = 1 << 1,
	AUDIT_BY_API = 1 << 2,
	AUDIT_BY_JUDGE = 1 << 3,
	AUDIT_BY_STEWARD = 1 << 4,
	AUDIT_BY_KEYD = 1 << 5,
	AUDIT_BY_SETUP = 1 << 6,
	AUDIT_BY_OPERATOR = 1 << 7,
};

/* A name that is kept for an act that is not built: nobody may emit it. */
#define AUDIT_RESERVED 0

/* X(number, NAME, name, who emits it): tools/check-events fails the build when a process that is
 * named here does not, or another does. */
/* clang-format off */
#define AUDIT_EVENTS(X)                                                                            \
	X(1, AUTHN_LOGIN_SUCCESS, "authn_login_success", AUDIT_BY_API) \
	X(2, AUTHN_LOGIN_SUCCESS_AFTER_FAIL, "authn_login_successafterfail", AUDIT_RESERVED) \
	X(3, AUTHN_LOGIN_FAIL, "authn_login_fail", AUDIT_BY_API) \
	X(4, AUTHN_LOGIN_FAIL_MAX, "authn_login_fail_max", AUDIT_RESERVED) \
	X(5, AUTHN_LOGIN_LOCK, "authn_login_lock", AUDIT_BY_API) \
	X(6, AUTHN_PASSWORD_CHANGE, "authn_password_change", AUDIT_RESERVED) \
	X(7, AUTHN_PASSWORD_CHANGE_FAIL, "authn_password_change_fail", AUDIT_RESERVED) \
	X(8, AUTHN_FACTOR_ADDED, "authn_factor_added", AUDIT_RESERVED) \
	X(9, AUTHN_FACTOR_REMOVED, "authn_factor_removed", AUDIT_RESERVED) \
	X(10, AUTHN_FACTOR_FAIL, "authn_factor_fail", AUDIT_RESERVED) \
	X(11, AUTHN_TOKEN_CREATED, "authn_token_created", AUDIT_RESERVED) \
	X(12, AUTHN_TOKEN_REVOKED, "authn_token_revoked", AUDIT_RESERVED) \
	X(13, AUTHN_TOKEN_REUSE, "authn_token_reuse", AUDIT_BY_API) \
	X(14, AUTHN_TOKEN_DELETE, "authn_token_delete", AUDIT_RESERVED) \
	X(20, AUTHZ_FAIL, "authz_fail", AUDIT_BY_API) \
	X(21, AUTHZ_CHANGE, "authz_change", AUDIT_RESERVED) \
	X(22, AUTHZ_ADMIN, "authz_admin", AUDIT_RESERVED) \
	X(30, CRYPT_DECRYPT_FAIL, "crypt_decrypt_fail", AUDIT_BY_API | AUDIT_BY_JUDGE) \
	X(31, CRYPT_ENCRYPT_FAIL, "crypt_encrypt_fail", AUDIT_RESERVED) \
	X(32, CRYPT_KEY_CREATED, "crypt_key_created", AUDIT_BY_SETUP | AUDIT_BY_OPERATOR) \
	X(33, CRYPT_KEY_ROTATED, "crypt_key_rotated", AUDIT_BY_OPERATOR) \
	X(34, CRYPT_KEY_REWRAPPED, "crypt_key_rewrapped", AUDIT_BY_STEWARD) \
	X(35, CRYPT_KEY_RETIRED, "crypt_key_retired", AUDIT_BY_OPERATOR) \
	X(36, CRYPT_KEY_DESTROYED, "crypt_key_destroyed", AUDIT_BY_OPERATOR) \
	X(37, CRYPT_ROOT_ROTATED, "crypt_root_rotated", AUDIT_BY_OPERATOR) \
	X(38, CRYPT_BUDGET_SPENT, "crypt_budget_spent", AUDIT_RESERVED) \
	X(39, CRYPT_TOKEN_KEY_ROTATED, "crypt_token_key_rotated", AUDIT_BY_OPERATOR) \
	X(40, EXCESS_RATE_LIMIT_EXCEEDED, "excess_rate_limit_exceeded", AUDIT_RESERVED) \
	X(41, EXCESS_EXPORT, "excess_export", AUDIT_RESERVED) \
	X(45, INPUT_VALIDATION_FAIL, "input_validation_fail", AUDIT_BY_JUDGE) \
	X(46, INPUT_VALIDATION_DISCRETE_FAIL, "input_validation_discrete_fail", AUDIT_RESERVED) \
	X(50, MALICIOUS_EXCESS_404, "malicious_excess_404", AUDIT_RESERVED) \
	X(51, MALICIOUS_EXTRANEOUS, "malicious_extraneous", AUDIT_RESERVED) \
	X(52, MALICIOUS_CORS, "malicious_cors", AUDIT_BY_API) \
	X(53, MALICIOUS_CSRF, "malicious_csrf", AUDIT_BY_API) \
	X(54, MALICIOUS_DIRECT_REFERENCE, "malicious_direct_reference", AUDIT_RESERVED) \
	X(55, MALICIOUS_JUDGE_ANSWER, "malicious_judge_answer", AUDIT_RESERVED) \
	X(60, PRIVILEGE_PERMISSIONS_CHANGED, "privilege_permissions_changed", AUDIT_RESERVED) \
	X(61, PRIVILEGE_REDACTION_CHANGED, "privilege_redaction_changed", AUDIT_BY_API) \
	X(62, PRIVILEGE_LIMITS_CHANGED, "privilege_limits_changed", AUDIT_RESERVED) \
	X(63, PRIVILEGE_RETENTION_CHANGED, "privilege_retention_changed", AUDIT_RESERVED) \
	X(70, SENSITIVE_CREATE, "sensitive_create", AUDIT_BY_COLLECTOR) \
	X(71, SENSITIVE_READ, "sensitive_read", AUDIT_BY_API | AUDIT_BY_JUDGE | AUDIT_BY_COLLECTOR) \
	X(72, SENSITIVE_UPDATE, "sensitive_update", AUDIT_RESERVED) \
	X(73, SENSITIVE_DELETE, "sensitive_delete", AUDIT_RESERVED) \
	X(74, SENSITIVE_EXPORT, "sensitive_export", AUDIT_BY_JUDGE) \
	X(75, SENSITIVE_ERASED, "sensitive_erased", AUDIT_BY_OPERATOR) \
	X(76, SENSITIVE_EXPIRED, "sensitive_expired", AUDIT_BY_STEWARD) \
	X(80, SESSION_CREATED, "session_created", AUDIT_RESERVED) \
	X(81, SESSION_RENEWED, "session_renewed", AUDIT_RESERVED) \
	X(82, SESSION_EXPIRED, "session_expired", AUDIT_RESERVED) \
	X(83, SESSION_USE_AFTER_EXPIRE, "session_use_after_expire", AUDIT_RESERVED) \
	X(84, SESSION_ENDED, "session_ended", AUDIT_BY_API) \
	X(90, SYS_STARTUP, "sys_startup", AUDIT_BY_STEWARD | AUDIT_BY_SETUP) \
	X(91, SYS_SHUTDOWN, "sys_shutdown", AUDIT_RESERVED) \
	X(92, SYS_CRASH, "sys_crash", AUDIT_RESERVED) \
	X(93, SYS_MIGRATED, "sys_migrated", AUDIT_BY_SETUP) \
	X(94, SYS_CONFIG_CHANGED, "sys_config_changed", AUDIT_RESERVED) \
	X(95, SYS_MONITOR_DISABLED, "sys_monitor_disabled", AUDIT_RESERVED) \
	X(96, SYS_MONITOR_ENABLED, "sys_monitor_enabled", AUDIT_RESERVED) \
	X(97, SYS_AUDIT_READ, "sys_audit_read", AUDIT_BY_API) \
	X(98, SYS_AUDIT_EXPORTED, "sys_audit_exported", AUDIT_BY_API | AUDIT_BY_OPERATOR) \
	X(99, SYS_AUDIT_PRUNED, "sys_audit_pruned", AUDIT_BY_STEWARD) \
	X(100, USER_CREATED, "user_created", AUDIT_BY_SETUP) \
	X(101, USER_UPDATED, "user_updated", AUDIT_RESERVED) \
	X(102, USER_ARCHIVED, "user_archived", AUDIT_RESERVED) \
	X(103, USER_DELETED, "user_deleted", AUDIT_RESERVED) \
	X(104, WORKSPACE_CREATED, "workspace_created", AUDIT_BY_SETUP) \
	X(105, WORKSPACE_DELETED, "workspace_deleted", AUDIT_RESERVED) \
	X(106, PROJECT_CREATED, "project_created", AUDIT_BY_SETUP) \
	X(110, INGEST_KEY_CREATED, "ingest_key_created", AUDIT_BY_API | AUDIT_BY_SETUP) \
	X(111, INGEST_KEY_REVOKED, "ingest_key_revoked", AUDIT_BY_API) \
	X(112, INGEST_KEYS_PUBLISHED, "ingest_keys_published", AUDIT_BY_STEWARD) \
	X(113, CAPTURE_REFUSED, "capture_refused", AUDIT_BY_COLLECTOR)

/* clang-format on */

enum audit_name {

#define AUDIT_EVENT_ENUM(number, NAME, ...) AUDIT_##NAME = (number),
	AUDIT_EVENTS(AUDIT_EVENT_ENUM)
#undef AUDIT_EVENT_ENUM
};

enum audit_outcome { AUDIT_SUCCESS = 1, AUDIT_DENIED = 2, AUDIT_FAILED = 3 };

struct audit_event {
	struct uuid workspace;
	uint64_t ws_seq;
	struct uuid event_id;
	uint64_t at_us; /* Unix time */
	uint16_t name;
	uint8_t outcome;
	struct str actor_kind; /* user, ingest_key, api_key, process, operator, nobody */
	struct str actor;
	struct str source; /* sealed */
	struct str request_id;
	struct str object_kind;
	struct str object_id;
	struct str detail; /* public, short */
};

/* The name's text; NULL for a number that is none. */
const char *audit_name_text(unsigned int number);

/* Its number; 0 for a text that is none. */
unsigned int audit_number_of(struct str text);

/* The process's name, as an event's actor. */
const char *audit_emitter_name(enum audit_emitter emitter);

/* Whether the emitter's bit stands in the name's row. */
bool audit_may_emit(unsigned int number, enum audit_emitter emitter);

/* ERR_TOO_LARGE: a field over its cap.  ERR_BUG: no such event or outcome. */
MUST_CHECK enum err audit_leaf_write(const struct audit_event *event, struct buf *out);

/* Strict: what it accepts, audit_leaf_write() writes back byte for byte.  Views point into leaf. */
MUST_CHECK enum err audit_leaf_read(struct str leaf, struct audit_event *ret_event);
