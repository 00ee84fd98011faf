/* SPDX-License-Identifier: Apache-2.0 */
/* keys - the keys behind the sealed columns: in memory that not even root reads, and not too old.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/conf.h"

/* Adds what it saw to the evidence; false when something is wrong. */
bool keys_look(const struct conf *conf, struct buf *evidence);
