/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_target - where the judging model is: its URL, its addresses, who vouches for it.  Read
 * once, before the sandbox.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct model_target {
	char url[1024];
	char resolved[1024];     /* "host:port:address,address" for CURLOPT_RESOLVE */
	struct buf *authorities; /* PEM */
};

MUST_CHECK enum err model_target_init(const char *base_url, const char *ca_file,
    struct model_target *target, struct err_detail *reterr);
void model_target_done(struct model_target *target);
