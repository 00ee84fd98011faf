/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api - serves /api/v1 behind the edge.
 *
 * Load, open, drop, serve.  It holds no key: tokens are signed and rules unsealed by keyd, and rows
 * are read under the authenticated context of the session's workspace.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/api.h"
#include "api/captures.h"
#include "api/metrics.h"
#include "api/server.h"
#include "api/serving.h"
#include "base/log.h"
#include "cli/commands.h"
#include "sandbox/sandbox.h"

#ifdef __NR_epoll_wait
#define EPOLL_CALL "epoll_wait"
#else
#define EPOLL_CALL "epoll_pwait"
#endif

#define SERVING_CALLS                                                                   \
	/* libmicrohttpd */                                                             \
	"accept4", "epoll_ctl", EPOLL_CALL, "sendmsg", "shutdown", /* keyd */           \
	    "recvmsg",                                             /* a thread's end */ \
	    "exit"

static const char *const starting_calls[] = { SERVING_CALLS,
	/* threads, and what each makes for itself */
	"clone3", "clone", "set_robust_list", "rseq", "prctl", "rt_sigaction", "sched_getaffinity",
	"epoll_create1", "eventfd2", "signalfd4",
	/* the narrower list */
	"seccomp", NULL };

static const char *const serving_calls[] = { SERVING_CALLS, NULL };

struct process {
	struct api api;
	struct worker workers[API_WORKERS];
	struct worker metrics_worker; /* its own connection, for /readyz */
	struct MHD_Daemon *metrics;
	int metrics_fd;
	struct serving serving;
};

static enum err
open_keyd(struct api *api)
{
	enum err e = keyd_client_new(IPC_FD_KEYD, &api->keyd);

	if (e == ERR_OK && pthread_mutex_init(&api->keyd_lock, NULL) != 0)
		e = ERR_IO;
	api->auth_keyd = (struct auth_keyd){ .client = api->keyd, .lock = &api->keyd_lock };
	api->oracle = auth_oracle_of(&api->auth_keyd);
	return e == ERR_OK ? signing_new(&api->auth_keyd, &api->signing) : e;
}

static enum err
open_shared(struct api *api)
{
	enum err e = open_keyd(api);

	if (e == ERR_OK)
		e = throttle_new(&api->throttle);
	if (e == ERR_OK)
		e = rule_cache_new(&api->rules);
	if (e == ERR_OK)
		e = captures_open(api->conf.dir, &api->run_fd);
	return e;
}

static enum err
open_worker(struct api *api, struct worker *w, struct err_detail *reterr)
{
	w->api = api;
	return store_open(&api->conf, "api", api->keyd, &w->store, reterr);
}

static enum err
process_open(struct process *p, struct err_detail *reterr)
{
	enum err e = open_shared(&p->api);

	for (size_t i = 0; i < API_WORKERS && e == ERR_OK; i++)
		e = open_worker(&p->api, &p->workers[i], reterr);
	if (e == ERR_OK)
		e = open_worker(&p->api, &p->metrics_worker, reterr);
	if (e == ERR_OK)
		e = metrics_listen((uint16_t)p->api.conf.metrics_port, &p->metrics_fd, reterr);
	return e;
}

/* With what starts the threads; process_serve() gives that up, too. */
static const struct sandbox confinement = {
	.role = "api",
	.syscalls = starting_calls,
	.may_connect = true,
};

static enum err
process_confine(const struct process *p, struct err_detail *reterr)
{
	char run[CONF_PATH_BYTES + 8], pki[CONF_PATH_BYTES + 8];
	/* The edge's counters; the certificate to meet PostgreSQL with when the connection was
	 * lost. */
	const struct sandbox_path paths[] = { { run, false }, { pki, false }, { NULL, false } };
	const uint16_t ports[] = { (uint16_t)p->api.conf.postgres_port, 0 };
	struct sandbox sandbox = confinement;

	sandbox.ports = ports;
	sandbox.paths = paths;
	(void)snprintf(run, sizeof(run), "%s/run", p->api.conf.dir);
	(void)snprintf(pki, sizeof(pki), "%s/pki", p->api.conf.dir);
	return sandbox_enter(&sandbox, p->api.conf.user_prefix, reterr);
}

static enum err
start_threads(struct process *p)
{
	struct serving *s = &p->serving;
	enum err e = ERR_OK;

	for (size_t i = 0; i < API_WORKERS && e == ERR_OK; i++) {
		e = server_start(&p->workers[i], IPC_FD_LISTEN);
		s->daemons[s->n++] = p->workers[i].daemon;
	}
	if (e == ERR_OK)
		e = metrics_start(&p->metrics_worker, p->metrics_fd, &p->metrics);
	s->daemons[s->n++] = p->metrics;
	return e == ERR_OK ? serving_start(s) : e;
}

static enum err
process_serve(struct process *p, struct err_detail *reterr)
{
	struct signalfd_siginfo signal_seen = { 0 };
	CLEANUP_FD int end = -1;
	sigset_t ending;
	enum err e;

	/* Blocked before threads start, so that only the wait below sees them. */
	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &ending, NULL);
	end = signalfd(-1, &ending, SFD_CLOEXEC);
	if (end < 0 || fcntl(IPC_FD_LISTEN, F_SETFL, O_NONBLOCK) != 0)
		return ERR_IO;
	e = start_threads(p);
	if (e == ERR_OK)
		e = sandbox_narrow(&confinement, serving_calls, reterr);
	if (e != ERR_OK)
		return e;
	log_info("serving", LOG_INT("workers", API_WORKERS));
	while (read(end, &signal_seen, sizeof(signal_seen)) < 0 && errno == EINTR)
		continue;
	log_info("ending", LOG_INT("signal", (int64_t)signal_seen.ssi_signo));
	return ERR_OK;
}

static void
process_close(struct process *p)
{
	serving_end(&p->serving);
	for (size_t i = 0; i < API_WORKERS; i++) {
		server_stop(&p->workers[i]);
		store_free(p->workers[i].store);
	}
	if (p->metrics != NULL)
		MHD_stop_daemon(p->metrics);
	store_free(p->metrics_worker.store);
	keyd_client_free(p->api.keyd);
	throttle_free(p->api.throttle);
	signing_free(p->api.signing);
	rule_cache_free(p->api.rules);
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
	CLEANUP_MEM struct process *p = calloc(1, sizeof(*p));
	struct err_detail detail = { "" };
	enum err e;

	if (p == NULL)
		return fail("begin", ERR_NOMEM, &detail);
	e = conf_load(dir, &p->api.conf, &detail);
	if (e != ERR_OK)
		return fail("read the configuration", e, &detail);
	e = process_open(p, &detail);
	if (e != ERR_OK)
		return fail("open PostgreSQL, keyd and the metrics port", e, &detail);
	e = process_confine(p, &detail);
	if (e != ERR_OK)
		return fail("give up privileges", e, &detail);
	e = process_serve(p, &detail);
	if (e != ERR_OK)
		return fail("serve", e, &detail); /* with threads that may run already */
	process_close(p);
	return EXIT_SUCCESS;
}

int
api_main(int argc, char **argv)
{
	static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
		{ "routes", no_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
	const char *dir = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r') {
			route_print_table();
			return EXIT_SUCCESS;
		}
		if (option != 'd')
			return 2;
		dir = optarg;
	}
	if (dir == NULL || optind != argc) {
		(void)fprintf(stderr,
		    "usage: rendfly api --dir DIR   (started by the supervisor)\n"
		    "       rendfly api --routes    (prints the operations)\n");
		return 2;
	}
	log_open("api");
	json_object_seed(0); /* while /dev/urandom can be opened, and there is one thread */
	(void)mallopt(M_ARENA_MAX, API_WORKERS + 2); /* or it asks how many cores there are */
	return serve(dir);
}
