/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "accounts.h"
#include "addr.h"
#include "bng.h"
#include "die.h"
#include "plan.h"

/* why the users are refused; the exit status that the program would have */
static int refuse(char **why, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
refuse(char **why, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) < 0)
		*why = NULL;
	va_end(ap);
	return status;
}

/* of two users with one name it would be chance which one counts */
static int
given_twice(char **why, const struct conf *c, const struct user *u)
{
	if (!u->line)
		return refuse(why, 2, "-u %s: given twice", u->name);
	if (!u[-1].line)
		return refuse(why, 1, "%s: line %u: %s: given with -u, too",
		    c->secrets, u->line, u->name);
	return refuse(why, 1, "%s: line %u: %s: stands in line %u, too",
	    c->secrets, u->line, u->name, u[-1].line);
}

/* the address that a user has of its own; where the name server is has been
 * settled when the file is read again */
static int
check_address(char **why, const struct bng *b, const struct user *u)
{
	const struct conf *c = b->conf;
	const char *bad = plan_unfit(c, u->addr, u->addr);
	char addr[16];

	if (u->addr == c->address || u->addr == b->nat.conf.dns)
		bad = "our own address";
	if (!u->addr || !bad)
		return 0;
	addr_ip4str(addr, u->addr);
	if (!u->line)
		return refuse(why, 2, "-u %s: %s: %s", u->name, addr, bad);
	return refuse(
	    why, 1, "%s: line %u: %s: %s", c->secrets, u->line, addr, bad);
}

static int
add_all(char **why, const struct conf *c, struct users *us)
{
	char bad[128];
	int i;

	for (i = 0; i < c->nuser; i++)
		if (users_add(us, c->user[i]) < 0)
			return refuse(why, errno == ENOMEM ? 1 : 2,
			    "-u, number %d: %s", i + 1, strerror(errno));
	if (c->secrets && users_file(us, c->secrets, bad) < 0)
		return refuse(why, 1, "%s: %s", c->secrets, bad);
	/* those of the original's tests, so that its images connect */
	if (!c->nuser && !c->secrets &&
	    users_add(us, "db123@a.1:NotReallyTheSecret") < 0)
		return refuse(
		    why, 1, "memory for the users: %s", strerror(errno));
	return 0;
}

/* 0, or the exit status, and why */
static int
load(char **why, const struct bng *b, struct users *us)
{
	const struct user *twice;
	int status = add_all(why, b->conf, us);
	size_t i;

	if (!status && (twice = users_done(us)))
		status = given_twice(why, b->conf, twice);
	for (i = 0; !status && i < us->n; i++)
		status = check_address(why, b, &us->u[i]);
	return status;
}

static void
keep_addresses(struct bng *b)
{
	size_t i;

	for (i = 0; i < b->users.n; i++)
		pool_keep(&b->pool, b->users.u[i].addr);
	pool_sort(&b->pool);
}

void
accounts_open(struct bng *b)
{
	char *why;
	const int status = load(&why, b, &b->users);

	if (status)
		die(status, "%s", why ? why : strerror(ENOMEM));
	keep_addresses(b);
}

int
accounts_reload(struct bng *b, char **why)
{
	struct users us = { 0 };
	size_t i;

	if (!b->conf->secrets) {
		refuse(why, 1, "no --secrets");
		return -1;
	}
	if (load(why, b, &us)) {
		users_free(&us);
		return -1;
	}
	for (i = 0; i < b->users.n; i++)
		pool_unkeep(&b->pool, b->users.u[i].addr);
	users_free(&b->users);
	b->users = us;
	keep_addresses(b);
	return 0;
}
