/* limen: ISC licence, see LICENSE */
#ifndef GUEST_H
#define GUEST_H

/*
 * What this program does in the guest, where it is /bin/border, and for QEMU
 * on the host, called with a first word that no user needs.
 */
#define GUEST_MODULES "modules" /* FILE: loads those listed, a path a line */
#define GUEST_NAT     "nat"	/* IF: masquerades what goes out there */
#define GUEST_CONNECT "connect" /* ADDRESS:PORT: stdin and stdout to it */

/* the init script of the guest, see init.c; what it says when all is up */
extern const char guest_init[];
#define GUEST_READY "border: ready"

void guest_modules(const char *list);
void guest_nat(const char *ifname);
void guest_connect(const char *to);

#endif
