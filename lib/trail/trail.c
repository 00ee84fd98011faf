/* SPDX-License-Identifier: Apache-2.0 */
/* trail - see trail.h. */
#include "trail/trail.h"

#include <string.h>

#include "store/queries.h"

enum err
trail_add(struct store *s, const struct trail_act *act)
{
	const struct uuid id = uuid_new();
	char object[UUID_TEXT_BYTES] = "";

	if (!audit_may_emit(act->name, act->by))
		return ERR_BUG;
	if (!uuid_is_zero(&act->object))
		uuid_format(&act->object, object);
	return store_run(s, SQL_ADD_EVENT,
	    (struct store_param[]){ P_UUID(&act->workspace), P_UUID(&id), P_INT(act->name),
		P_INT(act->outcome), P_TEXT(STR("process")),
		P_TEXT(str_from(audit_emitter_name(act->by))), P_BYTEA(STR("")), P_TEXT(STR("")),
		P_TEXT(str_from(act->object_kind)), P_TEXT(str_from(object)),
		P_TEXT(str_from(act->detail)) },
	    11, NULL);
}

enum err
trail_add_alone(struct store *s, const struct trail_act *act)
{
	enum err e =
	    uuid_is_zero(&act->workspace) ? store_begin_plain(s) : store_begin(s, &act->workspace);

	if (e == ERR_OK)
		e = trail_add(s, act);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		store_rollback(s);
	return e;
}
