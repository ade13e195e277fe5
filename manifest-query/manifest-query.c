/* limen: ISC licence, see LICENSE */
#include <signal.h>
#include <stdio.h>

#include "arg.h"
#include "ask.h"
#include "die.h"
#include "load.h"
#include "press.h"

enum { NUMBERS = 256 }; /* the query of -s -S -a alone */

static const struct arg_opt opts[] = {
	{ 'l', "list", NULL, "the image's files (the default)" },
	{ 'm', "map", NULL, "image path, store path it names" },
	{ 'R', "requisites", NULL, "the closure, as nix-store -q does" },
	{ 't', "tree", NULL, "the closure as a tree, as nix-store -q does" },
	{ 's', "size", NULL, "own size of each path" },
	{ 'S', "closure-size", NULL, "size of each path's closure" },
	{ 'a', "added-size", NULL, "what removing each path would save" },
	{ 'e', "edges", NULL, "referrer, reference" },
	{ 'w', "why", NULL, "PATTERN: why it is there; twice: all edges" },
	{ 'f', "file", NULL, "with -w: the file that holds the hash" },
	{ 'd', "diff", NULL, "what changed from one root to another" },
	{ 'F', "files", NULL, "every file, also inside store paths" },
	{ 'u', "duplicates", NULL, "names there more than once" },
	{ 'c', "check", NULL, "what will not work in this image" },
	{ 'o', "output", "dot|svg|folded", "the graph in that form" },
	{ 'r', "references", "SOURCE", "where the graph is read from" },
	{ 'z', "compress", "COMMAND", "own sizes: what COMMAND makes of it" },
	{ 'i', "image", NULL, "the image's files are nodes too" },
	{ 'n', "name", NULL, "names without store directory and hash" },
	{ 'h', "human", NULL, "sizes for people, 1.5K" },
	{ 'j', "json", NULL, "an object a line" },
	{ '0', "null", NULL, "paths as they are, lines end with a NUL" },
	{ 0, NULL, NULL, NULL },
};
static const struct arg_tool tool = { "manifest-query",
	"[-0hijn] [-r SOURCE]... [-z COMMAND] [QUERY] PATH ...", opts, 0, 0 };

/* the queries: what they ask of the input */
static const struct query {
	int id;
	int (*run)(struct ask *a);
	int image;	 /* needs the manifest */
	int bare;	 /* does without a graph when there is no -r */
	int least, most; /* roots */
} queries[] = {
	{ 'l', ask_list, 1, 1, 1, 1 },
	{ 'm', ask_map, 1, 1, 1, 1 },
	{ 'c', ask_check, 1, 1, 1, 1 },
	{ 'F', ask_files, 1, 0, 1, 1 },
	{ 'R', ask_requisites, 0, 0, 1, 0 },
	{ 't', ask_tree, 0, 0, 1, 0 },
	{ NUMBERS, ask_paths, 0, 0, 1, 0 },
	{ 'e', ask_edges, 0, 0, 1, 0 },
	{ 'w', ask_why, 0, 0, 1, 0 },
	{ 'd', ask_diff, 0, 0, 2, 2 },
	{ 'u', ask_names, 0, 0, 1, 0 },
	{ 'o', ask_draw, 0, 0, 1, 0 },
};

struct cmd {
	struct arg arg;
	struct ask ask;
	struct load load;
	const struct query *query;
	int id;
	const char *press;
};

static void
set_query(struct cmd *c, int id)
{
	if (c->id && c->id != id)
		arg_usage(&c->arg, "-%c and -%c are two queries", c->id, id);
	c->id = id;
}

/* an option that only sets something; 0 when it is not one */
static int
modifier(struct cmd *c, int id)
{
	struct ask *a = &c->ask;

	switch (id) {
	case 's': return a->own = 1;
	case 'S': return a->closure = 1;
	case 'a': return a->added = 1;
	case 'f': return a->files = 1;
	case 'i': return c->load.entries = c->load.image = 1;
	case 'n': return a->o->strip = 1;
	case 'h': return a->o->human = 1;
	case 'j': return a->o->json = 1;
	case '0': return a->o->nul = 1;
	case 'z': return (c->press = c->arg.value) != NULL;
	case 'o': a->picture = arg_choice(&c->arg); /* a query, too */
	}
	return 0;
}

static void
add(char ***v, size_t *n, const char *s)
{
	size_t cap = *n;

	*v = mem_grow(*v, &cap, *n + 1, sizeof(**v));
	(*v)[(*n)++] = (char *)s;
}

static void
options(struct cmd *c, char **argv)
{
	int id;

	arg_init(&c->arg, &tool, argv);
	while ((id = arg_next(&c->arg)) != ARG_END) {
		if (id == ARG_OPERAND)
			add(&c->load.arg, &c->load.narg, c->arg.value);
		else if (id == 'r')
			add(&c->load.source, &c->load.nsource, c->arg.value);
		else if (!modifier(c, id)) {
			c->ask.all = id == 'w' && c->id == 'w';
			set_query(c, id);
		}
	}
}

static int
any_number(const struct cmd *c)
{
	return c->ask.own || c->ask.closure || c->ask.added;
}

/* what goes together, and how many operands it takes */
static void
agree(struct cmd *c)
{
	size_t i, n;

	if (!c->id)
		c->id = any_number(c) ? NUMBERS : 'l';
	for (i = 0; queries[i].id != c->id; i++)
		;
	c->query = &queries[i];
	if (any_number(c) && c->id != NUMBERS && c->id != 'R' && c->id != 't')
		arg_usage(&c->arg, "-s, -S and -a go with -R, -t or alone");
	if (c->ask.files && c->id != 'w')
		arg_usage(&c->arg, "-f goes with -w");
	if (c->ask.o->json && c->id == 'o')
		arg_usage(&c->arg, "-j does not go with -o");
	if (c->id == 'w') {
		if (!c->load.narg)
			arg_usage(&c->arg, "-w needs a pattern and a path");
		c->ask.pattern = *c->load.arg++;
		c->load.narg--;
	}
	n = c->load.narg;
	if (n < (size_t)c->query->least)
		arg_usage(&c->arg, c->id == 'd' ? "-d needs two paths"
				   : c->id == 'w'
				       ? "-w needs a pattern and a path"
				       : "a path is needed");
	if (c->query->most && n > (size_t)c->query->most)
		arg_usage(
		    &c->arg, "too many paths: %s", c->load.arg[c->query->most]);
	if (c->load.entries && (n > 1 || c->id == 'd'))
		arg_usage(&c->arg, "-i takes one path");
	c->load.image |= c->query->image;
	c->load.nograph = c->query->bare && !c->load.nsource;
	if (c->load.nograph)
		c->load.entries = 0;
}

/* orders, sums and the dominator tree, as far as the query needs them */
static void
prepare(struct cmd *c, struct loaded *l)
{
	struct ask *a = &c->ask;
	uint64_t total;
	struct fault f;

	if (c->press && press_sizes(&l->g, c->press, &f) < 0)
		die(2, "%s", f.text);
	if (c->press)
		l->unsized = 0;
	if (!(a->post = order_post(&l->g, &f)))
		die(2, "%s", f.text);
	if (order_total(&l->g, &total) < 0)
		die(2, "the sizes add up to more than 64 bits");
	if (a->closure)
		a->sums = order_sums(&l->g, a->post);
	if (a->added || c->id == 'o')
		order_dominators(&l->g, a->post, l->root, &a->dom);
	if (l->unsized && (any_number(c) || c->id == 'd' || c->id == 'u'))
		warn("%u paths without a size count as 0", l->unsized);
}

int
main(int argc, char **argv)
{
	static struct out o;
	static struct cmd c;
	static struct loaded l;
	struct fault f;
	int r;

	(void)argc;
	signal(SIGPIPE, SIG_DFL);
	c.ask.o = &o;
	options(&c, argv);
	agree(&c);
	if (load(&c.load, &l, &f) < 0)
		die(2, "%s", f.text);
	c.ask.g = &l.g;
	c.ask.root = l.root;
	c.ask.nroots = c.load.narg;
	c.ask.image = &l.image;
	if (!c.load.nograph)
		prepare(&c, &l);
	r = c.query->run(&c.ask);
	out_flush(&o);
	load_free(&l);
	return r;
}
