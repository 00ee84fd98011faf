/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addresses - resolves the providers' names and asks the supervisor to reload the edge when a name
 * leads elsewhere than at the last look: nginx reads names only when it loads its configuration.
 */
#pragma once

#include "base/conf.h"
#include "base/err.h"

struct address_watch;

MUST_CHECK enum err address_watch_new(struct address_watch **ret_watch);
void address_watch_free(struct address_watch *w);
CLEANUP_DEFINE(address_watch);

/* ERR_BUSY when a name could not be resolved; the others are looked at all the same. */
MUST_CHECK enum err addresses_check(struct address_watch *w, const struct conf *conf);
