/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - publishes the ingest keys in force to the edge's mapped table: at once when one changed,
 * and every PUBLISH_EVERY_MS so that the edge sees that the table is alive.  Those of a workspace
 * that was destroyed are not in force, whatever the database says.
 */
#pragma once

#include "store/store.h"

#define PUBLISH_EVERY_MS 30000

struct key_publisher;

MUST_CHECK enum err key_publisher_new(const char *dir, struct key_publisher **ret_publisher);
void key_publisher_free(struct key_publisher *p);
CLEANUP_DEFINE(key_publisher);

void keys_publish_anew(struct key_publisher *p); /* makes it due: the wall clock stepped */
MUST_CHECK enum err keys_publish_if_due(struct key_publisher *p, struct store *store,
    struct keyd_client *keyd);
