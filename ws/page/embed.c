/* SPDX-License-Identifier: ISC */
/*
 * Run by make, never installed: puts the page's files into one document and writes that,
 * compressed, with its ETag and its scripts' hashes, as C. In the document, a line
 * <script src="FILE"></script> or <link rel="stylesheet" href="FILE"> becomes the file,
 * and <script type="module" src="FILE"></script> the file and all that it imports.
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ws/page/bundle.h"

enum { HASH_SIZE = 32, HASH_TEXT_SIZE = 45, GZIP = 16 + 15 };

struct page {
	struct text document;
	struct text hashes;
};

static void hash(char out[HASH_TEXT_SIZE], const void *data, size_t len)
{
	unsigned char digest[HASH_SIZE];

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		text_die("no SHA-256", "OpenSSL");
	EVP_EncodeBlock((unsigned char *)out, digest, HASH_SIZE);
}

static const struct kind {
	const char *before, *behind;     /* in the document, around the file's name */
	const char *open, *close;        /* what it becomes */
	const char *forbidden;           /* would end it early */
	int is_script, is_module;
} kinds[] = {
	{ "<script src=\"", "\"></script>", "<script>", "</script>", "</script", 1, 0 },
	{ "<script type=\"module\" src=\"", "\"></script>", "<script type=\"module\">",
	  "</script>", "</script", 1, 1 },
	{ "<link rel=\"stylesheet\" href=\"", "\">", "<style>", "</style>", "</style", 0, 0 },
};

static void put_file(struct page *p, const struct kind *k, const char *directory, const char *name)
{
	struct text t = k->is_module ? bundle_make(directory, name) : text_read(directory, name);
	char digest[HASH_TEXT_SIZE];

	if (strcasestr(t.data, k->forbidden))
		text_die("has what would end it early", name);
	text_append_str(&p->document, k->open);
	text_append(&p->document, t.data, t.len);
	text_append_str(&p->document, k->close);
	if (k->is_script) {
		hash(digest, t.data, t.len);
		text_append_str(&p->hashes, p->hashes.len ? " 'sha256-" : "'sha256-");
		text_append_str(&p->hashes, digest);
		text_append_str(&p->hashes, "'");
	}
	text_free(&t);
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
	struct text t = text_read(directory, "index.html");
	const char *line = t.data;

	while (*line) {
		size_t len = strcspn(line, "\n");
		size_t indent = strspn(line, " \t");

		if (indent > len || !put_reference(p, directory, line + indent, len - indent))
			text_append(&p->document, line, len);
		text_append_str(&p->document, "\n");
		line += len + (line[len] == '\n');
	}
	text_free(&t);
}

static struct text compress_text(const struct text *t)
{
	z_stream z = { 0 };
	struct text out = { 0 };

	/* No name and no time in its head: the same files make the same bytes. */
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		text_die("does not start", "zlib");
	out.len = deflateBound(&z, t->len);
	out.data = malloc(out.len);
	if (!out.data)
		text_die("out of memory", "page");
	z.next_in = (Bytef *)t->data;
	z.avail_in = (uInt)t->len;
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)out.len;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		text_die("does not end", "zlib");
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
	text_free(&gzip);
}

int main(int argc, char **argv)
{
	struct page p = { 0 };

	if (argc != 2)
		text_die("usage: embed DIRECTORY", "page");
	put_document(&p, argv[1]);
	print_c(&p);
	text_free(&p.document);
	text_free(&p.hashes);
	return fflush(stdout) == 0 ? 0 : 1;
}
