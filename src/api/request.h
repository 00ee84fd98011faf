/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - one request on its way through: what came in, who asks, and the answer being written.
 *
 * A handler reads its inputs through the functions here, writes JSON into the answer and returns
 * ERR_OK; or refuses with request_refuse; or returns another error, which request_fail turns into
 * an answer: ERR_NOT_FOUND 404, ERR_CONFLICT 409, ERR_BUSY 503, ERR_DENIED 403, the rest
 * 500.
 */
#pragma once

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "api/json_out.h"
#include "api/path.h"
#include "api/route.h"
#include "auth/auth.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/uuid.h"

#define REQUEST_MAX_BODY_BYTES (64u << 10)
#define REQUEST_MAX_ANSWER_BYTES (64u << 20)
#define REQUEST_ARENA_BYTES (16u << 20)
#define REQUEST_COOKIE_BYTES 1024

struct worker;

/* Who asks: the membership as it is now.  Texts live as long as the request. */
struct session {
	struct uuid user;
	struct uuid workspace;
	struct str email;
	struct str workspace_name;
	struct str role;
};

struct answer {
	unsigned int status;
	struct buf *body;
	const char *code;  /* of an error, for the log; NULL: none */
	const char *allow; /* of a 405 */
	int retry_after_s;
	bool has_cookie;
	char cookie[REQUEST_COOKIE_BYTES]; /* a whole Set-Cookie value */
};

struct request {
	struct worker *worker;
	struct MHD_Connection *connection;
	const char *method;
	struct str path; /* without ROUTE_PREFIX and query */
	struct uuid id;
	int64_t started_us;
	struct buf *body;
	bool is_too_large;
	struct arena *arena; /* lives as long as the request */
	const struct route *route;
	struct str captures[PATH_MAX_CAPTURES];
	struct auth_claims claims; /* of the verified token, when the route needs a session */
	bool is_old_key;           /* the token's was exchanged */
	struct session session;    /* likewise */
	bool is_audited;           /* its event is committed */
	struct answer answer;
};

MUST_CHECK enum err request_new(struct worker *worker, struct MHD_Connection *connection,
    const char *method, const char *path, struct request **ret_request);
void request_free(struct request *r);

/* Inputs */

struct str request_header(const struct request *r, const char *name); /* .at NULL: none */
struct str request_query(const struct request *r, const char *name);  /* .at NULL: none */

/* Refuses (false) when the value is there and of another shape. */
bool request_query_uuid(struct request *r, const char *name, struct uuid *ret_id, bool *ret_given);
bool request_query_int(struct request *r, const char *name, int64_t minimum, int64_t maximum,
    int64_t *value);

/* The captured part as an id; one of another shape names nothing: ERR_NOT_FOUND. */
MUST_CHECK enum err request_capture_uuid(const struct request *r, size_t i, struct uuid *ret_id);

#define REQUEST_MAX_FIELDS 8

struct body_field {
	const char *name;
	size_t minimum_bytes, maximum_bytes;
	struct str *ret_value; /* lives in the request's arena */
};

/* Parses the body as an object of exactly these text fields; refuses (false) anything else. */
bool request_read_body(struct request *r, const struct body_field *fields, size_t n_fields);

/* Parses the body as an object of none but these members, which the caller lets go; refuses (false)
 * anything else. */
bool request_read_object(struct request *r, const char *const *names, size_t n_names,
    json_t **ret_object);

/* Refuse the body, or what stands in the query: 400; false, for whoever reads it to return. */
bool request_refuse_body(struct request *r, const char *code, const char *message,
    const char *remedy);
bool request_refuse_parameter(struct request *r, const char *message, const char *remedy);

/* Answers */

/* Starts a JSON answer over what was written before. */
struct json_out request_answer(struct request *r, unsigned int status);

/* An error in words; returns ERR_OK, for the answer is complete. */
enum err request_refuse(struct request *r, unsigned int status, const char *code,
    const char *message, const char *remedy);

/* Turns an error of a handler into an answer. */
void request_fail(struct request *r, enum err e);
