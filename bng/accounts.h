/* limen: ISC licence, see LICENSE */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H

struct bng;

/*
 * The users of the command line and of the file of --secrets, and those of
 * their addresses that the pool keeps for them.
 */
/* reads them; ends the program when they are wrong */
void accounts_open(struct bng *b);

/* reads them again: 0, or -1 with the reason (to be freed; NULL: no memory),
 * and the old ones stay */
int accounts_reload(struct bng *b, char **why);

#endif
