/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "glib.h"

static void *
sure(void *p)
{
	if (!p)
		g_shim_fatal("out of memory");
	return p;
}

void *
g_malloc(gsize n)
{
	return n ? sure(malloc(n)) : NULL;
}

void *
g_malloc0(gsize n)
{
	return n ? sure(calloc(1, n)) : NULL;
}

void *
g_realloc(void *p, gsize n)
{
	if (!n) {
		free(p);
		return NULL;
	}
	return sure(realloc(p, n));
}

void
g_free(void *p)
{
	free(p);
}

char *
g_strdup(const char *s)
{
	return s ? sure(strdup(s)) : NULL;
}

GString *
g_string_new(const char *s)
{
	GString *g = g_new0(GString, 1);

	g->str = g_strdup(s ? s : "");
	g->len = strlen(g->str);
	return g;
}

void
g_string_append_printf(GString *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	s->str = g_realloc(s->str, s->len + (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(s->str + s->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	s->len += (size_t)n;
}

char *
g_string_free(GString *s, gboolean segment)
{
	char *str = s->str;

	free(s);
	if (!segment)
		return str;
	free(str);
	return NULL;
}

gsize
g_strlcpy(char *dst, const char *src, gsize n)
{
	gsize len = strlen(src), c = len < n ? len : n - 1;

	if (n) {
		memcpy(dst, src, c);
		dst[c] = '\0';
	}
	return len;
}

char *
g_strstr_len(const char *s, ptrdiff_t len, const char *what)
{
	size_t left = len < 0 ? strlen(s) : strnlen(s, (size_t)len);

	return memmem(s, left, what, strlen(what));
}

/* no tool chooses a locale: letters are those of ASCII */
gint
g_ascii_strcasecmp(const char *a, const char *b)
{
	return strcasecmp(a, b);
}

gboolean
g_str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

guint
g_strv_length(char **v)
{
	guint n = 0;

	while (v[n])
		n++;
	return n;
}

void
g_strfreev(char **v)
{
	guint i;

	for (i = 0; v && v[i]; i++)
		free(v[i]);
	free(v);
}

const char *
g_strerror(int e)
{
	return strerror(e);
}

const char *
g_getenv(const char *name)
{
	return getenv(name);
}

guint
g_parse_debug_string(const char *s, const GDebugKey *keys, guint n)
{
	guint i, v = 0;

	for (i = 0; s && i < n; i++)
		if (!strcmp(s, "all") || strstr(s, keys[i].key))
			v |= keys[i].value;
	return v;
}

GRand *
g_rand_new(void)
{
	GRand *r = g_new0(GRand, 1);

	if (getentropy(&r->s, sizeof(r->s)) < 0 || !r->s)
		r->s = 1;
	return r;
}

void
g_rand_free(GRand *r)
{
	free(r);
}

/* xorshift64*: router advertisement intervals and ports want no more */
gint
g_rand_int_range(GRand *r, gint lo, gint hi)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return lo + (gint)((r->s * 0x2545f4914f6cdd1dULL >> 33) %
			   (uint64_t)(hi > lo ? hi - lo : 1));
}

static gboolean
refuse(GError **err)
{
	if (err) {
		*err = g_new0(GError, 1);
		(*err)->message = g_strdup("not built to start programs");
	}
	return FALSE;
}

gboolean
g_shell_parse_argv(const char *s, gint *argc, char ***argv, GError **err)
{
	(void)s;
	*argc = 0;
	*argv = NULL;
	return refuse(err);
}

gboolean
g_spawn_async_with_fds(const char *wd, char **argv, char **env, GSpawnFlags f,
    GSpawnChildSetupFunc setup, gpointer data, GPid *pid, gint in, gint out,
    gint errfd, GError **err)
{
	(void)wd, (void)argv, (void)env, (void)f, (void)setup, (void)data;
	(void)pid, (void)in, (void)out, (void)errfd;
	return refuse(err);
}

void
g_error_free(GError *e)
{
	if (e)
		free(e->message);
	free(e);
}

void
g_shim_log(const char *fmt, ...)
{
	va_list ap;

	if (!getenv("SLIRP_DEBUG"))
		return;
	va_start(ap, fmt);
	fputs("libslirp: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void
g_shim_fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("libslirp: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}
