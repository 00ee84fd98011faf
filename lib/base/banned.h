/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned - functions that are too easy to misuse are compile errors (the idea is git's).
 * Forced into every file of ours by the build.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name, instead) name##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, snprintf)
#undef strcat
#define strcat(a, b) BANNED(strcat, buf_append)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, snprintf)
#undef strncat
#define strncat(a, b, n) BANNED(strncat, buf_append)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok, str_slice)
#undef atoi
#define atoi(a) BANNED(atoi, strtoll)
#undef atol
#define atol(a) BANNED(atol, strtoll)
#undef gmtime
#define gmtime(a) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(a) BANNED(localtime, localtime_r)
#undef ctime
#define ctime(a) BANNED(ctime, strftime)
#undef rand
#define rand() BANNED(rand, getrandom)
#undef gets
#define gets(a) BANNED(gets, file_read)
#undef system
#define system(a) BANNED(system, posix_spawn)
