/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system_message - finds the stored version of a project's system message, or stores a new one,
 * sealed, with the rules that can be taken from it without a model, sealed too.
 */
#pragma once

#include "collector/keep.h"

/* In a transaction of its own: a version is there before what refers to it. */
MUST_CHECK enum err system_message_keep(struct keeper *k, struct arena *a,
    const struct uuid *workspace, const struct uuid *project, struct str text, struct uuid *ret_id);
