/* SPDX-License-Identifier: Apache-2.0 */
/* children - what each child is, how it is started, and what happens when it ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "supervisor/supervisor.h"

#define LINE_MAX_BYTES 8192
#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS 1000
#define STABLE_MS 10000

/* In the order of starting. */
const struct child_kind child_kinds[N_CHILDREN] = {
	[CHILD_POSTGRES] = { "postgres", "postgres", IPC_N_ROLES, NULL, SIGINT, false, false, 10 },
	[CHILD_KEYD] = { "keyd", "keyd", IPC_N_ROLES, NULL, SIGTERM, false, true, 0 },
	[CHILD_SETUP] = { "setup", "setup", ROLE_SETUP, NULL, SIGTERM, true, false, 0 },
	[CHILD_COLLECTOR] = { "collector", "collector", ROLE_COLLECTOR, "capture.sock", SIGTERM,
	    false, false, 10 },
	[CHILD_API] = { "api", "api", ROLE_API, "api.sock", SIGTERM, false, false, 0 },
	[CHILD_JUDGE] = { "judge", "judge-role", ROLE_JUDGE, NULL, SIGTERM, false, false, 15 },
	[CHILD_STEWARD] = { "steward", "steward", ROLE_STEWARD, NULL, SIGTERM, false, true, 0 },
	[CHILD_SAMPLE] = { "sample", "sample-provider", IPC_N_ROLES, NULL, SIGTERM, false, false,
	    0 },
	[CHILD_EDGE] = { "edge", "edge", IPC_N_ROLES, NULL, SIGQUIT, false, false, -5 },
};

/* The descriptors of a child before its exec. */
struct wiring {
	int standard_error;
	int keyd;
	int listener;
	int supervisor;
};

static void
close_if_open(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Puts a descriptor at its place, or closes the place. */
static bool
place(int fd, int at)
{
	if (fd < 0) {
		(void)close(at);
		return true;
	}
	return dup2(fd, at) == at;
}

/* First out of the way of all places, then each to its own, open across the exec. */
static bool
place_all(const struct wiring *w)
{
	int away[] = { w->keyd, w->listener, w->supervisor };
	static const int places[] = { IPC_FD_KEYD, IPC_FD_LISTEN, IPC_FD_SUPERVISOR };

	for (size_t i = 0; i < 3; i++)
		if (away[i] >= 0 && (away[i] = fcntl(away[i], F_DUPFD, 64)) < 0)
			return false;
	if (dup2(w->standard_error, STDERR_FILENO) < 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!place(away[i], places[i]))
			return false;
	return close_range(IPC_FD_SUPERVISOR + 1, ~0u, 0) == 0;
}

/* Does not return. */
static void
become(const struct supervisor *s, const struct child_kind *kind, const struct wiring *w,
    pid_t parent)
{
	char dir[CONF_PATH_BYTES], command[32], program[] = "rendfly", option[] = "--dir";
	char level[64], credentials[CONF_PATH_BYTES], path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const arguments[] = { program, command, option, dir, NULL };
	char *environment[4] = { path, NULL, NULL, NULL };
	const char *wanted_level = getenv("RENDFLY_LOG");
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	sigset_t none;
	size_t n = 1;

	(void)snprintf(dir, sizeof(dir), "%s", s->conf.dir);
	(void)snprintf(command, sizeof(command), "%s", kind->command);
	if (wanted_level != NULL) {
		(void)snprintf(level, sizeof(level), "RENDFLY_LOG=%s", wanted_level);
		environment[n++] = level;
	}
	/* The root key's passphrase is keyd's alone. */
	if (folder != NULL && strcmp(kind->name, "keyd") == 0) {
		(void)snprintf(credentials, sizeof(credentials), "CREDENTIALS_DIRECTORY=%s",
		    folder);
		environment[n] = credentials;
	}
	/* Nothing outlives the supervisor, however it ends. */
	(void)prctl(PR_SET_PDEATHSIG, kind->stop_signal, 0, 0, 0);
	(void)setsid();
	niceness_set(kind->niceness);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent && place_all(w))
		(void)execve("/proc/self/exe", arguments, environment);
	_exit(127);
}

/* It writes the edge's files, sends the signal and ends; whoever waits for children takes it. */
void
child_reload_edge(const struct supervisor *s)
{
	char program[] = "rendfly", command[] = "edge", option[] = "--dir", reload[] = "--reload";
	char dir[CONF_PATH_BYTES], path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const arguments[] = { program, command, option, dir, reload, NULL };
	char *const environment[] = { path, NULL };
	sigset_t none;

	(void)snprintf(dir, sizeof(dir), "%s", s->conf.dir);
	if (fork() != 0)
		return;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	(void)execve("/proc/self/exe", arguments, environment);
	_exit(127);
}

static bool
make_channel(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	close_if_open(ours);
	*ours = pair[0];
	*theirs = pair[1];
	return true;
}

void
child_tell_keyd(struct supervisor *s, enum child_id id)
{
	const struct ipc_head head = { .type = IPC_KEYD_PEER };
	const char role = (char)child_kinds[id].role;

	if (s->children[id].peer_fd < 0 || s->children[CHILD_KEYD].channel_fd < 0)
		return;
	if (ipc_send(s->children[CHILD_KEYD].channel_fd, &head, (struct str){ &role, 1 },
		s->children[id].peer_fd) != ERR_OK)
		logs_say(s, "keyd_not_told", child_kinds[id].name, "");
}

/* Whom a new child must be made known to, or what a new keyd must be told. */
static void
wire_after_start(struct supervisor *s, enum child_id id)
{
	if (id != CHILD_KEYD) {
		child_tell_keyd(s, id);
		return;
	}
	for (int other = 0; other < N_CHILDREN; other++)
		child_tell_keyd(s, (enum child_id)other);
}

static bool
make_wiring(struct supervisor *s, enum child_id id, struct wiring *w)
{
	const struct child_kind *kind = &child_kinds[id];
	struct child *c = &s->children[id];
	int pipe_ends[2];

	if (pipe2(pipe_ends, O_CLOEXEC) != 0)
		return false;
	close_if_open(&c->log_fd);
	c->log_fd = pipe_ends[0];
	w->standard_error = pipe_ends[1];
	if (fcntl(c->log_fd, F_SETFL, O_NONBLOCK) != 0)
		return false;
	w->listener = s->listen_fds[id];
	if (kind->role != IPC_N_ROLES && !make_channel(&c->peer_fd, &w->keyd))
		return false;
	/* keyd's control channel stands where a client has its channel to keyd. */
	if (kind->talks_to_us &&
	    !make_channel(&c->channel_fd, id == CHILD_KEYD ? &w->keyd : &w->supervisor))
		return false;
	return true;
}

enum err
child_start(struct supervisor *s, enum child_id id)
{
	struct child *c = &s->children[id];
	struct wiring w = { -1, -1, -1, -1 };
	pid_t parent = getpid();
	bool is_wired = (c->line != NULL || buf_new(LINE_MAX_BYTES, &c->line) == ERR_OK) &&
	    make_wiring(s, id, &w);

	c->pid = is_wired ? fork() : -1;
	if (c->pid == 0)
		become(s, &child_kinds[id], &w, parent);
	close_if_open(&w.standard_error);
	close_if_open(&w.keyd);
	close_if_open(&w.supervisor);
	if (c->pid < 0) {
		c->pid = 0;
		c->again_ms = clock_monotonic_ms() + PAUSE_MOST_MS;
		logs_say(s, "child_not_started", child_kinds[id].name, strerror(errno));
		return ERR_IO;
	}
	c->started_ms = clock_monotonic_ms();
	c->is_wanted = true;
	c->was_complained = false;
	wire_after_start(s, id);
	status_write(s);
	return ERR_OK;
}

static void
say_how_it_ended(struct supervisor *s, enum child_id id, int status)
{
	char text[64];

	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(status));
	logs_say(s, "child_ended", child_kinds[id].name, text);
}

void
child_gone(struct supervisor *s, enum child_id id, int status)
{
	struct child *c = &s->children[id];
	int64_t now = clock_monotonic_ms();

	logs_read(s, id);
	c->pid = 0;
	if (s->is_stopping)
		return;
	if (child_kinds[id].is_one_shot) {
		c->is_wanted = false;
		s->has_failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		return;
	}
	say_how_it_ended(s, id, status);
	/* At once after a good while, else after a pause that doubles. */
	if (now - c->started_ms > STABLE_MS)
		c->pause_ms = 0;
	c->again_ms = now + c->pause_ms;
	c->pause_ms = c->pause_ms == 0 ? PAUSE_FIRST_MS : c->pause_ms * 2;
	if (c->pause_ms > PAUSE_MOST_MS)
		c->pause_ms = PAUSE_MOST_MS;
	c->restarts++;
	status_write(s);
}
