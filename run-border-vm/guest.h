/* limen: ISC licence, see LICENSE */
#ifndef GUEST_H
#define GUEST_H

/*
 * What this program does in the guest, where it is /init and /bin/border, and
 * for QEMU on the host, called with a first word that no user needs.
 */
#define GUEST_INIT    "/init"	/* its own name, as the first process */
#define GUEST_RUN     "run"	/* PROGRAM ARG...: see guest_run() */
#define GUEST_NAT     "nat"	/* IF: masquerades what goes out there */
#define GUEST_CONNECT "connect" /* ADDRESS:PORT: stdin and stdout to it */

/* the script that init becomes, see init.c; what it says when all is up */
extern const char guest_script[];
#define GUEST_SCRIPT "/etc/rc"
#define GUEST_LIST   "/etc/modules" /* those to load, a path a line */
#define GUEST_READY  "border: ready"

void guest_start(void);

/* becomes argv[0], which ^C ends: a shell without job control has all that it
 * starts in the background ignore that, and so would what a user runs there */
void guest_run(char *const *argv);
void guest_nat(const char *ifname);
void guest_connect(const char *to);

#endif
