/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api - the process's context: one struct, made in main, passed down.
 *
 * WORKERS threads serve the same listening socket, each with its own connection to PostgreSQL.
 * What they share is below, and each part says how.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "api/request.h"
#include "api/rule_cache.h"
#include "api/signing.h"
#include "api/throttle.h"
#include "auth/auth.h"
#include "base/conf.h"
#include "ipc/keyd_client.h"
#include "store/store.h"

#define API_WORKERS 4
#define API_MAX_PASSWORD_CHECKS 2 /* at once; each takes 64 MiB and a core */
#define API_N_STATUS_CLASSES 6    /* counted by the first digit */

struct api {
	struct conf conf; /* read only */
	struct keyd_client *keyd;
	pthread_mutex_t keyd_lock;  /* held around every use of keyd, store_begin included */
	struct auth_keyd auth_keyd; /* keyd as lib/auth asks for it, under the same lock */
	struct auth_oracle oracle;  /* read only */
	struct signing *signing;    /* locks itself */
	struct throttle *throttle;  /* locks itself */
	struct rule_cache *rules;   /* locks itself */
	int run_fd;                 /* the folder dir/run */
	atomic_int password_checks;
	atomic_int_least64_t lock_told_ms; /* of log-ins refused unseen */
	atomic_uint_least64_t n_requests[API_N_STATUS_CLASSES];
	atomic_uint_least64_t request_us;
};

struct worker {
	struct api *api;
	struct store *store;
	struct MHD_Daemon *daemon;
};

/* BEGIN with the session's authenticated context, connecting again first when need be. */
MUST_CHECK enum err worker_begin(struct worker *w, const struct uuid *workspace);
MUST_CHECK enum err worker_begin_plain(struct worker *w);
