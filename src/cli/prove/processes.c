/* SPDX-License-Identifier: Apache-2.0 */
/* processes - see processes.h; with the two checks that read nothing else. */
#include "cli/prove/processes.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/prove/prove.h"

#define STATUS_MAX_BYTES (256u << 10)
#define PROC_MAX_BYTES (1u << 20)

enum err
process_read(pid_t pid, const char *name, struct buf *b)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return file_read(path, b, NULL);
}

bool
process_status(pid_t pid, const char *field, char *ret_value, size_t value_bytes)
{
	CLEANUP(buf) struct buf *b = NULL;
	char wanted[64];
	const char *at, *end;

	(void)snprintf(wanted, sizeof(wanted), "\n%s:", field);
	if (buf_new(PROC_MAX_BYTES, &b) != ERR_OK || process_read(pid, "status", b) != ERR_OK)
		return false;
	at = strstr(buf_c_string(b), wanted);
	if (at == NULL)
		return false;
	at += strlen(wanted);
	while (*at == ' ' || *at == '\t')
		at++;
	end = strchr(at, '\n');
	(void)snprintf(ret_value, value_bytes, "%.*s", end == NULL ? 0 : (int)(end - at), at);
	return true;
}

static void
add_children_of(struct process list[PROCESSES_MAX], size_t *n)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	while (proc != NULL && (entry = readdir(proc)) != NULL && *n < PROCESSES_MAX) {
		long pid = strtol(entry->d_name, NULL, 10);
		char parent[32];

		if (pid <= 0 || !process_status((pid_t)pid, "PPid", parent, sizeof(parent)))
			continue;
		for (size_t i = 0; i < *n; i++) {
			if (list[i].is_child || list[i].pid != (pid_t)strtol(parent, NULL, 10) ||
			    strcmp(list[i].role, "supervisor") == 0)
				continue;
			list[*n] = (struct process){ .pid = (pid_t)pid, .is_child = true };
			(void)snprintf(list[*n].role, sizeof(list[*n].role), "%s", list[i].role);
			(*n)++;
			break;
		}
	}
	if (proc != NULL)
		(void)closedir(proc);
}

enum err
processes_list(const struct conf *conf, struct process ret_list[PROCESSES_MAX], size_t *ret_n,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	char path[PATH_MAX];
	json_t *status, *row;
	size_t i, n = 0;

	(void)snprintf(path, sizeof(path), "%s/run/status.json", conf->dir);
	if (buf_new(STATUS_MAX_BYTES, &b) != ERR_OK || file_read(path, b, reterr) != ERR_OK)
		return err_set(reterr, ERR_NOT_FOUND,
		    "nothing runs on %s: start it with `make run`", conf->dir);
	status = json_loadb(buf_str(b).at, buf_len(b), 0, NULL);
	json_array_foreach(json_object_get(status, "processes"), i, row)
	{
		const char *role = json_string_value(json_object_get(row, "role"));
		pid_t pid = (pid_t)json_integer_value(json_object_get(row, "pid"));

		if (role == NULL || pid <= 0 || kill(pid, 0) != 0 || n == PROCESSES_MAX)
			continue;
		ret_list[n] = (struct process){ .pid = pid };
		(void)snprintf(ret_list[n].role, sizeof(ret_list[n].role), "%s", role);
		n++;
	}
	json_decref(status);
	if (n == 0)
		return err_set(reterr, ERR_NOT_FOUND,
		    "nothing runs on %s: start it with `make run`", conf->dir);
	add_children_of(ret_list, &n);
	*ret_n = n;
	return ERR_OK;
}

/* ---- least privilege */

/* Every process of ours, and the workers of the edge, which meet strangers. */
static bool
is_filtered(const struct process *process)
{
	static const char *const roles[] = { "collector", "api", "judge", "steward", "keyd" };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i], process->role) == 0)
			return true;
	return process->is_child && strcmp(process->role, "edge") == 0;
}

/* Appends what is wrong with a process to faults. */
static void
look_at_process(const struct process *process, struct buf *faults)
{
	static const struct {
		const char *field, *wanted;
	} all[] = { { "CapEff", "0000000000000000" }, { "NoNewPrivs", "1" } };

	char value[128];

	if (!process_status(process->pid, "Uid", value, sizeof(value)))
		return; /* gone meanwhile */
	if (value[0] == '0' && value[1] == '\t')
		(void)!buf_printf(faults, " %s runs as root;", process->role);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!process_status(process->pid, all[i].field, value, sizeof(value)) ||
		    strcmp(value, all[i].wanted) != 0)
			(void)!buf_printf(faults, " %s has %s %s;", process->role, all[i].field,
			    value);
	if (is_filtered(process) &&
	    (!process_status(process->pid, "Seccomp", value, sizeof(value)) ||
		strcmp(value, "2") != 0))
		(void)!buf_printf(faults, " %s has no seccomp filter;", process->role);
}

/* Two roles under one user could read each other's memory. */
static void
look_for_shared_users(const struct process *list, size_t n, struct buf *faults)
{
	for (size_t i = 0; i < n; i++) {
		char mine[64], other[64];

		if (list[i].is_child || strcmp(list[i].role, "supervisor") == 0)
			continue;
		for (size_t j = 0; j < i; j++) {
			if (list[j].is_child || strcmp(list[j].role, "supervisor") == 0)
				continue;
			if (process_status(list[i].pid, "Uid", mine, sizeof(mine)) &&
			    process_status(list[j].pid, "Uid", other, sizeof(other)) &&
			    strcmp(mine, other) == 0)
				(void)!buf_printf(faults, " %s and %s share a user;", list[i].role,
				    list[j].role);
		}
	}
}

void
prove_least_privilege(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(buf) struct buf *faults = NULL;
	struct process list[PROCESSES_MAX];
	struct err_detail detail;
	size_t n = 0, looked = 0;

	if (processes_list(&p->conf, list, &n, &detail) != ERR_OK) {
		prove_say(r, false, "%s", detail.text);
		return;
	}
	if (buf_new(PROVE_EVIDENCE_BYTES, &faults) != ERR_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].role, "supervisor") == 0)
			continue;
		look_at_process(&list[i], faults);
		looked++;
	}
	look_for_shared_users(list, n, faults);
	if (buf_len(faults) > 0)
		prove_say(r, false, "of %zu processes:%s", looked, buf_c_string(faults));
	else
		prove_say(r, looked > 0,
		    "%zu processes: no capabilities, no new privileges, a user for each role, seccomp "
		    "filters on collector, api, judge, steward, keyd and the edge's workers",
		    looked);
}

/* ---- secrets */

static bool
is_private_file(const char *dir, const char *name, char *ret_fault, size_t fault_bytes)
{
	char path[PATH_MAX];
	struct stat s;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &s) != 0) {
		(void)snprintf(ret_fault, fault_bytes, "%s is missing", name);
		return false;
	}
	if ((s.st_mode & 077) != 0) {
		(void)snprintf(ret_fault, fault_bytes, "%s can be read by others", name);
		return false;
	}
	return true;
}

/* Half of the root key is Vault's then: the other and what Vault gives back open nothing alone. */
static void
prove_vault(const struct prove_context *p, struct prove_result *r)
{
	char fault[128];

	if (!is_private_file(p->conf.dir, "keys/root.share", fault, sizeof(fault)) ||
	    !is_private_file(p->conf.dir, "keys/root.vault", fault, sizeof(fault)) ||
	    !is_private_file(p->conf.dir, "keys/vault.secret", fault, sizeof(fault)))
		prove_say(r, false, "%s", fault);
	else
		prove_say(r, false,
		    "half of the root key opens at %s only; the database passwords are still files on "
		    "disk (mode 0400)",
		    p->conf.vault_addr);
}

/* The passphrase file lies beside what it opens, so a thief of the disk has both: until Vault or a
 * credential store holds it, this promise is false. */
void
prove_secrets(const struct prove_context *p, struct prove_result *r)
{
	char fault[128], path[PATH_MAX];
	struct stat s;

	if (strcmp(p->conf.root_backend, "vault") == 0) {
		prove_vault(p, r);
		return;
	}
	if (!is_private_file(p->conf.dir, "keys/root.sealed", fault, sizeof(fault))) {
		prove_say(r, false, "%s", fault);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/keys/root.passphrase", p->conf.dir);
	if (stat(path, &s) == 0)
		prove_say(r, false,
		    "the root key is sealed, but the passphrase that opens it and the database passwords "
		    "are files on the same disk (mode 0400); root_backend = vault or a systemd credential "
		    "keeps what opens it elsewhere");
	else
		prove_say(r, false,
		    "a credential opens the root key; the database passwords are still files on disk "
		    "(mode 0400)");
}
