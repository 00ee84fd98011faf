/* SPDX-License-Identifier: Apache-2.0 */
/* main - checks, starts in order, watches, stops in order. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "supervisor/supervisor.h"

#define LONGEST_TURN_MS 1000
#define STOP_PATIENCE_MS 6000
#define POSTGRES_PATIENCE_MS 30000

/* ---- one supervisor for a folder */

static enum err
take_lock(const struct conf *conf, int *ret_fd, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 32];
	CLEANUP_FD int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/run/supervisor.lock", conf->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(reterr, ERR_IO, "%s: %s; tools/setup/init makes the folder", path,
		    strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(reterr, ERR_CONFLICT,
		    "another supervisor runs on %s: stop it first, or use another --dir",
		    conf->dir);
	*ret_fd = TAKE_FD(fd);
	return ERR_OK;
}

/* ---- watching */

static bool
is_used(const struct supervisor *s, enum child_id id)
{
	if (id == CHILD_SAMPLE)
		return s->conf.sample_provider_port != 0;
	return id != CHILD_POSTGRES || s->conf.postgres_private != 0;
}

static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int id = 0; id < N_CHILDREN; id++)
			if (s->children[id].pid == pid)
				child_gone(s, (enum child_id)id, status);
}

/* Setup's end opens the way for the others. */
static void
start_after_setup(struct supervisor *s)
{
	for (int id = CHILD_SETUP + 1; id < N_CHILDREN; id++)
		if (is_used(s, (enum child_id)id) && !s->children[id].is_wanted)
			(void)!child_start(s, (enum child_id)id);
}

static void
start_due(struct supervisor *s, int64_t now)
{
	for (int id = 0; id < N_CHILDREN; id++) {
		const struct child *c = &s->children[id];

		if (c->is_wanted && c->pid == 0 && c->again_ms <= now)
			(void)!child_start(s, (enum child_id)id);
	}
}

static int
turn_ms(const struct supervisor *s, int64_t now)
{
	int64_t least = LONGEST_TURN_MS;

	for (int id = 0; id < N_CHILDREN; id++) {
		const struct child *c = &s->children[id];

		if (c->is_wanted && c->pid == 0 && c->again_ms - now < least)
			least = c->again_ms > now ? c->again_ms - now : 0;
	}
	return (int)least;
}

/* The steward says that the providers' addresses changed; keyd has nothing to say. */
static void
hear_child(struct supervisor *s, enum child_id id)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct child *c = &s->children[id];
	struct ipc_head head;
	enum err e = buf_new(IPC_MAX_BYTES, &body);

	if (e == ERR_OK)
		e = ipc_receive(c->channel_fd, &head, body, NULL);
	if (e == ERR_OK && id == CHILD_STEWARD && !head.is_reply && buf_len(body) == 0 &&
	    ipc_is_allowed(head.type, ROLE_STEWARD, ROLE_SUPERVISOR)) {
		logs_say(s, "edge_reload", "edge", "the providers' addresses changed");
		if (s->children[CHILD_EDGE].pid > 0)
			child_reload_edge(s);
		return;
	}
	if (e == ERR_BUSY)
		return;
	(void)close(c->channel_fd);
	c->channel_fd = -1;
	if (e != ERR_NOT_FOUND)
		logs_say(s, "peer_ended", child_kinds[id].name,
		    err_text(e == ERR_OK ? ERR_MALFORMED : e));
}

static void
wait_for_events(struct supervisor *s, int signals, int timeout_ms)
{
	struct pollfd waiting[2 + 2 * N_CHILDREN] = { { .fd = signals, .events = POLLIN },
		[1 + 2 * N_CHILDREN] = { .fd = s->operator_fd, .events = POLLIN } };
	struct signalfd_siginfo got;

	for (int id = 0; id < N_CHILDREN; id++) {
		waiting[1 + id] = (struct pollfd){ .fd = s->children[id].log_fd, .events = POLLIN };
		waiting[1 + N_CHILDREN + id] =
		    (struct pollfd){ .fd = s->children[id].channel_fd, .events = POLLIN };
	}
	if (poll(waiting, sizeof(waiting) / sizeof(waiting[0]), timeout_ms) <= 0)
		return;
	for (int id = 0; id < N_CHILDREN; id++) {
		if (waiting[1 + id].revents != 0)
			logs_read(s, (enum child_id)id);
		if (waiting[1 + N_CHILDREN + id].revents != 0 && s->children[id].channel_fd >= 0)
			hear_child(s, (enum child_id)id);
	}
	if (waiting[1 + 2 * N_CHILDREN].revents != 0)
		operator_admit(s);
	if (waiting[0].revents == 0)
		return;
	while (read(signals, &got, sizeof(got)) == (ssize_t)sizeof(got))
		if (got.ssi_signo == SIGTERM || got.ssi_signo == SIGINT)
			s->is_stopping = true;
	reap(s);
}

/* ---- stopping */

static void
stop_child(struct supervisor *s, enum child_id id, int signals, int64_t patience_ms)
{
	struct child *c = &s->children[id];
	int64_t until = clock_monotonic_ms() + patience_ms;

	c->is_wanted = false;
	if (c->pid == 0)
		return;
	(void)kill(c->pid, child_kinds[id].stop_signal);
	while (c->pid != 0 && clock_monotonic_ms() < until)
		wait_for_events(s, signals, 50);
	if (c->pid == 0)
		return;
	logs_say(s, "child_killed", child_kinds[id].name, "it did not stop in time");
	(void)kill(c->pid, SIGKILL);
	while (c->pid != 0)
		wait_for_events(s, signals, 50);
}

/* The edge first, so that nothing new comes in; those that store last; PostgreSQL after all. */
static void
stop_all(struct supervisor *s, int signals)
{
	static const enum child_id order[] = { CHILD_EDGE, CHILD_SAMPLE, CHILD_SETUP, CHILD_API,
		CHILD_COLLECTOR, CHILD_JUDGE, CHILD_STEWARD, CHILD_KEYD };

	s->is_stopping = true;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		stop_child(s, order[i], signals, STOP_PATIENCE_MS);
	stop_child(s, CHILD_POSTGRES, signals, POSTGRES_PATIENCE_MS);
	status_write(s);
}

/* ---- the whole */

static int
open_signals(void)
{
	sigset_t watched;

	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGTERM);
	(void)sigaddset(&watched, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0)
		return -1;
	return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum err
supervise(struct supervisor *s, struct err_detail *reterr)
{
	CLEANUP_FD int signals = open_signals();
	bool is_set_up = false;

	if (signals < 0)
		return err_set(reterr, ERR_IO, "signals: %s", strerror(errno));
	for (int id = CHILD_POSTGRES; id <= CHILD_SETUP; id++)
		if (is_used(s, (enum child_id)id) && child_start(s, (enum child_id)id) != ERR_OK)
			s->has_failed = true;
	while (!s->is_stopping && !s->has_failed) {
		int64_t now = clock_monotonic_ms();

		start_due(s, now);
		watch_machine(s);
		niceness_of_server(s);
		wait_for_events(s, signals, turn_ms(s, now));
		if (!is_set_up && !s->has_failed && s->children[CHILD_SETUP].pid == 0) {
			is_set_up = true;
			start_after_setup(s);
		}
	}
	stop_all(s, signals);
	return s->has_failed
	    ? err_set(reterr, ERR_DENIED,
		  "the start was refused; %s/log/rendfly.log has the whole story", s->conf.dir)
	    : ERR_OK;
}

static enum err
run(const char *dir, struct err_detail *reterr)
{
	CLEANUP_MEM struct supervisor *s = calloc(1, sizeof(*s));
	CLEANUP_FD int lock = -1;
	enum err e;

	if (s == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	for (int id = 0; id < N_CHILDREN; id++)
		s->children[id] = (struct child){ .log_fd = -1, .peer_fd = -1, .channel_fd = -1 };
	s->operator_fd = -1;
	s->is_terminal = true;
	e = conf_load(dir, &s->conf, reterr);
	if (e == ERR_OK)
		e = take_lock(&s->conf, &lock, reterr);
	if (e == ERR_OK)
		e = checks_run(&s->conf, reterr);
	if (e == ERR_OK)
		e = logs_open(s, reterr);
	if (e == ERR_OK)
		e = sockets_open(s, reterr);
	if (e == ERR_OK)
		e = operator_open(s, reterr);
	return e == ERR_OK ? supervise(s, reterr) : e;
}

static const struct manual_option options[] = { MANUAL_DIR, { 0 } };

const struct manual supervisor_manual = {
	.name = "supervisor",
	.summary = "start and watch everything of a data folder",
	.usage = "[--dir DIR]",
	.about =
	    "Starts and watches every process of the data folder, which tools/setup/init made. "
	    "SIGINT and SIGTERM stop all of them in order.",
	.options = options,
};

int
supervisor_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct args args;
	int status;
	enum err e;

	if (!args_read(&supervisor_manual, argc, argv, &args, &status))
		return status;
	log_open("supervisor");
	e = run(args_value_or(&args, "--dir", "var"), &detail);
	if (e == ERR_OK)
		return 0;
	(void)fprintf(stderr, "rendfly supervisor: %s\n",
	    detail.text[0] != '\0' ? detail.text : err_text(e));
	return 1;
}
