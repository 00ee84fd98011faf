/* SPDX-License-Identifier: Apache-2.0 */
/* hash - SHA-256 (FIPS 180-4) and Keccak-256 of short messages. */
#include <string.h>

#include "redact/hash.h"

#define SHA_BLOCK 64
#define KECCAK_RATE 136
#define KECCAK_ROUNDS 24
#define LANES 25

static uint32_t
rotate_right(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static void
sha256_block(uint32_t state[static 8], const uint8_t *block)
{
	static const uint32_t k[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
		0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
		0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
		0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
		0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
		0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
		0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
		0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
		0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };
	uint32_t w[64], v[8];

	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		    (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (size_t i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) + w[i - 7] +
		    (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (size_t i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t1 = v[7] +
		    (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
		    ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
		uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
		    ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (size_t i = 0; i < 8; i++)
		state[i] += v[i];
}

void
hash_sha256(const uint8_t *at, size_t n, uint8_t ret_hash[static HASH_BYTES])
{
	uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint8_t padded[2 * SHA_BLOCK] = { 0 };
	size_t len = n + 9 <= SHA_BLOCK ? SHA_BLOCK : 2 * SHA_BLOCK;

	memcpy(padded, at, n);
	padded[n] = 0x80;
	padded[len - 1] = (uint8_t)(8 * n);
	padded[len - 2] = (uint8_t)(8 * n >> 8);
	for (size_t i = 0; i < len; i += SHA_BLOCK)
		sha256_block(state, padded + i);
	for (size_t i = 0; i < HASH_BYTES; i++)
		ret_hash[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static uint64_t
rotate_left(uint64_t x, unsigned int n)
{
	return n == 0 ? x : x << n | x >> (64 - n);
}

/* One round: theta, rho and pi, chi, iota. */
static void
keccak_round(uint64_t a[static LANES], uint64_t constant)
{
	static const uint8_t turns[LANES] = { 0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25,
		39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14 };
	uint64_t c[5], b[LANES];

	for (size_t x = 0; x < 5; x++)
		c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (size_t i = 0; i < LANES; i++)
		a[i] ^= c[(i + 4) % 5] ^ rotate_left(c[(i + 1) % 5], 1);
	for (size_t y = 0; y < 5; y++)
		for (size_t x = 0; x < 5; x++)
			b[y + 5 * ((2 * x + 3 * y) % 5)] =
			    rotate_left(a[x + 5 * y], turns[x + 5 * y]);
	for (size_t i = 0; i < LANES; i++)
		a[i] = b[i] ^ (~b[i / 5 * 5 + (i + 1) % 5] & b[i / 5 * 5 + (i + 2) % 5]);
	a[0] ^= constant;
}

void
hash_keccak256(const uint8_t *at, size_t n, uint8_t ret_hash[static HASH_BYTES])
{
	static const uint64_t constants[KECCAK_ROUNDS] = { 0x1, 0x8082, 0x800000000000808a,
		0x8000000080008000, 0x808b, 0x80000001, 0x8000000080008081, 0x8000000000008009,
		0x8a, 0x88, 0x80008009, 0x8000000a, 0x8000808b, 0x800000000000008b,
		0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
		0x800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x80000001,
		0x8000000080008008 };
	uint8_t padded[KECCAK_RATE] = { 0 };
	uint64_t lanes[LANES] = { 0 };

	memcpy(padded, at, n);
	padded[n] = 0x01;
	padded[KECCAK_RATE - 1] |= 0x80;
	for (size_t i = 0; i < KECCAK_RATE; i++)
		lanes[i / 8] |= (uint64_t)padded[i] << (8 * (i % 8));
	for (size_t round = 0; round < KECCAK_ROUNDS; round++)
		keccak_round(lanes, constants[round]);
	for (size_t i = 0; i < HASH_BYTES; i++)
		ret_hash[i] = (uint8_t)(lanes[i / 8] >> (8 * (i % 8)));
}
