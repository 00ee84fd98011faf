/* SPDX-License-Identifier: Apache-2.0 */
/* user - from root to a system user of its own: groups, ids, capabilities, no way back. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/parts.h"

#define USER_NAME_BYTES 64

static enum err
forbid_core_dumps(struct err_detail *reterr)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(reterr, ERR_IO, "core dumps cannot be turned off: %s",
		    strerror(errno));
	return ERR_OK;
}

static enum err
clear_capabilities(struct err_detail *reterr)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) != 0)
		return err_set(reterr, ERR_IO, "capabilities cannot be given up: %s",
		    strerror(errno));
	return ERR_OK;
}

static enum err
become_user(const char *name, struct err_detail *reterr)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		return err_set(reterr, ERR_NOT_FOUND,
		    "there is no system user %s: tools/setup makes it, or set user_prefix", name);
	if (user->pw_uid == 0)
		return err_set(reterr, ERR_DENIED, "the system user %s is root", name);
	/* The bounding set first: it takes a capability to give one up. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (setgroups(0, NULL) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return err_set(reterr, ERR_IO, "cannot become %s: %s", name, strerror(errno));
	if (setuid(0) == 0)
		return err_set(reterr, ERR_BUG, "root came back after becoming %s", name);
	return ERR_OK;
}

enum err
sandbox_drop_user(const char *role, const char *user_prefix, struct err_detail *reterr)
{
	char name[USER_NAME_BYTES];
	int death_signal = 0;
	enum err e = ERR_OK;

	/* The kernel forgets it at a change of user. */
	(void)prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
	if (geteuid() == 0) {
		(void)snprintf(name, sizeof(name), "%s-%s", user_prefix, role);
		e = become_user(name, reterr);
	}
	if (e == ERR_OK)
		e = clear_capabilities(reterr);
	/* After the change of user, which makes a process dumpable again or not by its own rules.
	 */
	if (e == ERR_OK)
		e = forbid_core_dumps(reterr);
	if (e == ERR_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		e = err_set(reterr, ERR_IO, "no_new_privs cannot be set: %s", strerror(errno));
	if (death_signal != 0)
		(void)prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0);
	(void)umask(077);
	return e;
}
