/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf - the configuration: one table from which the parser, the defaults, `rendfly config` and
 * docs/config.md come.
 *
 * The file has `name = value` lines and # comments.  An unknown name, a value out of range or a
 * line of another shape stops the start with the line's number.  Beside the table there are
 * `provider.NAME = URL` lines (https only) with `provider.NAME.ca = FILE` for a provider whose
 * certificate no public authority signed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CONF_MAX_PROVIDERS 16
#define CONF_PATH_BYTES 256
#define CONF_VALUE_BYTES 256

/* X(name, type, default, minimum or 0, maximum or bytes, help) */
/* clang-format off */
#define CONF_TABLE(X)                                                                              \
	X(listen_address, TEXT, "127.0.0.1", 0, 0, "address the edge listens on")                      \
	X(listen_port, INT, 8443, 1, 65535, "TLS port of agents, API and pages")                       \
	X(metrics_port, INT, 9464, 1, 65535, "loopback port of /metrics")                              \
	X(public_url, TEXT, "https://localhost:8443", 0, 0, "what people type; cookies and CORS use it") \
	X(edge_workers, INT, 2, 1, 64, "nginx worker processes")                                       \
	X(edge_http2, BOOL, 1, 0, 1, "HTTP/2 beside HTTP/1.1; 0: HTTP/1.1 only")                           \
	X(body_max_mb, INT, 32, 1, 256, "largest request body; larger ones get 413")                   \
	X(body_deadline_s, INT, 300, 1, 3600, "a request's header and body must have come by then")    \
	X(capture_memory_mb, INT, 64, 1, 4096, "captures waiting in memory, per edge worker")          \
	X(capture_max_mb, INT, 16, 1, 256, "largest single capture; larger ones are dropped, counted") \
	X(keytable_stale_s, INT, 600, 10, 86400, "older key table: capture stops; twice as old: refuse") \
	X(rate_per_minute, INT, 6000, 1, 10000000, "requests a minute of a new workspace")             \
	X(rate_burst, INT, 200, 1, 1000000, "requests at once of a new workspace")                     \
	X(postgres_port, INT, 54329, 1, 65535, "loopback port of the private cluster")                 \
	X(postgres_host, TEXT, "localhost", 0, 0, "the name in the server's certificate")              \
	X(postgres_bin, TEXT, "/usr/lib/postgresql/15/bin", 0, 0, "folder of postgres and initdb")     \
	X(postgres_private, BOOL, 1, 0, 1, "the supervisor runs the private cluster under its folder") \
	X(nginx_bin, TEXT, "/usr/sbin/nginx", 0, 0, "the nginx program")                               \
	X(user_prefix, TEXT, "rendfly", 0, 0, "system users are PREFIX-edge, PREFIX-keyd, …")          \
	X(retention_days, INT, 30, 1, 3650, "conversations older than this are dropped")               \
	X(audit_interval_s, INT, 10, 1, 60, "the audit log's batches are closed and signed this often")    \
	X(audit_origin, TEXT, "rendfly/audit", 0, 0, "the log's name in its checkpoints; never changed later") \
	X(audit_retention_months, INT, 12, 12, 120, "events older than this are dropped, their hashes stay")  \
	X(keyd_unseals_per_minute, INT, 1000, 1, 1000000, "values a process may have opened, per workspace") \
	X(keyd_seals_per_minute, INT, 240000, 1, 100000000, "values a process may have sealed, per workspace") \
	X(keyd_pseudonyms_per_minute, INT, 600000, 4096, 100000000, "values a process may have replaced, per workspace") \
	X(root_backend, TEXT, "file", 0, 0, "what opens the root key: file (a passphrase) or vault (Vault or OpenBao transit)") \
	X(vault_addr, TEXT, "", 0, 0, "https://host:port of Vault or OpenBao")                         \
	X(vault_ca_file, TEXT, "", 0, 0, "its certificate authority, when no public one signed")       \
	X(vault_mount, TEXT, "transit", 0, 0, "where the transit engine is mounted")                   \
	X(vault_key, TEXT, "rendfly", 0, 0, "the transit key; make it before, our policy needs no right to") \
	X(vault_role_id_file, TEXT, "", 0, 0, "file with the AppRole's role id")                       \
	X(vault_secret_file, TEXT, "", 0, 0, "file with the AppRole's secret id, or with the token that wraps it") \
	X(vault_secret_is_wrapped, BOOL, 1, 0, 1, "that file holds a response-wrapping token, good for one use") \
	X(judge_base_url, TEXT, "", 0, 0, "OpenAI-compatible endpoint of the judging model; empty: none") \
	X(judge_model, TEXT, "", 0, 0, "its name")                                                     \
	X(judge_key_file, TEXT, "", 0, 0, "file with its key")                                         \
	X(judge_ca_file, TEXT, "", 0, 0, "its certificate authority, when no public one signed")       \
	X(judge_timeout_s, INT, 60, 1, 600, "a model's answer later than this is indeterminate")       \
	X(judge_parallel, INT, 8, 1, 256, "model calls at once")                                       \
	X(judge_budget_per_hour, INT, 1000, 0, 10000000, "model calls an hour for each workspace")     \
	X(judge_settle_ms, INT, 1500, 0, 600000, "quiet time before a conversation is judged")         \
	X(sample_provider_port, INT, 8444, 0, 65535, "loopback port of the sample provider; 0: off")   \
	X(sample_recordings, TEXT, "", 0, 0, "file or folder of recorded conversations for the sample provider to answer from")
/* clang-format on */

#define CONF_FIELD_INT(name) int64_t name;
#define CONF_FIELD_BOOL(name) int64_t name;
#define CONF_FIELD_TEXT(name) char name[CONF_VALUE_BYTES];

struct conf_provider {
	char name[32]; /* [a-z0-9-]; the first part of the edge's path */
	char host[128];
	uint16_t port;
	char path[128]; /* prefix put before the agent's path; "" or "/v1" … no slash at the end */
	char ca[CONF_PATH_BYTES]; /* "" for the system's authorities */
};

struct conf {
	char dir[CONF_PATH_BYTES]; /* the data folder, absolute, no slash at the end */
#define CONF_FIELD(name, type, ...) CONF_FIELD_##type(name)
	CONF_TABLE(CONF_FIELD)
#undef CONF_FIELD
	struct conf_provider providers[CONF_MAX_PROVIDERS];
	size_t n_providers;
};

void conf_set_defaults(struct conf *conf);

/* The defaults, then dir/rendfly.conf over them.  The detail names file, line and remedy. */
MUST_CHECK enum err conf_load(const char *dir, struct conf *ret_conf, struct err_detail *reterr);

/* Over what conf holds already; for tests and `rendfly config --check FILE`. */
MUST_CHECK enum err conf_parse(struct str text, struct conf *conf, struct err_detail *reterr);

/* The effective configuration in the file's own format. */
MUST_CHECK enum err conf_write(const struct conf *conf, struct buf *out);

const struct conf_provider *conf_find_provider(const struct conf *conf, struct str name);
