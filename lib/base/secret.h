/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret - bytes that must never reach a log, a core dump or another process's eyes.
 *
 * The memory comes from memfd_secret(2) where the kernel has it (then even root reads zeros
 * through /proc/PID/mem), else from locked pages that are left out of dumps.  No log field and no
 * formatter takes this type.  Compare only with secret_equals, which is constant in time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct secret;

MUST_CHECK enum err secret_new(size_t len,
    struct secret **ret_secret);    /* zeroed; len 1 to 64 KiB */
void secret_free(struct secret *s); /* wipes first; NULL is fine */
CLEANUP_DEFINE(secret);

uint8_t *secret_bytes(struct secret *s);
const uint8_t *secret_view(const struct secret *s);
size_t secret_len(const struct secret *s);
bool secret_equals(const struct secret *s, const uint8_t *bytes, size_t len);

/* Constant in time over len bytes. */
bool secret_bytes_equal(const uint8_t *a, const uint8_t *b, size_t len);

/* Which kind of memory the process gets: "memfd_secret" or "mlock". */
const char *secret_memory_kind(void);
