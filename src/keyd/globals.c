/* SPDX-License-Identifier: Apache-2.0 */
/* globals - see globals.h. */
#include "keyd/globals.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "seal/seal.h"

static const struct seal_place place = { { "globals", 7 }, { "keys", 4 }, { { 0 } }, { { 0 } } };

static const char *const names[KEY_N_GLOBALS] = { [KEY_CONTEXT] = "rendfly rls context 1",
	[KEY_TOKEN] = "rendfly access token 1",
	[KEY_INGEST] = "rendfly ingest key 1",
	[KEY_PASSWORD] = "rendfly password 1",
	[KEY_AUDIT] = "rendfly audit checkpoint 1",
	[KEY_AUDIT_MEMORY] = "rendfly audit memory 1" };

static struct str
view(const struct secret *s)
{
	return (struct str){ (const char *)secret_view(s), secret_len(s) };
}

enum err
globals_derive(const struct secret *root, struct secret **ret_globals)
{
	CLEANUP(secret) struct secret *globals = NULL;
	enum err e = secret_new(GLOBALS_BYTES, &globals);

	for (size_t i = 0; e == ERR_OK && i < KEY_N_GLOBALS; i++)
		e = seal_hkdf(view(root), STR(""), str_from(names[i]),
		    secret_bytes(globals) + i * GLOBAL_BYTES, GLOBAL_BYTES);
	if (e == ERR_OK)
		*ret_globals = TAKE(globals);
	return e;
}

static enum err
open_record(const struct secret *root, struct str record, struct secret *globals)
{
	CLEANUP(buf) struct buf *opened = NULL;
	enum err e = buf_new(GLOBALS_BYTES, &opened);

	if (e == ERR_OK)
		e = seal_open(secret_view(root), &place, record, opened);
	if (e == ERR_OK && buf_len(opened) != GLOBALS_BYTES)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		memcpy(secret_bytes(globals), buf_str(opened).at, GLOBALS_BYTES);
	return e;
}

enum err
globals_open(const char *dir, enum root_files files, const struct secret *root,
    struct secret **ret_globals, struct err_detail *reterr)
{
	CLEANUP(secret) struct secret *globals = NULL;
	CLEANUP(buf) struct buf *record = NULL;
	char path[ROOT_PATH_BYTES];
	enum err e;

	root_path(dir, files, "globals", path);
	e = buf_new(GLOBALS_BYTES + SEAL_OVERHEAD_BYTES, &record);
	if (e == ERR_OK)
		e = secret_new(GLOBALS_BYTES, &globals);
	if (e == ERR_OK)
		e = file_read(path, record, NULL);
	if (e == ERR_OK)
		e = open_record(root, buf_str(record), globals);
	if (e != ERR_OK)
		return err_set(reterr, e,
		    "%s is lost or not of this root key: restore the folder keys as a whole from "
		    "one backup",
		    path);
	*ret_globals = TAKE(globals);
	return ERR_OK;
}

enum err
globals_write_next(const char *dir, const struct secret *root, const struct secret *globals,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *record = NULL;
	const struct uuid key_id = uuid_new();
	char path[ROOT_PATH_BYTES];
	enum err e = buf_new(GLOBALS_BYTES + SEAL_OVERHEAD_BYTES, &record);

	if (e == ERR_OK)
		e = seal_record(secret_view(root), &key_id, &place, view(globals), record);
	if (e != ERR_OK)
		return err_set(reterr, e, "the next root key cannot seal: %s", err_text(e));
	(void)snprintf(path, sizeof(path), "%s/keys/next/globals", dir);
	return file_replace(path, buf_str(record), 0400, reterr);
}
