/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_call - asks a judging model over an OpenAI-compatible endpoint, many calls at once.
 *
 * TLS 1.3 at least, certificate and name verified, no redirect, no proxy from the environment, no
 * other protocol than https.  The endpoint's name is resolved once, in model_client_new, so that a
 * sandboxed process needs no resolver; the authorities are read then too.
 *
 * A call is tried at most MODEL_MAX_TRIES times: after 429, 5xx and broken connections it waits a
 * random time up to a doubling bound (full jitter), or as long as Retry-After says when that is
 * longer.  All tries together end at the time-out.  Every call ends in exactly one done().
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

#define MODEL_MAX_TRIES 4
#define MODEL_MAX_RESPONSE_BYTES (4u << 20)

struct model_conf {
	const char *base_url; /* "https://host[:port]/v1"; "/chat/completions" is put behind it */
	const char *model;
	const char *ca_file; /* "" for the system's authorities */
	const struct secret
	    *key;           /* NULL: no Authorization header; borrowed for the client's life */
	int64_t timeout_ms; /* for a call with all its tries */
	int64_t backoff_ms; /* the first bound of the random wait; doubles with each try */
	size_t max_parallel;
};

enum model_outcome {
	MODEL_ANSWERED,
	MODEL_TIMED_OUT,
	MODEL_UNREACHABLE, /* connection refused, reset, cut */
	MODEL_UNTRUSTED,   /* TLS or certificate */
	MODEL_LIMITED,     /* 429, and no time left to wait */
	MODEL_FAILED,      /* 5xx */
	MODEL_REFUSED,     /* other HTTP status */
	MODEL_MALFORMED,   /* not a chat completion, cut short, or too large */
	MODEL_N_OUTCOMES
};

/* A fixed sentence for a verdict's why; never holds anything that came from outside. */
const char *model_outcome_text(enum model_outcome outcome);

/* answer is the content of the model's message, valid during the call; empty unless
 * MODEL_ANSWERED.  tries counts requests sent. */
typedef void model_done(void *context, enum model_outcome outcome, struct str answer, int tries);

struct model_client;

MUST_CHECK enum err model_client_new(const struct model_conf *conf,
    struct model_client **ret_client, struct err_detail *reterr);
void model_client_free(struct model_client *m); /* calls under way get no done() */
CLEANUP_DEFINE(model_client);

/* Each try asks may_try first (NULL: always); when it says no the call ends MODEL_LIMITED. */
typedef bool model_may_try(void *context);

/* messages_json is copied.  ERR_BUSY when max_parallel calls are under way. */
MUST_CHECK enum err model_call_start(struct model_client *m, struct str messages_json,
    model_may_try *may_try, model_done *done, void *context);

size_t model_calls_running(const struct model_client *m);

/* Moves all calls on; waits at most wait_ms for something to happen.  done() is called from here.
 */
MUST_CHECK enum err model_client_step(struct model_client *m, int64_t wait_ms);
