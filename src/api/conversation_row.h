/* SPDX-License-Identifier: Apache-2.0 */
/* conversation_row - a conversation's summary, from a row in the columns of list_conversations. */
#pragma once

#include "api/json_out.h"
#include "store/store.h"

void conversation_row_write(struct json_out *j, const char *name, const struct store_rows *rows,
    size_t row);
