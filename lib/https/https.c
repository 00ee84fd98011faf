/* SPDX-License-Identifier: Apache-2.0 */
#include "https/https.h"

#include <openssl/ssl.h>
#include <string.h>

#include "revocation/revocation.h"

/* The lists are in the context's store already: curl reads them with the authorities. */
static CURLcode
ask_for_revoked(CURL *curl, void *ssl_context, void *closure)
{
	(void)curl;
	(void)closure;
	return X509_STORE_set_flags(SSL_CTX_get_cert_store(ssl_context),
		   X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1
	    ? CURLE_OK
	    : CURLE_SSL_CERTPROBLEM;
}

bool
https_confine(CURL *easy, const struct buf *authorities)
{
	struct curl_blob pem = { .len = buf_len(authorities), .flags = CURL_BLOB_NOCOPY };

	/* curl reads the blob only; its type just cannot say so. */
	memcpy(&pem.data, &(const char *){ buf_c_string(authorities) }, sizeof(pem.data));
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION,
		revocation_is_listed(buf_str(authorities)) ? ask_for_revoked : NULL) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
}
