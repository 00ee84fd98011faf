/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash - the two hashes that addresses of wallets carry as check sums, for messages of at most
 * HASH_MAX_BYTES.  Not for secrets: nothing here is constant in time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES 32
#define HASH_MAX_BYTES 119

void hash_sha256(const uint8_t *at, size_t n, uint8_t ret_hash[static HASH_BYTES]);

/* Keccak as Ethereum and Monero use it: SHA-3's permutation with the padding from before. */
void hash_keccak256(const uint8_t *at, size_t n, uint8_t ret_hash[static HASH_BYTES]);
