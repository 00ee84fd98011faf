/* SPDX-License-Identifier: Apache-2.0 */
/* audit - the commands under `rendfly audit`; argv[0] is the command's own name. */
#pragma once

#include "cli/manual.h"

/* audit_verify.c, audit_export.c */
extern const struct manual audit_verify_manual, audit_export_manual;

int audit_verify_main(int argc, char **argv);
int audit_export_main(int argc, char **argv);
