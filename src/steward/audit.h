/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit - closes the audit log's batches and has its checkpoints signed.
 *
 * A turn gives the waiting events their places (the database hashes them; the steward sees hashes
 * only), adds the subtrees that are complete now, and commits.  Then keyd signs the new size and
 * root, and the note goes to the end of dir/audit/checkpoints, to the database and to
 * dir/run/checkpoint, which the edge serves to everybody; the public key stands in dir/audit/key.
 * A crash or a failure in between is made good by the next turn, before it adds leaves: the same
 * size has the same root and keyd signs it again.
 */
#pragma once

#include "base/conf.h"
#include "ipc/keyd_client.h"
#include "store/store.h"

struct audit_closer;

/* Opens dir/audit/checkpoints, before the sandbox; conf is borrowed. */
MUST_CHECK enum err audit_closer_new(const struct conf *conf, struct audit_closer **ret_closer,
    struct err_detail *reterr);
void audit_closer_free(struct audit_closer *c);
CLEANUP_DEFINE(audit_closer);

MUST_CHECK enum err audit_close(struct audit_closer *c, struct store *store,
    struct keyd_client *keyd);
