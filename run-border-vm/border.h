/* limen: ISC licence, see LICENSE */
#ifndef BORDER_H
#define BORDER_H

#include <stddef.h>
#include <stdint.h>

/*
 * border.conf: lines "key = value". Blank lines and lines that begin with #
 * are passed over. A later value replaces an earlier one, but those of
 * "user", "forward", "reach" and "key" add up. Values stay in the text that
 * was parsed.
 */
#define BORDER_USERS	16
#define BORDER_FORWARDS 32
#define BORDER_KEYS	32

struct border_forward {
	const char *proto; /* "tcp", "udp" */
	int64_t host, guest;
};

struct border {
	const char *nic, *pci, *usb; /* one of them, the others NULL */
	uint32_t address;	     /* host order */
	int prefix;
	uint32_t dhcp[2]; /* first and last, 0: no DHCP */
	int own_dhcp;	  /* 1: dhcp was set, else it follows address */
	const char *dns;
	const char *share, *mount;
	int writable, nat;
	const char *tftp, *http; /* directories in the guest, NULL: none */
	const char *lns, *secret, *service;
	const char *user[BORDER_USERS]; /* NAME:PASSWORD */
	int nuser;
	struct border_forward forward[BORDER_FORWARDS];
	int nforward;
	const char *reach[BORDER_FORWARDS]; /* GUEST:PORT HOST:PORT */
	int nreach;
	int64_t ssh; /* port on the host, 0: none */
	const char *key[BORDER_KEYS];
	int nkey;
	const char *kernel, *modules, *busybox;
	int64_t memory, cpus; /* MiB */
};

void border_init(struct border *b);

/* sets one key, value being cut into pieces in place; NULL, or in words why
 * not, a static string */
const char *border_set(struct border *b, const char *key, char *value);

/* parses a NUL-terminated text in place. 0, or the number of the line that is
 * wrong, with *why and, when it is known, *key, NULL else */
int border_parse(
    struct border *b, char *text, const char **why, const char **key);

/* "01:00.0" or "0000:01:00.0" to the long form; 0 or -1 */
int border_pci(const char *s, char b[13]);

/* "0bda:8153" or "0bda:8153@BUS-PORT[.PORT...]"; where is NULL without, else
 * "BUS-PORT..." within s. 0 or -1 */
struct border_usb {
	unsigned vendor, product;
	const char *where;
};
int border_usb(const char *s, struct border_usb *u);

#endif
