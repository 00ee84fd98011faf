/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revocation - whether a peer's certificate was revoked, by lists that come in the file of its
 * authorities: "-----BEGIN X509 CRL-----" behind their certificates.
 *
 * A file without a list is one without revocation, as the public authorities' is.  With one, each
 * authority of a chain must have its list, and one that is out of date refuses.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Whether the authorities' PEM holds a list. */
bool revocation_is_listed(struct str pem);
