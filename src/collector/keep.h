/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep - the way of captures: read, put into their conversations, redacted, stored, a job queued.
 *
 * Captures of one workspace that come at about the same time take each step together: a statement
 * costs the database more than what is done for one capture more.  An exchange is written in one
 * transaction, so a collector that ends in between leaves nothing half done; a capture that was
 * stored before is stored once.  What it was placed by is checked again there: another collector
 * may have been faster.
 */
#pragma once

#include "collector/capture.h"
#include "collector/policies.h"
#include "collector/redaction.h"
#include "collector/refusals.h"
#include "store/store.h"

/* A system message that was found or stored before; most requests carry one of a few. */
#define SYSTEM_DIGEST_BYTES 32
#define SYSTEM_MESSAGES_KNOWN 32

struct system_message_known {
	struct uuid workspace, project, id;
	uint8_t digest[SYSTEM_DIGEST_BYTES];
};

struct keeper {
	const struct conf *conf;
	struct store *store;
	struct keyd_client *keys;
	struct redaction *redaction;
	struct policies *policies;
	struct refusals *refusals;
	struct system_message_known known_system_messages[SYSTEM_MESSAGES_KNOWN];
};

#define KEEP_TIP_BYTES KEYD_MAC_BYTES
#define KEEP_AT_ONCE 32

struct keep_result {
	bool is_destroyed;      /* with FATE_REFUSED: the workspace's keys were destroyed */
	enum capture_fate fate; /* FATE_UNKNOWN: not yet, it goes on from another of them; again */
	uint8_t tip[KEEP_TIP_BYTES]; /* with FATE_STORED: where its conversation stands now */
};

/* Decides 1 to KEEP_AT_ONCE captures of one workspace, in the order of their ids.  With FATE_EARLY
 * the capture says what it waits for.  ERR_BUSY: the database or keyd is away, or a conversation
 * went on meanwhile, and what is not stored is not decided; try again.  ERR_IO: keyd's channel is
 * gone, nothing can be done any more. */
MUST_CHECK enum err keep_captures(struct keeper *k, struct capture *const *captures, size_t n,
    struct keep_result *ret_results);

/* Records that n captures of one workspace, which stood aside, are refused, and why; 0 < n. */
MUST_CHECK enum err keep_refuse(struct keeper *k, struct capture *const *captures, size_t n,
    enum refusal cause);
