/* SPDX-License-Identifier: Apache-2.0 */
/* folder - the data folder that a command is about, and whether this user may work on it. */
#pragma once

#include "base/conf.h"
#include "cli/args.h"

/* False, told in the detail: --dir belongs to another user, and this one is not root. */
bool folder_is_ours(const struct args *args, struct err_detail *reterr);

/* Reads the configuration of --dir.  False with cause and remedy in the detail: there is no such
 * folder, its configuration is wrong, or it belongs to another user and this one is not root. */
bool folder_load(const struct args *args, struct conf *ret_conf, struct err_detail *reterr);

/* As folder_load, and a supervisor runs on it. */
bool folder_load_running(const struct args *args, struct conf *ret_conf, struct err_detail *reterr);

/* As folder_load, and its PostgreSQL can be asked: the private cluster runs, or it is another one.
 */
bool folder_load_database(const struct args *args, struct conf *ret_conf,
    struct err_detail *reterr);
