/* SPDX-License-Identifier: ISC */
/*
 * Run by make, never installed: puts the page's files into one document and writes that,
 * compressed, with its ETag and its scripts' hashes, as C. In the document, a line
 * <script src="FILE"></script> or <link rel="stylesheet" href="FILE"> becomes the file.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HASH_SIZE = 32, HASH_TEXT_SIZE = 45, GZIP = 16 + 15 };

struct text {
	char *data;
	size_t len;
};

struct page {
	struct text document;
	struct text hashes;
};

static void die(const char *what, const char *which)
{
	fprintf(stderr, "embed: %s: %s\n", which, what);
	exit(1);
}

static void append(struct text *t, const char *data, size_t len)
{
	t->data = realloc(t->data, t->len + len + 1);
	if (!t->data)
		die("out of memory", "page");
	memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

static void append_str(struct text *t, const char *s)
{
	append(t, s, strlen(s));
}

static struct text read_file(const char *directory, const char *name)
{
	char path[4096], piece[65536];
	struct text t = { 0 };
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	if (!f)
		die(strerror(errno), path);
	append(&t, "", 0);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		append(&t, piece, n);
	if (ferror(f) || memchr(t.data, '\0', t.len))
		die("cannot be read, or is no text", path);
	fclose(f);
	return t;
}

static void hash(char out[HASH_TEXT_SIZE], const void *data, size_t len)
{
	unsigned char digest[HASH_SIZE];

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		die("no SHA-256", "OpenSSL");
	EVP_EncodeBlock((unsigned char *)out, digest, HASH_SIZE);
}

static const struct kind {
	const char *before, *behind;     /* in the document, around the file's name */
	const char *open, *close;        /* what it becomes */
	const char *forbidden;           /* would end it early */
	int is_script;
} kinds[] = {
	{ "<script src=\"", "\"></script>", "<script>", "</script>", "</script", 1 },
	{ "<script type=\"module\" src=\"", "\"></script>", "<script type=\"module\">",
	  "</script>", "</script", 1 },
	{ "<link rel=\"stylesheet\" href=\"", "\">", "<style>", "</style>", "</style", 0 },
};

static void put_file(struct page *p, const struct kind *k, const char *directory, const char *name)
{
	struct text t = read_file(directory, name);
	char digest[HASH_TEXT_SIZE];

	if (strcasestr(t.data, k->forbidden))
		die("has what would end it early", name);
	append_str(&p->document, k->open);
	append(&p->document, t.data, t.len);
	append_str(&p->document, k->close);
	if (k->is_script) {
		hash(digest, t.data, t.len);
		append_str(&p->hashes, p->hashes.len ? " 'sha256-" : "'sha256-");
		append_str(&p->hashes, digest);
		append_str(&p->hashes, "'");
	}
	free(t.data);
}

/* 1: the line was a file's. */
static int put_reference(struct page *p, const char *directory, const char *line, size_t len)
{
	char name[256];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];
		size_t before = strlen(k->before), behind = strlen(k->behind);

		if (len <= before + behind || len - before - behind >= sizeof(name) ||
		    memcmp(line, k->before, before) != 0 ||
		    memcmp(line + len - behind, k->behind, behind) != 0)
			continue;
		memcpy(name, line + before, len - before - behind);
		name[len - before - behind] = '\0';
		put_file(p, k, directory, name);
		return 1;
	}
	return 0;
}

static void put_document(struct page *p, const char *directory)
{
	struct text t = read_file(directory, "index.html");
	const char *line = t.data;

	while (*line) {
		size_t len = strcspn(line, "\n");
		size_t indent = strspn(line, " \t");

		if (indent > len || !put_reference(p, directory, line + indent, len - indent))
			append(&p->document, line, len);
		append_str(&p->document, "\n");
		line += len + (line[len] == '\n');
	}
	free(t.data);
}

static struct text compress_text(const struct text *t)
{
	z_stream z = { 0 };
	struct text out = { 0 };

	/* No name and no time in its head: the same files make the same bytes. */
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		die("does not start", "zlib");
	out.len = deflateBound(&z, t->len);
	out.data = malloc(out.len);
	if (!out.data)
		die("out of memory", "page");
	z.next_in = (Bytef *)t->data;
	z.avail_in = (uInt)t->len;
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)out.len;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("does not end", "zlib");
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

static void print_c(const struct page *p)
{
	struct text gzip = compress_text(&p->document);
	char digest[HASH_TEXT_SIZE];

	hash(digest, gzip.data, gzip.len);
	printf("/* Made by ws/page/embed of the files beside it. */\n#include \"ws/page.h\"\n\n");
	printf("const char page_etag[] = \"\\\"%.22s\\\"\";\n", digest);
	printf("const char page_hashes[] = \"%s\";\n", p->hashes.data ? p->hashes.data : "");
	printf("const size_t page_gzip_len = %zu;\nconst unsigned char page_gzip[] = {", gzip.len);
	for (size_t i = 0; i < gzip.len; i++)
		printf("%s%u,", i % 20 ? "" : "\n\t", (unsigned char)gzip.data[i]);
	printf("\n};\n");
	free(gzip.data);
}

int main(int argc, char **argv)
{
	struct page p = { 0 };

	if (argc != 2)
		die("usage: embed DIRECTORY", "page");
	put_document(&p, argv[1]);
	print_c(&p);
	free(p.document.data);
	free(p.hashes.data);
	return fflush(stdout) == 0 ? 0 : 1;
}
