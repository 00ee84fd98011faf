/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/revocation.h"

#include <string.h>

bool
revocation_is_listed(struct str pem)
{
	static const char begin[] = "-----BEGIN X509 CRL-----";

	return pem.len > 0 && memmem(pem.at, pem.len, begin, sizeof(begin) - 1) != NULL;
}
