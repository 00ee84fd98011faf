/* SPDX-License-Identifier: Apache-2.0 */
/* counted_memory - counts the allocations of what is linked with it (the linker's --wrap). */
#include "counted_memory.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t n);

static size_t count;

size_t
counted_memory(void)
{
	return count;
}

void *
__wrap_malloc(size_t n)
{
	count++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	count++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *at, size_t n)
{
	count++;
	return __real_realloc(at, n);
}
