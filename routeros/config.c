/* limen: ISC licence, see LICENSE */
#include "conf.h"

/* a PPPoE server on access, as Liminix' tests expect it */
const char conf_builtin[] =
    "/interface ethernet\n"
    "set [ find default-name=ether1 ] disable-running-check=no name=access\n"
    "set [ find default-name=ether2 ] disable-running-check=no name=world\n"
    "/ip pool\n"
    "add name=pppoe-pool ranges=192.168.100.10-192.168.100.99\n"
    "/ppp profile\n"
    "add local-address=192.168.100.1 name=pppoe-profile \\\n"
    "    remote-address=pppoe-pool\n"
    "/interface pppoe-server server\n"
    "add default-profile=pppoe-profile disabled=no interface=access \\\n"
    "    service-name=internet\n"
    "/ppp secret\n"
    "add name=db123@a.1 password=NotReallyTheSecret \\\n"
    "    profile=pppoe-profile service=pppoe\n";
