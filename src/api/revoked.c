/* SPDX-License-Identifier: Apache-2.0 */
#include "api/revoked.h"

#include <pthread.h>

struct entry {
	struct uuid session;
	int64_t expires_at_s; /* 0: free */
};

struct revoked {
	pthread_mutex_t lock;
	struct entry entries[REVOKED_MAX];
};

enum err
revoked_new(struct revoked **ret_revoked)
{
	struct revoked *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return ERR_NOMEM;
	if (pthread_mutex_init(&v->lock, NULL) != 0) {
		free(v);
		return ERR_IO;
	}
	*ret_revoked = v;
	return ERR_OK;
}

void
revoked_free(struct revoked *v)
{
	if (v == NULL)
		return;
	(void)pthread_mutex_destroy(&v->lock);
	free(v);
}

void
revoked_add(struct revoked *v, const struct uuid *session, int64_t expires_at_s)
{
	struct entry *first;

	(void)pthread_mutex_lock(&v->lock);
	first = &v->entries[0];
	for (size_t i = 1; i < REVOKED_MAX; i++)
		if (v->entries[i].expires_at_s < first->expires_at_s)
			first = &v->entries[i];
	first->session = *session;
	first->expires_at_s = expires_at_s;
	(void)pthread_mutex_unlock(&v->lock);
}

bool
revoked_has(struct revoked *v, const struct uuid *session, int64_t now_s)
{
	bool found = false;

	(void)pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < REVOKED_MAX && !found; i++)
		found = v->entries[i].expires_at_s >= now_s &&
		    uuid_equals(&v->entries[i].session, session);
	(void)pthread_mutex_unlock(&v->lock);
	return found;
}
