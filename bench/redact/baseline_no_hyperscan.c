/* SPDX-License-Identifier: Apache-2.0 */
/* baseline_no_hyperscan - says that this build has none. */
#include "baseline.h"

struct hyperscan_baseline *
hyperscan_baseline_new(struct pcre2_baseline *with, const char **why)
{
	(void)with;
	*why = "libhyperscan-dev was not there when this was built (Debian has it for x86 only)";
	return NULL;
}

void
hyperscan_baseline_free(struct hyperscan_baseline *b)
{
	(void)b;
}

size_t
hyperscan_baseline_scan(struct hyperscan_baseline *b, struct str text, bool is_confirmed)
{
	(void)b;
	(void)text;
	(void)is_confirmed;
	return 0;
}
