/* SPDX-License-Identifier: Apache-2.0 */
/* postgres - becomes the server of the private cluster, as its own system user. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "cli/commands.h"
#include "sandbox/sandbox.h"

int
postgres_main(int argc, char **argv)
{
	/* PostgreSQL finds its libraries beside its own name. */
	char program[CONF_VALUE_BYTES + 16], data[CONF_PATH_BYTES + 8], option[] = "-D";
	char *const arguments[] = { program, option, data, NULL };
	struct err_detail detail = { "" };
	struct conf conf;
	enum err e;

	log_open("postgres");
	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fprintf(stderr,
		    "usage: rendfly postgres --dir DIR   (the supervisor starts it)\n");
		return 2;
	}
	e = conf_load(argv[2], &conf, &detail);
	if (e == ERR_OK)
		e = sandbox_drop_user("postgres", conf.user_prefix, &detail);
	if (e != ERR_OK) {
		log_error("postgres_not_started", LOG_STR("cause", detail.text));
		return 1;
	}
	(void)snprintf(program, sizeof(program), "%s/postgres", conf.postgres_bin);
	(void)snprintf(data, sizeof(data), "%s/pg", conf.dir);
	(void)execv(program, arguments);
	log_error("postgres_not_started", LOG_STR("program", program),
	    LOG_STR("cause", strerror(errno)),
	    LOG_STR("remedy", "install postgresql-15 or set postgres_bin"));
	return 1;
}
