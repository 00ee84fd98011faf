/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep - the way of one capture: read, put into its conversation, redacted, stored, a job queued.
 *
 * Everything of an exchange is written in one transaction of its workspace, so a collector that
 * ends in between leaves nothing half done; a capture that was stored before is stored once.  What
 * it was placed by is checked again there: another collector may have been faster.
 */
#pragma once

#include "collector/capture.h"
#include "collector/policies.h"
#include "collector/redaction.h"
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
	struct system_message_known known_system_messages[SYSTEM_MESSAGES_KNOWN];
};

#define KEEP_TIP_BYTES KEYD_MAC_BYTES

/* ERR_OK says the capture's fate; with FATE_STORED, ret_tip is the point at which its conversation
 * stands now, with FATE_EARLY the capture says what it waits for.  ERR_BUSY: the database or keyd
 * is away and nothing is decided; try again.  ERR_IO: keyd's channel is gone, nothing can be done
 * any more. */
MUST_CHECK enum err keep_capture(struct keeper *k, struct capture *c, enum capture_fate *ret_fate,
    uint8_t ret_tip[static KEEP_TIP_BYTES]);
