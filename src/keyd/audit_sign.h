/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_sign - signs the audit log's checkpoints, and only such as go on from the last one.
 *
 * keyd remembers in dir/keys/audit.signed what it signed last: two records, written in turn, of
 *
 *   size u64 | root 32 | SHA-256 of the origin 32 | HMAC-SHA-256 32
 *
 * so a log that was rolled back, forked or given another name gets no signature, whoever asks.  The
 * record is on disk before the signature leaves.
 */
#pragma once

#include "audit/merkle.h"
#include "base/conf.h"

#define AUDIT_SIGNATURE_BYTES 64

struct audit_signer;

/* Makes the file when there is none; before the sandbox.  keys: 64 bytes, the signing seed and the
 * key of the HMAC, borrowed for the signer's life. */
MUST_CHECK enum err audit_signer_open(const char *dir, const uint8_t keys[static 64],
    struct audit_signer **ret_signer, struct err_detail *reterr);
void audit_signer_free(struct audit_signer *s);
CLEANUP_DEFINE(audit_signer);

/* ERR_DENIED: not an extension of what was signed last, by this proof.  The same checkpoint again
 * is signed again. */
MUST_CHECK enum err audit_signer_sign(struct audit_signer *s, struct str origin,
    const struct merkle_checkpoint *at, const struct merkle_proof *proof,
    uint8_t ret_signature[static AUDIT_SIGNATURE_BYTES]);

/* Of the last checkpoint signed; zero at first. */
uint64_t audit_signer_size(const struct audit_signer *s);
