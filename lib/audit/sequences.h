/* SPDX-License-Identifier: Apache-2.0 */
/* sequences - the number that each workspace's next event must have. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

struct sequences;

MUST_CHECK enum err sequences_new(struct sequences **ret_sequences);
void sequences_free(struct sequences *s);
CLEANUP_DEFINE(sequences);

/* The number last given to the workspace, 0 for one that was never seen; valid until the next call.
 */
MUST_CHECK enum err sequences_last(struct sequences *s, const struct uuid *workspace,
    uint64_t **ret_last);
