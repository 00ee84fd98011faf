/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prepare - what nginx finds when it starts: dir/run/edge with its configuration, the providers'
 * addresses and a copy of the module, all made anew, owned by who starts it and only readable to
 * the edge's own user.
 */
#pragma once

#include "base/conf.h"

MUST_CHECK enum err edge_prepare(const struct conf *conf, unsigned int connections,
    struct err_detail *reterr);
