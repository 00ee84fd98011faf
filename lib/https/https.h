/* SPDX-License-Identifier: Apache-2.0 */
/* https - what each call of ours holds to, whoever makes it. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buf.h"

/* HTTPS alone, over TLS 1.3, to a peer whose name and chain stand under these authorities (PEM) and
 * no other, and that none of their lists has revoked, if they come with lists; without proxy,
 * redirect or signals.  authorities is borrowed for as long as the handle is used.  False: out of
 * memory; the handle must not be used. */
MUST_CHECK bool https_confine(CURL *easy, const struct buf *authorities);
