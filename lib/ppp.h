/* limen: ISC licence, see LICENSE */
#ifndef PPP_H
#define PPP_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * PPP's packets (RFC 1661 sections 2 and 5) as PPPoE and L2TP carry them:
 * the Protocol field, then the Information field. A frame may begin with
 * the Address and Control octets FF 03; ours never do.
 */

/* PPP protocol numbers (IANA) */
enum {
	PPP_IP = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_IPCP = 0x8021,
	PPP_IP6CP = 0x8057,
	PPP_CCP = 0x80fd,
	PPP_LCP = 0xc021,
	PPP_PAP = 0xc023,
	PPP_CHAP = 0xc223,
	PPP_EAP = 0xc227
};

/* codes of LCP and, up to PPP_CODE_REJ, of the control protocols */
enum ppp_code {
	PPP_CONF_REQ = 1,
	PPP_CONF_ACK,
	PPP_CONF_NAK,
	PPP_CONF_REJ,
	PPP_TERM_REQ,
	PPP_TERM_ACK,
	PPP_CODE_REJ,
	PPP_PROTO_REJ,
	PPP_ECHO_REQ,
	PPP_ECHO_REP,
	PPP_DISCARD_REQ,
	PPP_IDENT,    /* RFC 1570 */
	PPP_TIMELEFT, /* RFC 1570 */
	PPP_NCODES
};

/* codes of PAP (RFC 1334 section 2.2) and of CHAP (RFC 1994 section 4) */
enum { PPP_PAP_REQ = 1, PPP_PAP_ACK, PPP_PAP_NAK };
enum {
	PPP_CHAP_CHALLENGE = 1,
	PPP_CHAP_RESPONSE,
	PPP_CHAP_SUCCESS,
	PPP_CHAP_FAILURE
};

/* options of LCP (RFC 1661 section 6), IPCP (RFC 1332, 1877) and IPV6CP
 * (RFC 5072) that we know */
enum {
	PPP_LCP_MRU = 1,
	PPP_LCP_ACCM = 2,
	PPP_LCP_AUTH = 3,
	PPP_LCP_MAGIC = 5,
	PPP_LCP_PFC = 7,
	PPP_LCP_ACFC = 8,
	PPP_IPCP_VJ = 2,
	PPP_IPCP_ADDR = 3,
	PPP_IPCP_DNS1 = 129,
	PPP_IPCP_DNS2 = 131,
	PPP_IP6CP_ID = 1
};

/* ways to authenticate; also the bit numbers of a set of them */
enum ppp_method {
	PPP_NOAUTH,
	PPP_AUTH_PAP,	   /* RFC 1334 */
	PPP_AUTH_CHAP,	   /* RFC 1994, MD5 */
	PPP_AUTH_MSCHAPV2, /* RFC 2759 */
	PPP_NMETHODS
};

#define PPP_HDR	    2	 /* the Protocol field */
#define PPP_CTL_HDR 4	 /* Code, Identifier, Length */
#define PPP_CTL_MAX 1984 /* of a control packet, as the longest line has it */
#define PPP_MRU	    1500 /* when nothing was negotiated */
#define PPP_MRU_MIN 128	 /* that we agree to send to */
#define PPP_NAMELEN 128	 /* longest name of a user, and its NUL */

/* a frame taken apart; data points into it */
struct ppp_frame {
	uint16_t proto;
	const uint8_t *data;
	size_t len;
};

/* 0, or -1 when it has no whole Protocol field. FF 03 is passed over; a
 * Protocol field compressed to one octet (RFC 1661 section 6.5) is taken. */
int ppp_get(struct ppp_frame *f, const void *buf, size_t len);

/* a packet of a control or authentication protocol; data points into it */
struct ppp_ctl {
	uint8_t code, id;
	const uint8_t *data;
	size_t len; /* of data, by the Length field: padding is left out */
};

/* 0, or -1 when the Length field is less than a header or more than len */
int ppp_ctl_get(struct ppp_ctl *c, const void *buf, size_t len);

/* a Configuration Option; data points into the packet */
struct ppp_opt {
	uint8_t type;
	uint8_t len; /* of data */
	const uint8_t *data;
};

/* takes the next option off r: 1, 0 at the end, -1 when malformed (a length
 * below 2 or past the end: nothing after it can be trusted) */
int ppp_opt_get(struct rd *r, struct ppp_opt *o);
void ppp_opt_put(struct wr *w, const struct ppp_opt *o);
void ppp_opt_put16(struct wr *w, unsigned type, unsigned v);
void ppp_opt_put32(struct wr *w, unsigned type, uint32_t v);
void ppp_opt_put64(struct wr *w, unsigned type, uint64_t v);

/* the value of an option of 2, 4, 8 bytes; the caller has checked o->len */
uint64_t ppp_opt_num(const struct ppp_opt *o);

/* LCP's Authentication-Protocol option: PPP_NOAUTH when it is none we know */
enum ppp_method ppp_method_get(const struct ppp_opt *o);
void ppp_method_put(struct wr *w, enum ppp_method m);

/* ms until what has been sent so many times (from 1) is sent again: 1 s at
 * first, doubling up to most */
int ppp_patience(unsigned sent, int most);

/* are both equal? Takes a time that depends on n only. */
int ppp_same(const void *a, const void *b, size_t n);

/* names for logs; never NULL, "unknown" when there is none */
const char *ppp_proto_name(unsigned proto);
const char *ppp_method_name(enum ppp_method m);

#endif
