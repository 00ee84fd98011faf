/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/revocation.h"

#include <openssl/ssl.h>
#include <string.h>

bool
revocation_is_listed(struct str pem)
{
	static const char begin[] = "-----BEGIN X509 CRL-----";

	return pem.len > 0 && memmem(pem.at, pem.len, begin, sizeof(begin) - 1) != NULL;
}

void
revocation_ask(void *ssl_context)
{
	(void)X509_STORE_set_flags(SSL_CTX_get_cert_store(ssl_context),
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}
