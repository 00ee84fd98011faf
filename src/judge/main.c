/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - takes jobs, runs the deterministic checks, asks the judging model about the other rules,
 * writes verdicts.
 *
 * Load, open, confine, serve.  One thread: database calls wait, model calls do not.  A job that
 * ends in trouble of ours goes back for later; trouble of the model's is an indeterminate verdict.
 */
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "judge/worker.h"
#include "sandbox/sandbox.h"

static const char *const system_calls[] = {
	/* keyd */
	"recvmsg", "sendmsg",
	/* libcurl: SIGPIPE, and whom it is connected with */
	"rt_sigaction", "getpeername",
	/* the end */
	"rt_sigreturn", NULL
};

static volatile sig_atomic_t is_ending;

static void
end_soon(int signal_number)
{
	(void)signal_number;
	is_ending = 1;
}

static enum err
confine(const struct conf *conf, struct err_detail *reterr)
{
	char pki[CONF_PATH_BYTES + 8];
	const struct sandbox_path paths[] = { { pki, false }, { NULL, false } };
	const struct sandbox sandbox = {
		.role = "judge",
		.syscalls = system_calls,
		.may_connect = true, /* the model, and PostgreSQL when its connection was lost */
		.paths = paths,
	};

	(void)snprintf(pki, sizeof(pki), "%s/pki", conf->dir);
	return sandbox_enter(&sandbox, conf->user_prefix, reterr);
}

static int
fail(const char *doing, enum err e, const struct err_detail *detail)
{
	log_error("cannot_start", LOG_STR("doing", doing), LOG_ERR(e),
	    LOG_STR("detail", detail->text));
	return EXIT_FAILURE;
}

static int
serve(const char *dir)
{
	CLEANUP_MEM struct conf *conf = calloc(1, sizeof(*conf));
	CLEANUP(judge_worker) struct judge_worker *worker = NULL;
	struct err_detail detail = { "" };
	enum err e = conf == NULL ? ERR_NOMEM : conf_load(dir, conf, &detail);

	if (e != ERR_OK)
		return fail("read the configuration", e, &detail);
	e = judge_worker_new(conf, &worker, &detail);
	if (e != ERR_OK)
		return fail("open PostgreSQL, keyd and the judging model", e, &detail);
	e = confine(conf, &detail);
	if (e != ERR_OK)
		return fail("give up privileges", e, &detail);
	log_info("serving",
	    LOG_STR("model", judge_worker_has_model(worker) ? conf->judge_model : "none"));
	while (!is_ending && e == ERR_OK)
		e = judge_worker_step(worker);
	if (e != ERR_OK)
		return fail("serve", e, &detail);
	judge_worker_hand_back(worker);
	return EXIT_SUCCESS;
}

int
judge_role_main(int argc, char **argv)
{
	static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 } };
	const struct sigaction ending = { .sa_handler = end_soon };
	const char *dir = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) == 'd')
		dir = optarg;
	if (option != -1 || dir == NULL || optind != argc) {
		(void)fprintf(stderr,
		    "usage: rendfly judge-role --dir DIR   (started by the supervisor)\n");
		return 2;
	}
	log_open("judge");
	json_object_seed(0); /* while /dev/urandom can be opened */
	(void)sigaction(SIGTERM, &ending, NULL);
	(void)sigaction(SIGINT, &ending, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	return serve(dir);
}
