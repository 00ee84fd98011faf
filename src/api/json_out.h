/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_out - writes JSON into a buf.
 *
 * The first failure (the buf's limit, no memory) sticks and is returned by json_out_end, so that a
 * writer of thirty fields has one check.  Inside an object every value has a name; inside an array
 * the name is NULL.  Text must be UTF-8, as PostgreSQL gives it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"

struct json_out {
	struct buf *to; /* borrowed */
	enum err error;
	bool needs_comma;
};

#define JSON_OUT(buf) ((struct json_out){ .to = (buf) })

void json_open_object(struct json_out *j, const char *name);
void json_close_object(struct json_out *j);
void json_open_array(struct json_out *j, const char *name);
void json_close_array(struct json_out *j);

void json_put_text(struct json_out *j, const char *name, struct str value);
void json_put_json(struct json_out *j, const char *name, struct str json); /* a whole value */
void json_put_int(struct json_out *j, const char *name, int64_t value);
void json_put_bool(struct json_out *j, const char *name, bool value);
void json_put_null(struct json_out *j, const char *name);
void json_put_ratio(struct json_out *j, const char *name, int64_t part,
    int64_t whole); /* 0/0: null */
void json_put_uuid(struct json_out *j, const char *name, const struct uuid *value);
void json_put_time(struct json_out *j, const char *name, int64_t unix_us); /* RFC 3339, UTC */
void json_put_day(struct json_out *j, const char *name, int64_t days);     /* since 1970-01-01 */

MUST_CHECK enum err json_out_end(struct json_out *j);

#define DAY_TEXT_BYTES 16
void day_format(int64_t days, char ret_text[static DAY_TEXT_BYTES]);
bool day_parse(struct str text, int64_t *ret_days); /* YYYY-MM-DD of a real day only */
