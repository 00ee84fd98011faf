/* SPDX-License-Identifier: Apache-2.0 */
/* audit - the commands under `rendfly audit`; argv[0] is the command's own name. */
#pragma once

/* audit_verify.c, audit_export.c */
int audit_verify_main(int argc, char **argv);
int audit_export_main(int argc, char **argv);
