/* SPDX-License-Identifier: Apache-2.0 */
/* checks - what would make a start fail later and say less, found first, with its remedy. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <time.h>

#include "supervisor/supervisor.h"

#define LEAST_FREE_MB 100
/* No build is older than this: a clock before it is wrong, and certificates would look invalid. */
#define CLOCK_NOT_BEFORE 1790000000

static enum err
check_port(const char *address, int64_t port, const char *setting, struct err_detail *reterr)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	CLEANUP_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (port == 0 || fd < 0 || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return ERR_OK;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 || errno != EADDRINUSE)
		return ERR_OK;
	return err_set(reterr, ERR_CONFLICT,
	    "port %d is taken by another program: stop it (`ss -ltnp` shows it), or set another %s in "
	    "rendfly.conf",
	    (int)port, setting);
}

static enum err
check_ports(const struct conf *conf, struct err_detail *reterr)
{
	const struct {
		const char *address;
		int64_t port;
		const char *setting;
	} ports[] = { { conf->listen_address, conf->listen_port, "listen_port" },
		{ "127.0.0.1", conf->metrics_port, "metrics_port" },
		{ "127.0.0.1", conf->postgres_private ? conf->postgres_port : 0, "postgres_port" },
		{ "127.0.0.1", conf->sample_provider_port, "sample_provider_port" } };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		enum err e = check_port(ports[i].address, ports[i].port, ports[i].setting, reterr);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
checks_disk(const struct conf *conf, struct err_detail *reterr)
{
	struct statvfs fs;
	unsigned long long free_mb;

	if (statvfs(conf->dir, &fs) != 0)
		return ERR_OK;
	free_mb = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	if (free_mb >= LEAST_FREE_MB)
		return ERR_OK;
	return err_set(reterr, ERR_TOO_LARGE,
	    "the disk of %s is full: %llu MB are free, PostgreSQL needs %d at least; make room, lower "
	    "retention_days, or move the folder",
	    conf->dir, free_mb, LEAST_FREE_MB);
}

static enum err
check_clock(struct err_detail *reterr)
{
	if (time(NULL) >= CLOCK_NOT_BEFORE)
		return ERR_OK;
	return err_set(reterr, ERR_CONFLICT,
	    "the system clock is wrong: it is before this program was made; set it (timedatectl) and start again");
}

/* The X.509 file of this name; the caller frees it. */
static enum err
read_certificate(const char *path, X509 **ret_certificate, struct err_detail *reterr)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return err_set(reterr, ERR_NOT_FOUND, "%s: %s; tools/setup/init makes it", path,
		    strerror(errno));
	*ret_certificate = PEM_read_X509(file, NULL, NULL, NULL);
	(void)fclose(file);
	return *ret_certificate != NULL
	    ? ERR_OK
	    : err_set(reterr, ERR_MALFORMED, "%s is no certificate", path);
}

static enum err
check_dates(const char *path, const X509 *certificate, int days_left, struct err_detail *reterr)
{
	const ASN1_TIME *end = X509_get0_notAfter(certificate);
	time_t then = time(NULL) + (time_t)days_left * 86400;
	int days = 0, seconds = 0;

	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0)
		return err_set(reterr, ERR_CONFLICT,
		    "the certificate %s is not valid yet: is the system clock right?", path);
	if (X509_cmp_current_time(end) <= 0)
		return err_set(reterr, ERR_CONFLICT,
		    "the certificate %s has expired: stop, and `make run` (or tools/setup/init) makes it anew; "
		    "or put a valid one there",
		    path);
	if (X509_cmp_time(end, &then) > 0 || ASN1_TIME_diff(&days, &seconds, NULL, end) != 1)
		return ERR_OK;
	return err_set(reterr, ERR_CONFLICT,
	    "the certificate %s expires in %d days: stop, and `make run` (or tools/setup/init) makes it anew; "
	    "or put a valid one there",
	    path, days);
}

static enum err
check_certificate(const struct conf *conf, const char *name, int days_left,
    struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 64];
	X509 *certificate = NULL;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/pki/%s.crt", conf->dir, name);
	e = read_certificate(path, &certificate, reterr);
	if (e == ERR_OK)
		e = check_dates(path, certificate, days_left, reterr);
	X509_free(certificate);
	return e;
}

enum err
checks_certificates(const struct conf *conf, int days_left, struct err_detail *reterr)
{
	static const char *const names[] = { "ca", "edge", "postgres", "db-collector", "db-api",
		"db-judge", "db-steward", "db-setup" };
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < sizeof(names) / sizeof(names[0]); i++)
		e = check_certificate(conf, names[i], days_left, reterr);
	return e;
}

enum err
checks_run(const struct conf *conf, struct err_detail *reterr)
{
	enum err e = check_clock(reterr);

	if (e == ERR_OK)
		e = check_ports(conf, reterr);
	if (e == ERR_OK)
		e = checks_disk(conf, reterr);
	if (e == ERR_OK)
		e = checks_certificates(conf, 0, reterr);
	return e;
}
