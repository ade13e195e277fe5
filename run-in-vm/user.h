/* limen: ISC licence, see LICENSE */
#ifndef USER_H
#define USER_H

#include "job.h"

/* whom the command is: USER[:GROUP], by number or by name as this host's
 * /etc/passwd and /etc/group have them; ends the program on another one */
void user_set(struct job *j, const char *text);

#endif
