/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_row - an event of the audit log, from a row in the columns of list_audit_events; and its
 * place in the tree.
 */
#pragma once

#include "api/request.h"
#include "audit/event.h"
#include "audit/merkle.h"
#include "store/store.h"

struct audit_row {
	struct audit_event event; /* views into the rows */
	bool has_leaf;
	uint64_t leaf_index;
	struct merkle_hash leaf_hash;
};

MUST_CHECK enum err audit_row_read(const struct request *r, const struct store_rows *rows, size_t i,
    struct audit_row *ret_row);

/* The fields of an event, into an object that is open.  email: .at NULL for none. */
void audit_row_write(struct json_out *j, const struct audit_row *row, struct str email);

/* The value in base64. */
MUST_CHECK enum err audit_put_bytes(struct json_out *j, const char *name, struct str bytes);

/* "1790000000000000.UUID": behind which a page goes on.  False with the request refused. */
struct audit_cursor {
	bool is_given;
	int64_t at_us;
	struct uuid event;
};

bool audit_cursor_read(struct request *r, struct audit_cursor *ret_cursor);
void audit_cursor_write(struct json_out *j, const struct audit_row *row);
