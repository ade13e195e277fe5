/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "des.h"
#include "md4.h"
#include "mschap.h"
#include "sha1.h"
#include "wr.h"

#define UNITS_MAX 256 /* of a password; RFC 2759 section 8 */

/* section 8.3; what is longer than a password can be is cut */
static void
nt_hash(const struct mschap *m, uint8_t hash[MD4_LEN])
{
	const uint8_t *s = m->secret;
	uint8_t utf16[2 * UNITS_MAX] = { 0 };
	size_t i, n = m->secretlen < UNITS_MAX ? m->secretlen : UNITS_MAX;

	for (i = 0; i < n; i++)
		utf16[2 * i] = s[i];
	md4(utf16, 2 * n, hash);
	explicit_bzero(utf16, sizeof(utf16));
}

/* section 8.2; the name without its domain */
static void
challenge_hash(const struct mschap *m, uint8_t eight[8])
{
	const char *name = m->name;
	size_t n = m->namelen;
	const char *slash = n ? memchr(name, '\\', n) : NULL;
	uint8_t sum[SHA1_LEN];
	struct sha1 h;

	if (slash) {
		n -= (size_t)(slash + 1 - name);
		name = slash + 1;
	}
	sha1_init(&h);
	sha1_add(&h, m->peer_challenge, 16);
	sha1_add(&h, m->auth_challenge, 16);
	sha1_add(&h, name, n);
	sha1_end(&h, sum);
	memcpy(eight, sum, 8);
}

void
mschap_response(const struct mschap *m, uint8_t nt[MSCHAP_NT_LEN])
{
	uint8_t challenge[8], key[21] = { 0 };

	challenge_hash(m, challenge);
	nt_hash(m, key);
	des(key, challenge, nt);
	des(key + 7, challenge, nt + 8);
	des(key + 14, challenge, nt + 16);
	explicit_bzero(key, sizeof(key));
}

/* section 8.7 */
void
mschap_proof(const struct mschap *m, const uint8_t nt[MSCHAP_NT_LEN],
    char proof[MSCHAP_PROOF])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] =
	    "Pad to make it do more than one iteration";
	uint8_t hash[MD4_LEN], twice[MD4_LEN], eight[8], sum[SHA1_LEN];
	struct sha1 h;
	struct wr w;

	nt_hash(m, hash);
	md4(hash, sizeof(hash), twice);
	sha1_init(&h);
	sha1_add(&h, twice, sizeof(twice));
	sha1_add(&h, nt, MSCHAP_NT_LEN);
	sha1_add(&h, magic1, sizeof(magic1) - 1);
	sha1_end(&h, sum);
	challenge_hash(m, eight);
	sha1_init(&h);
	sha1_add(&h, sum, sizeof(sum));
	sha1_add(&h, eight, sizeof(eight));
	sha1_add(&h, magic2, sizeof(magic2) - 1);
	sha1_end(&h, sum);
	wr_init(&w, proof, MSCHAP_PROOF);
	wr_str(&w, "S=");
	wr_hex(&w, sum, SHA1_LEN);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(twice, sizeof(twice));
}
