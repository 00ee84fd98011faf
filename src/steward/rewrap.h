/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrap - after a rotation, seals what older keys sealed anew under the newest, in the background.
 *
 * keyd says which workspaces have several keys; the records are found and replaced in each
 * workspace's own context, a batch at a time, so that no transaction is long and a reader sees the
 * old record or the new one, which both open.  What is done is not kept anywhere: after a kill the
 * next run finds what is left.
 */
#pragma once

#include "ipc/keyd_client.h"
#include "store/store.h"

struct rewrapper;

MUST_CHECK enum err rewrapper_new(struct rewrapper **ret_rewrapper);
void rewrapper_free(struct rewrapper *r);
CLEANUP_DEFINE(rewrapper);

/* Goes on for about REWRAP_TURN_MS. */
#define REWRAP_TURN_MS 150
MUST_CHECK enum err rewrap_some(struct rewrapper *r, struct store *store, struct keyd_client *keyd);
