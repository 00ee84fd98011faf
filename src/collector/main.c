/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collector - reads what the edge captured, and stores it redacted.
 *
 * It reads untrusted bytes and holds nothing: keys are keyd's, and its database role can add
 * conversations to the workspace of its context and read no message back.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "collector/peers.h"
#include "sandbox/sandbox.h"

static const char *const collector_syscalls[] = {
	/* the edge's workers, keyd */
	"accept4", "recvmsg", "sendmsg", NULL
};

static enum err
confine(const struct conf *conf, struct err_detail *reterr)
{
	char pki[CONF_PATH_BYTES + 8];
	const struct sandbox_path paths[] = { { pki, false }, { NULL, false } };
	const uint16_t ports[] = { (uint16_t)conf->postgres_port, 0 };
	const struct sandbox sandbox = { .role = "collector",
		.syscalls = collector_syscalls,
		.may_connect = true, /* PostgreSQL, when its connection was lost */
		.ports = ports,
		.paths = paths };

	(void)snprintf(pki, sizeof(pki), "%s/pki", conf->dir);
	return sandbox_enter(&sandbox, conf->user_prefix, reterr);
}

static enum err
run(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(keyd_client) struct keyd_client *keys = NULL;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(redaction) struct redaction *redaction = NULL;
	CLEANUP(policies) struct policies *policies = NULL;
	CLEANUP(refusals) struct refusals *refusals = NULL;
	enum err e = keyd_client_new(IPC_FD_KEYD, &keys);

	if (e == ERR_OK)
		e = redaction_new(keys, &redaction);
	if (e == ERR_OK)
		e = policies_new(keys, &policies);
	if (e == ERR_OK)
		e = refusals_new(&refusals);
	if (e == ERR_OK)
		e = store_open(conf, "collector", keys, &store, reterr);
	if (e == ERR_OK && fcntl(IPC_FD_LISTEN, F_SETFL, O_NONBLOCK) != 0)
		e = err_set(reterr, ERR_IO, "the listening socket: %s", strerror(errno));
	if (e == ERR_OK)
		e = confine(conf, reterr);
	if (e == ERR_OK) {
		struct keeper keeper = { .conf = conf,
			.store = store,
			.keys = keys,
			.redaction = redaction,
			.policies = policies,
			.refusals = refusals };

		log_info("collector_ready");
		e = peers_serve(&keeper, IPC_FD_LISTEN, (size_t)conf->capture_max_mb << 20);
	}
	return e;
}

int
collector_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	static struct conf conf; /* too large for a frame beside what is inlined */
	enum err e;

	log_open("collector");
	json_object_seed(0); /* while /dev/urandom can be opened */
	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fprintf(stderr,
		    "usage: rendfly collector --dir DIR   (the supervisor starts it)\n");
		return 2;
	}
	e = conf_load(argv[2], &conf, &detail);
	if (e == ERR_OK)
		e = run(&conf, &detail);
	log_error("collector_failed",
	    LOG_STR("cause", detail.text[0] != '\0' ? detail.text : err_text(e)));
	return 1;
}
