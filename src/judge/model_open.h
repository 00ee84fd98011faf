/* SPDX-License-Identifier: Apache-2.0 */
/* model_open - the judging model that the configuration names. */
#pragma once

#include "base/conf.h"
#include "judge/model_call.h"

/* Both stay NULL when no model is configured.  The key (NULL: the model wants none) is borrowed by
 * the client and is freed after it. */
MUST_CHECK enum err model_open(const struct conf *conf, struct secret **ret_key,
    struct model_client **ret_client, struct err_detail *reterr);
