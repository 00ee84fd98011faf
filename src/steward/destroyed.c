/* SPDX-License-Identifier: Apache-2.0 */
/* destroyed - see destroyed.h. */
#include "steward/destroyed.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1000

void
destroyed_free(struct destroyed *d)
{
	free(d->workspaces);
	*d = (struct destroyed){ 0 };
}

static enum err
add(struct destroyed *d, const struct uuid *more, size_t n)
{
	struct uuid *workspaces = realloc(d->workspaces, (d->n + n) * sizeof(*workspaces));

	if (workspaces == NULL)
		return ERR_NOMEM;
	memcpy(workspaces + d->n, more, n * sizeof(*more));
	d->workspaces = workspaces;
	d->n += n;
	return ERR_OK;
}

static enum err
ask(struct destroyed *d, struct keyd_client *keyd)
{
	struct uuid next[AT_ONCE], after = { { 0 } };
	size_t n = 0;

	do {
		enum err e = keyd_destroyed(keyd, &after, next, AT_ONCE, &n);

		if (e == ERR_OK && n > 0)
			e = add(d, next, n);
		if (e != ERR_OK)
			return e;
		if (n > 0)
			after = next[n - 1];
	} while (n > 0);
	return ERR_OK;
}

enum err
destroyed_learn(struct destroyed *d, struct keyd_client *keyd, bool *ret_is_changed)
{
	struct destroyed fresh = { .is_known = true };
	enum err e = ask(&fresh, keyd);

	if (e != ERR_OK) {
		destroyed_free(&fresh);
		return e;
	}
	*ret_is_changed = !d->is_known || fresh.n != d->n;
	destroyed_free(d);
	*d = fresh;
	return ERR_OK;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

bool
destroyed_has(const struct destroyed *d, const struct uuid *workspace)
{
	return d->n > 0 &&
	    bsearch(workspace, d->workspaces, d->n, sizeof(*workspace), compare) != NULL;
}
