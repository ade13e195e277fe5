/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include "relay.h"

/* reads the command line; ends the program when it is wrong */
void conf_get(struct relay_conf *c, char **argv);

#endif
