/* SPDX-License-Identifier: Apache-2.0 */
/* request_parts - what the handlers of requests.c share; each answers one message of IPC_TABLE. */
#pragma once

#include "keyd/requests.h"

/* What a handler knows of its request. */
struct request {
	struct keyd *k;
	enum ipc_role from;
	struct ipc_reader body;
	struct buf *reply;
};

/* sealed.c: values under a workspace's keys */
MUST_CHECK enum err answer_seal(struct request *r);
MUST_CHECK enum err answer_seal_subject(struct request *r);
MUST_CHECK enum err answer_unseal(struct request *r);
MUST_CHECK enum err answer_unseal_policy(struct request *r);
MUST_CHECK enum err answer_rewrap(struct request *r);
MUST_CHECK enum err answer_pseudonyms(struct request *r);

/* key_changes.c: the keys themselves */
MUST_CHECK enum err answer_workspace_create(struct request *r);
MUST_CHECK enum err answer_rewrap_due(struct request *r);
MUST_CHECK enum err answer_destroyed(struct request *r);
MUST_CHECK enum err answer_rotate(struct request *r);
MUST_CHECK enum err answer_retire(struct request *r);
MUST_CHECK enum err answer_destroy(struct request *r);
MUST_CHECK enum err answer_destroy_subject(struct request *r);
MUST_CHECK enum err answer_rotate_tokens(struct request *r);
