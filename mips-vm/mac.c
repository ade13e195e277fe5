/* limen: ISC licence, see LICENSE */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "conf.h"
#include "die.h"
#include "macname.h"
#include "siphash.h"

/* what Liminix' scripts have always given them; access is the first plus 1 */
static const uint8_t original[6] = { 0xba, 0xad, 0x1d, 0xea, 0x21, 0x01 };

/* the absolute path of a directory that need not be there yet, in one that
 * is; 0, or -1 */
static int
absolute(const char *dir, char b[PATH_MAX])
{
	const char *base;
	char up[PATH_MAX];
	size_t n = strlen(dir), len;
	int k;

	if (realpath(dir, b))
		return 0;
	while (n > 1 && dir[n - 1] == '/')
		n--;
	base = memrchr(dir, '/', n);
	base = base ? base + 1 : dir;
	n -= (size_t)(base - dir);
	k = snprintf(up, sizeof(up), "%.*s", (int)(base - dir), dir);
	if (k >= (int)sizeof(up) || !realpath(k ? up : ".", b))
		return -1;
	len = strlen(b);
	k = snprintf(
	    b + len, PATH_MAX - len, "%s%.*s", b[1] ? "/" : "", (int)n, base);
	return k < (int)(PATH_MAX - len) ? 0 : -1;
}

static void
next(uint8_t mac[6])
{
	int i;

	for (i = 5; i > 0 && !++mac[i]; i--)
		;
}

/* the address that this machine has when the original is taken: the same
 * each time for the same state directory and network */
static void
derive(const struct conf *c, struct vmnet *n)
{
	static const uint8_t key[16] = "limen mac";
	char b[PATH_MAX + 16], path[PATH_MAX];
	uint64_t h;

	if (c->dir && absolute(c->dir, path) == 0)
		snprintf(b, sizeof(b), "%s %s", n->id, path);
	else
		snprintf(b, sizeof(b), "%s %ld", n->id, (long)getpid());
	h = siphash(key, b, strlen(b));
	n->mac[3] = (uint8_t)(h >> 16 | 0x80); /* see unecho_source() */
	n->mac[4] = (uint8_t)(h >> 8);
	n->mac[5] = (uint8_t)h;
}

/* 1 when its address is this machine's; a dry run only looks */
static int
ours(const struct vmnet *n, int hold)
{
	return hold ? macname_take(&n->name, n->mac) == 0
		    : macname_free(&n->name, n->mac);
}

static void
choose(struct conf *c, struct vmnet *n, int hold)
{
	char b[ADDR_MACLEN];
	int i;

	if (ours(n, hold))
		return;
	if (c->macbase)
		die(1, "--mac-base: %s is in use on %s", addr_macstr(b, n->mac),
		    n->text);
	derive(c, n);
	for (i = 0; i < 64 && !ours(n, hold); i++)
		next(n->mac);
}

void
mac_choose(struct conf *c, int hold)
{
	char b[ADDR_MACLEN];
	uint8_t base[6];
	int i;

	memcpy(base, original, 6);
	if (c->macbase && (addr_mac(c->macbase, base) < 0 || base[0] & 1))
		die(2, "--mac-base %s: not a MAC address", c->macbase);
	for (i = 0; i < NETS; i++) {
		memcpy(c->net[i].mac, base, 6);
		if (i == NET_ACCESS)
			next(c->net[i].mac);
		if (c->net[i].name.kind == NETNAME_NONE)
			continue;
		choose(c, &c->net[i], hold);
		if (c->verbose)
			warn("%s: %s, MAC %s", c->net[i].id, c->net[i].text,
			    addr_macstr(b, c->net[i].mac));
	}
}
