/* SPDX-License-Identifier: Apache-2.0 */
/* audit_anchors - a file of checkpoints that were kept elsewhere, one behind the other. */
#pragma once

#include "audit/export.h"

/* Gives all of them to the verifier.  ERR_NOT_FOUND: the file cannot be opened.  ERR_MALFORMED: it
 * holds what is no checkpoint of the verifier's key. */
MUST_CHECK enum err audit_anchors_read(struct export_verifier *v, const char *path);
