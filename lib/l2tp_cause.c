/* limen: ISC licence, see LICENSE */
/* why a call ended, by the network's and by PPP's codes */
#include <string.h>

#include "l2tp.h"
#include "nth.h"

/* ITU-T Q.850 section 2.2.5, whose causes Q.931 has: a number and its words */
static const char q931[] = "\001unallocated number\0"
			   "\003no route to destination\0"
			   "\020normal call clearing\0"
			   "\021user busy\0"
			   "\022no user responding\0"
			   "\023no answer from user\0"
			   "\025call rejected\0"
			   "\033destination out of order\0"
			   "\034invalid number format\0"
			   "\035facility rejected\0"
			   "\042no circuit available\0"
			   "\046network out of order\0"
			   "\051temporary failure\0"
			   "\052congestion\0";

/* their classes, by bits 5 to 7 */
static const char classes[] = "normal event\0"
			      "normal event\0"
			      "resource unavailable\0"
			      "service not available\0"
			      "service not implemented\0"
			      "invalid message\0"
			      "protocol error\0"
			      "interworking\0";

/* RFC 3145 section 2.2, from 0 */
static const char ppp[] = "no information\0"
			  "administrative disconnect\0"
			  "LCP renegotiation disabled\0"
			  "LCP Terminate-Request sent\0"
			  "encryption required and refused\0"
			  "LCP timeout\0"
			  "no LCP packets recognized\0"
			  "magic number error\0"
			  "LCP echo timeout\0"
			  "unexpected endpoint discriminator\0"
			  "unexpected MRRU\0"
			  "unexpected short sequence numbers\0"
			  "callback required and refused\0"
			  "authentication timeout\0"
			  "unexpected name\0"
			  "authentication protocol refused\0"
			  "authentication failed\0"
			  "NCP timeout\0"
			  "no NCP available\0"
			  "no acceptable addresses\0"
			  "no addresses permitted\0";

const char *
l2tp_q931_name(unsigned cause)
{
	const char *t;

	for (t = q931; *t; t += strlen(t) + 1)
		if ((unsigned)*t == cause)
			return t + 1;
	return nth(classes, cause >> 4);
}

const char *
l2tp_ppp_cause_name(unsigned code)
{
	return nth(ppp, code);
}
