/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove - what the checks of `rendfly prove` share: the system under proof and one result.
 *
 * A check looks at the running system, never at what was meant, and can say false.  It starts with
 * holds = false, so that a check that gives up early has failed.
 */
#pragma once

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"

#define PROVE_EVIDENCE_BYTES 1500

struct prove_result {
	bool holds;
	char evidence[PROVE_EVIDENCE_BYTES];
};

/* What was written at the first start; fields are "" when the file is gone. */
struct prove_login {
	char user[128];
	char password[128];
	char workspace[64];
	char project[64];
	char ingest_key[128];
};

struct prove_context {
	struct conf conf;
	struct prove_login login;
};

/* Sets the verdict and the evidence of a result. */
void prove_say(struct prove_result *r, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The checks, by the file that holds them */

/* tls.c */
void prove_tls(const struct prove_context *p, struct prove_result *r);

/* database.c */
void prove_row_level_security(const struct prove_context *p, struct prove_result *r);
void prove_sealed_columns(const struct prove_context *p, struct prove_result *r);
void prove_minimal_data(const struct prove_context *p, struct prove_result *r);

/* attacks.c */
void prove_threats(const struct prove_context *p, struct prove_result *r);

/* processes.c */
void prove_least_privilege(const struct prove_context *p, struct prove_result *r);
void prove_secrets(const struct prove_context *p, struct prove_result *r);

/* surface.c: what the edge and the API answer to a stranger */
void prove_server_decides(const struct prove_context *p, struct prove_result *r);
void prove_fail_closed(const struct prove_context *p, struct prove_result *r);
void prove_rate_limit(const struct prove_context *p, struct prove_result *r);
void prove_cookies_and_csrf(const struct prove_context *p, struct prove_result *r);
void prove_passwords_and_tokens(const struct prove_context *p, struct prove_result *r);

/* pipeline.c */
void prove_redaction(const struct prove_context *p, struct prove_result *r);

/* judging.c */
void prove_judge_prompt(const struct prove_context *p, struct prove_result *r);

/* audit.c */
void prove_auditability(const struct prove_context *p, struct prove_result *r);
void prove_audit_log(const struct prove_context *p, struct prove_result *r);

/* build.c */
void prove_scans(const struct prove_context *p, struct prove_result *r);
