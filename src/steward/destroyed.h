/* SPDX-License-Identifier: Apache-2.0 */
/*
 * destroyed - which workspaces' keys were destroyed, as keyd knows it: a database that was put back
 * to yesterday does not.  A workspace is destroyed for good, so the list only grows.
 */
#pragma once

#include <stdbool.h>

#include "ipc/keyd_client.h"

struct destroyed {
	struct uuid *workspaces; /* sorted */
	size_t n;
	bool is_known; /* it was learnt at least once */
};

void destroyed_free(struct destroyed *d);

/* On failure it knows what it knew. */
MUST_CHECK enum err destroyed_learn(struct destroyed *d, struct keyd_client *keyd,
    bool *ret_is_changed);

bool destroyed_has(const struct destroyed *d, const struct uuid *workspace);
