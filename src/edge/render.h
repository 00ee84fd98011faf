/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - nginx's configuration from ours.  A value that could end its quotes in nginx's language
 * stops the start: nothing from rendfly.conf becomes a directive.
 */
#pragma once

#include "base/buf.h"
#include "base/conf.h"

struct edge_paths {
	char run[CONF_PATH_BYTES + 32];    /* dir/run/edge */
	char module[CONF_PATH_BYTES + 96]; /* the module's copy in it */
};

struct edge_variable {
	const char *name; /* @NAME@ in the template */
	const char *value;
};

/* Each @NAME@ by its value.  ERR_BUG: a name that is not among the variables; ERR_MALFORMED: a
 * value with a quote, backslash, dollar or control byte. */
MUST_CHECK enum err edge_render_template(struct str template, const struct edge_variable *variables,
    struct buf *out, struct err_detail *reterr);

/* nginx.conf; connections is how many one worker may hold. */
MUST_CHECK enum err edge_render_nginx(const struct conf *conf, const struct edge_paths *paths,
    const char *page_policy, unsigned int connections, struct buf *out, struct err_detail *reterr);
