/* limen: ISC licence, see LICENSE */
#ifndef VMCTL_H
#define VMCTL_H

#include "vmsup.h"

/*
 * DIR/control of a machine on this listening socket (see ctl.h): "status",
 * "powerdown", "stop [TIME]" and "link NET up|down", NET being the id of a
 * -netdev. vmsup_turn() serves it.
 */
void vmctl_serve(struct vmsup *s, int fd);

#endif
