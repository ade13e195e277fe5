/* limen: ISC licence, see LICENSE */
#ifndef USERS_H
#define USERS_H

#include <stddef.h>
#include <stdint.h>

struct user {
	char *name, *secret;
	uint32_t addr; /* host order, 0: from the pool */
	unsigned line; /* of the file, 0: of no file */
};

struct users {
	struct user *u; /* sorted by name once users_done() */
	size_t n, cap;
};

/* "NAME:PASSWORD[:ADDR]"; the name ends at the first colon, ADDR is what
 * looks like an address behind the last. 0, or -1 and errno */
int users_add(struct users *us, const char *spec);

/*
 * Reads a file in the form of pap-secrets(5): "client server secret [addr]",
 * quotes and backslashes honoured, "#" begins a comment, the server is not
 * looked at. Others must not be able to read the file. 0, or -1 with a reason
 * in why (at least 128 bytes).
 */
int users_file(struct users *us, const char *path, char *why);

/* sorts. NULL, or of two with one name the later one, the earlier right
 * before it */
const struct user *users_done(struct users *us);

/* the user of that name, or NULL */
const struct user *users_find(const struct users *us, const char *name);

/* wipes and frees */
void users_free(struct users *us);

#endif
