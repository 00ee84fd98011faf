/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge - becomes nginx with our module: writes its configuration, gives up root, and executes it
 * in the foreground.  nginx itself then never has more rights than the edge's own user.
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "edge/prepare.h"
#include "sandbox/sandbox.h"

#define CONNECTIONS_MAX 8192
#define FILES_WANTED 65536
#define PORT_TRIES 20
#define PID_MAX_BYTES 32
#define PATH_BYTES (CONF_PATH_BYTES + 64)

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: rendfly edge --dir DIR [--prepare | --reload]\n"
	    "  --dir DIR   the data folder\n"
	    "  --prepare   only write DIR/run/edge, do not start\n"
	    "  --reload    write it, then let the running edge take it without losing a request\n");
	return status;
}

struct options {
	const char *dir;
	bool only_prepare;
	bool reload;
};

static bool
parse_options(int argc, char **argv, struct options *o, int *ret_status)
{
	static const struct option known[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "prepare", no_argument, NULL, 'p' },
		{ "reload", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'd') {
			o->dir = optarg;
		} else if (option == 'p') {
			o->only_prepare = true;
		} else if (option == 'r') {
			o->reload = true;
		} else {
			*ret_status = usage(option == 'h' ? stdout : stderr, option == 'h' ? 0 : 2);
			return false;
		}
	}
	if (o->dir != NULL && optind == argc)
		return true;
	*ret_status = usage(stderr, 2);
	return false;
}

static int
fail(const char *event, const char *cause, const char *remedy)
{
	log_error(event, LOG_STR("cause", cause), LOG_STR("remedy", remedy));
	return 1;
}

/* Each connection of an agent is two descriptors. */
static unsigned int
raise_file_limit(void)
{
	struct rlimit limit = { 0, 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 256;
	if (limit.rlim_cur < FILES_WANTED) {
		limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > CONNECTIONS_MAX ? CONNECTIONS_MAX : (unsigned int)limit.rlim_cur;
}

static bool
is_port_free_now(const struct conf *conf)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	CLEANUP_FD int fd = -1;
	char port[16];
	bool is_free;
	int on = 1;

	(void)snprintf(port, sizeof(port), "%lld", (long long)conf->listen_port);
	if (getaddrinfo(conf->listen_address, port, &hints, &found) != 0)
		return true;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	is_free = fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) == 0 || errno != EADDRINUSE;
	freeaddrinfo(found);
	return is_free;
}

/* nginx says it too, but in its own words and after three seconds.  The workers of an edge that was
 * killed need a moment to let go. */
static bool
is_port_free(const struct conf *conf)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	for (int tries = 0; tries < PORT_TRIES; tries++) {
		if (is_port_free_now(conf))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

static void
warn_of_expired_certificate(const struct conf *conf)
{
	char path[PATH_BYTES];
	FILE *file;
	X509 *cert;

	(void)snprintf(path, sizeof(path), "%s/pki/edge.crt", conf->dir);
	file = fopen(path, "re");
	cert = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
	if (cert != NULL && X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		log_error("certificate_expired", LOG_STR("file", path),
		    LOG_STR("remedy",
			"put a valid certificate and key there and restart; or remove "
			"both and the next start makes new ones from the test CA"));
	X509_free(cert);
	if (file != NULL)
		(void)fclose(file);
}

static int
become_nginx(const struct conf *conf)
{
	char run[PATH_BYTES], file[PATH_BYTES];
	char name[] = "nginx", errors[] = "-e", standard[] = "stderr", prefix[] = "-p",
	     from[] = "-c";
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { path, NULL };
	char *const arguments[] = { name, errors, standard, prefix, run, from, file, NULL };

	(void)snprintf(run, sizeof(run), "%s/run/edge", conf->dir);
	(void)snprintf(file, sizeof(file), "%s/run/edge/nginx.conf", conf->dir);
	(void)execve(conf->nginx_bin, arguments, environment);
	return fail("nginx_does_not_start", strerror(errno), "install nginx or set nginx_bin");
}

/* The file is nginx's own: it must not lead a reload by root to another user's process. */
static bool
is_of_same_user(const char *file, long pid)
{
	struct stat of_file, of_process;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld", pid);
	return lstat(file, &of_file) == 0 && S_ISREG(of_file.st_mode) &&
	    stat(path, &of_process) == 0 && of_process.st_uid == of_file.st_uid;
}

static int
reload(const struct conf *conf)
{
	CLEANUP(buf) struct buf *text = NULL;
	char path[PATH_BYTES];
	long pid;

	(void)snprintf(path, sizeof(path), "%s/run/edge/state/nginx.pid", conf->dir);
	if (buf_new(PID_MAX_BYTES, &text) != ERR_OK || file_read(path, text, NULL) != ERR_OK)
		return fail("edge_not_running", path, "start it");
	pid = strtol(buf_c_string(text), NULL, 10);
	if (pid <= 1 || !is_of_same_user(path, pid) || kill((pid_t)pid, SIGHUP) != 0)
		return fail("edge_not_running", path, "start it");
	return 0;
}

int
edge_main(int argc, char **argv)
{
	struct options options = { NULL, false, false };
	struct err_detail why = { "" };
	struct conf conf;
	int status;

	log_open("edge");
	if (!parse_options(argc, argv, &options, &status))
		return status;
	if (conf_load(options.dir, &conf, &why) != ERR_OK)
		return fail("configuration_refused", why.text, "correct rendfly.conf");
	if (edge_prepare(&conf, raise_file_limit(), &why) != ERR_OK)
		return fail("edge_not_prepared", why.text, "see the cause");
	if (options.only_prepare)
		return 0;
	if (options.reload)
		return reload(&conf);
	warn_of_expired_certificate(&conf);
	if (!is_port_free(&conf)) {
		log_error("port_taken", LOG_INT("port", conf.listen_port),
		    LOG_STR("remedy", "stop what listens there or set listen_port"));
		return 1;
	}
	if (sandbox_drop_user("edge", conf.user_prefix, &why) != ERR_OK)
		return fail("privileges_not_dropped", why.text, "see the cause");
	return become_nginx(&conf);
}
