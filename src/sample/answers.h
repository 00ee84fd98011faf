/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers - what the sample provider says: the turn that was recorded after the same messages, or
 * one of our own samples, chosen by a word of the user's last message.
 */
#pragma once

#include "base/arena.h"
#include "wire/wire.h"

struct answers;

/* recordings_path "" for the built-in samples only.  The file, or each *.jsonl of the folder, has
 * one JSON object a line with `id` and `messages` (OpenAI chat format). */
MUST_CHECK enum err answers_open(const char *recordings_path, struct answers **ret_answers,
    struct err_detail *reterr);
void answers_free(struct answers *a);
CLEANUP_DEFINE(answers);

size_t answers_recorded_count(const struct answers *a); /* conversations */

/* recording "" or the id or the place (FILE:LINE) that picks between recordings that begin alike;
 * ERR_NOT_FOUND when that one does not go on from these messages.  Without a recording that does,
 * one of our samples. */
MUST_CHECK enum err answers_find(const struct answers *a, struct str recording,
    const struct wire_conversation *conversation, struct wire_message *ret_answer);
