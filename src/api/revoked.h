/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revoked - sessions that were logged out, until their tokens end by themselves.
 *
 * In memory, of a fixed size: when all places are taken the one that ends first is given up.  A
 * restart forgets them, and a token then lives on for at most its 15 minutes; refresh tokens, which
 * come with accounts, keep sessions in the database.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/uuid.h"

#define REVOKED_MAX 4096

struct revoked;

MUST_CHECK enum err revoked_new(struct revoked **ret_revoked);
void revoked_free(struct revoked *v);
CLEANUP_DEFINE(revoked);

void revoked_add(struct revoked *v, const struct uuid *session, int64_t expires_at_s);
bool revoked_has(struct revoked *v, const struct uuid *session, int64_t now_s);
