// SPDX-License-Identifier: Apache-2.0
/* Between usm.c and usm_keys.c: the algorithms of OpenSSL, fetched once. */
#pragma once
#include <openssl/evp.h>

const EVP_MD *usm_hash(int auth);               /* NULL: none, or not offered */
const EVP_CIPHER *usm_cipher(int priv);
EVP_CIPHER_CTX *usm_cipher_ctx(void);           /* the process has one; it is initialised for each message */
