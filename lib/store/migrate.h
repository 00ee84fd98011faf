/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate - brings the schema to the version of this build: numbered forward steps, each in a
 * transaction of its own, never twice, one process at a time.  A step that was done and has another
 * text now, or that this build does not know, stops it.
 */
#pragma once

#include "store/store.h"

/* told is called before each step that runs; s is of the role setup.  ret_done says how many ran.
 */
MUST_CHECK enum err store_migrate(struct store *s, void (*told)(int number, const char *name),
    int *ret_done, struct err_detail *reterr);
