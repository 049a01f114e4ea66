/* SPDX-License-Identifier: ISC */
/* authorized_keys lines, as sshd(8) describes them, against an offered key. Pure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authorized_keys.h"
#include "auth/from.h"
#include "tests/suite.h"

/* Blobs of the right shape; what a signature needs is not looked at here. */
#define ED "AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define ED_OTHER "AAAAC3NzaC1lZDI1NTE5AAAAIAICAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define KEY "ssh-ed25519 " ED

static const uint8_t ed_blob[] =
	"\0\0\0\x0bssh-ed25519\0\0\0\x20"
	"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"
	"\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20";

static const struct row {
	const char *name;
	const char *line;
	enum authorized_keys_result want;
} rows[] = {
	{ "a plain line", KEY, KEYS_MATCH },
	{ "with a comment", KEY " alice@work", KEYS_MATCH },
	{ "a comment with blanks", KEY " alice at work = \"home\"", KEYS_MATCH },
	{ "a comment behind a tab", KEY "\tx", KEYS_MATCH },
	{ "blanks before it", " \t " KEY, KEYS_MATCH },
	{ "several blanks inside", "ssh-ed25519 \t " ED, KEYS_MATCH },
	{ "a line end of DOS", KEY "\r", KEYS_MATCH },
	{ "a line end of DOS behind a comment", KEY " c\r", KEYS_MATCH },
	{ "nothing", "", KEYS_OTHER },
	{ "blanks only", "  \t", KEYS_OTHER },
	{ "only a line end of DOS", "\r", KEYS_OTHER },
	{ "commented out", "# " KEY, KEYS_OTHER },
	{ "commented out behind blanks", "  #" KEY, KEYS_OTHER },
	{ "another key", "ssh-ed25519 " ED_OTHER, KEYS_OTHER },
	{ "a type alone", "ssh-ed25519", KEYS_OTHER },
	{ "a type and a blank", "ssh-ed25519 ", KEYS_OTHER },
	{ "the key without its type", ED, KEYS_OTHER },
	{ "the key's type is another's", "ssh-rsa " ED, KEYS_OTHER },
	{ "the type in capitals", "SSH-ED25519 " ED, KEYS_OTHER },
	{ "one digit short",
	  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	  KEYS_OTHER },
	{ "padding too much", KEY "====", KEYS_OTHER },
	{ "a byte more", KEY "AA==", KEYS_OTHER },
	{ "not base64 in it",
	  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh*g",
	  KEYS_OTHER },
	{ "base64 for URLs",
	  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh_g",
	  KEYS_OTHER },
	{ "the key in quotes", "ssh-ed25519 \"" ED "\"", KEYS_OTHER },
	{ "a key of SSH 1", "1024 35 1234567890", KEYS_OTHER },
	{ "DSA", "ssh-dss " ED, KEYS_OTHER },
	{ "a certificate's type", "ssh-ed25519-cert-v01@openssh.com " ED, KEYS_OTHER },

	{ "restrict", "restrict " KEY, KEYS_MATCH },
	{ "options in capitals", "RESTRICT,No-Pty " KEY, KEYS_MATCH },
	{ "all that is harmless", "restrict,pty,no-pty,port-forwarding,no-port-forwarding,"
	  "agent-forwarding,no-agent-forwarding,x11-forwarding,no-X11-forwarding,user-rc,"
	  "no-user-rc,no-touch-required " KEY, KEYS_MATCH },
	{ "blanks between options and key", "restrict \t " KEY, KEYS_MATCH },
	{ "no-restrict does not exist", "no-restrict " KEY, KEYS_OPTION },
	{ "no- alone", "no- " KEY, KEYS_OPTION },
	{ "no-no-pty", "no-no-pty " KEY, KEYS_OPTION },
	{ "an unknown word", "nonsense " KEY, KEYS_OPTION },
	{ "a keyword with a tail", "ptyx " KEY, KEYS_OPTION },
	{ "a keyword cut off", "pt " KEY, KEYS_OPTION },
	{ "a keyword with a value", "pty=\"x\" " KEY, KEYS_OPTION },
	{ "a comma at the end", "restrict, " KEY, KEYS_OPTION },
	{ "a comma at the start", ",restrict " KEY, KEYS_OPTION },
	{ "two commas", "restrict,,pty " KEY, KEYS_OPTION },
	{ "a comma alone", ", " KEY, KEYS_OPTION },
	{ "command", "command=\"/bin/true\" " KEY, KEYS_OPTION },
	{ "command after restrict", "restrict,command=\"/bin/true\" " KEY, KEYS_OPTION },
	{ "a key inside a command's quotes",
	  "command=\"" KEY "\" ssh-ed25519 " ED_OTHER, KEYS_OTHER },
	{ "environment", "environment=\"A=b\" " KEY, KEYS_OPTION },
	{ "principals", "principals=\"alice\" " KEY, KEYS_OPTION },
	{ "cert-authority", "cert-authority " KEY, KEYS_OPTION },
	{ "permitopen", "permitopen=\"h:1\" " KEY, KEYS_OPTION },
	{ "permitlisten", "permitlisten=\"1\" " KEY, KEYS_OPTION },
	{ "tunnel", "tunnel=\"0\" " KEY, KEYS_OPTION },
	{ "verify-required cannot be kept", "verify-required " KEY, KEYS_OPTION },
	{ "touch-required cannot be kept", "touch-required " KEY, KEYS_OPTION },
	{ "user= where no shared keys are", "user=\"alice\" " KEY, KEYS_OPTION },
	{ "an unknown option and another key", "command=\"x\" ssh-ed25519 " ED_OTHER, KEYS_OTHER },

	{ "from: the address", "from=\"192.0.2.7\" " KEY, KEYS_MATCH },
	{ "from: in capitals", "FROM=\"192.0.2.7\" " KEY, KEYS_MATCH },
	{ "from: another", "from=\"192.0.2.8\" " KEY, KEYS_FROM },
	{ "from: then more options", "from=\"192.0.2.7\",restrict " KEY, KEYS_MATCH },
	{ "from: a blank in the quotes", "from=\"192.0.2.7, 10.0.0.1\" " KEY, KEYS_MATCH },
	{ "from: no quotes", "from=192.0.2.7 " KEY, KEYS_OPTION },
	{ "from: no value", "from= " KEY, KEYS_OPTION },
	{ "from: as a flag", "from " KEY, KEYS_OPTION },
	{ "from: empty", "from=\"\" " KEY, KEYS_FROM },
	{ "from: quotes left open", "from=\"192.0.2.7 " KEY, KEYS_OTHER },
	{ "from: something behind the quotes", "from=\"192.0.2.7\"x " KEY, KEYS_OPTION },
	{ "from: twice", "from=\"192.0.2.7\",from=\"192.0.2.7\" " KEY, KEYS_OPTION },
	{ "from: a quotation mark inside", "from=\"\\\",192.0.2.7\" " KEY, KEYS_MATCH },
	{ "from: a backslash at the end", "from=\"192.0.2.7\\\" " KEY, KEYS_OTHER },
	{ "from: a negation alone allows nobody", "from=\"!10.0.0.1\" " KEY, KEYS_FROM },

	{ "expiry: a day to come", "expiry-time=\"20261124\" " KEY, KEYS_MATCH },
	{ "expiry: a day that is over", "expiry-time=\"20261121\" " KEY, KEYS_EXPIRED },
	{ "expiry: today began before now", "expiry-time=\"20261122\" " KEY, KEYS_EXPIRED },
	{ "expiry: this very minute is local", "expiry-time=\"202611221300\" " KEY, KEYS_MATCH },
	{ "expiry: the same in UTC", "expiry-time=\"202611221300Z\" " KEY, KEYS_MATCH },
	{ "expiry: over here, not yet in UTC",
	  "expiry-time=\"20261122123000\" " KEY, KEYS_EXPIRED },
	{ "expiry: the same with Z", "expiry-time=\"20261122123000z\" " KEY, KEYS_MATCH },
	{ "expiry: the same with UTC", "expiry-time=\"20261122123000utc\" " KEY, KEYS_MATCH },
	{ "expiry: over in UTC", "expiry-time=\"20261122115959Z\" " KEY, KEYS_EXPIRED },
	{ "expiry: the second itself is good", "expiry-time=\"20261122130000\" " KEY, KEYS_MATCH },
	{ "expiry: month 13", "expiry-time=\"20271301\" " KEY, KEYS_EXPIRED },
	{ "expiry: day 0", "expiry-time=\"20271200\" " KEY, KEYS_EXPIRED },
	{ "expiry: hour 24", "expiry-time=\"202712012400\" " KEY, KEYS_EXPIRED },
	{ "expiry: ten digits", "expiry-time=\"2027120112\" " KEY, KEYS_EXPIRED },
	{ "expiry: a date as people write it", "expiry-time=\"2027-12-01\" " KEY, KEYS_EXPIRED },
	{ "expiry: a sign", "expiry-time=\"+2027120\" " KEY, KEYS_EXPIRED },
	{ "expiry: empty", "expiry-time=\"\" " KEY, KEYS_EXPIRED },
	{ "expiry: Z alone", "expiry-time=\"Z\" " KEY, KEYS_EXPIRED },
	{ "expiry: the earlier of two counts",
	  "expiry-time=\"20991231\",expiry-time=\"20200101\" " KEY, KEYS_EXPIRED },
	{ "expiry and from, both kept",
	  "from=\"192.0.2.0/24\",expiry-time=\"20991231Z\" " KEY, KEYS_MATCH },
};

static const struct shared_row {
	const char *name;
	const char *line;
	enum authorized_keys_result want;
	const char *user;
} shared_rows[] = {
	{ "whose it is", "user=\"alice\" " KEY, KEYS_MATCH, "alice" },
	{ "in capitals", "USER=\"Alice\" " KEY, KEYS_MATCH, "Alice" },
	{ "with other options",
	  "restrict,user=\"bob\",from=\"192.0.2.7\" " KEY, KEYS_MATCH, "bob" },
	{ "a blank in the name", "user=\"CORP\\domain bob\" " KEY, KEYS_MATCH, "CORP\\domain bob" },
	{ "nobody's", KEY, KEYS_NO_USER, "" },
	{ "nobody's with options", "restrict " KEY, KEYS_NO_USER, "" },
	{ "two users", "user=\"a\",user=\"b\" " KEY, KEYS_OPTION, "" },
	{ "an empty name", "user=\"\" " KEY, KEYS_OPTION, "" },
	{ "expired: no name comes out",
	  "user=\"alice\",expiry-time=\"20200101\" " KEY, KEYS_EXPIRED, "" },
	{ "an unknown option after it", "user=\"alice\",command=\"x\" " KEY, KEYS_OPTION, "" },
};

static const struct from_row {
	const char *name;
	const char *patterns;
	const char *peer;
	enum from_result want;
} from_rows[] = {
	{ "a block", "192.0.2.0/24", "192.0.2.200", FROM_YES },
	{ "outside the block", "192.0.2.0/24", "192.0.3.1", FROM_NO },
	{ "a block of all", "0.0.0.0/0", "8.8.8.8", FROM_YES },
	{ "an odd mask", "10.0.0.128/25", "10.0.0.127", FROM_NO },
	{ "bits behind the mask", "192.0.2.1/24", "192.0.2.1", FROM_BROKEN },
	{ "a mask too long", "192.0.2.1/33", "192.0.2.1", FROM_NO },
	{ "a mask with a sign", "192.0.2.0/+24", "192.0.2.1", FROM_NO },
	{ "an empty mask", "192.0.2.1/", "192.0.2.1", FROM_NO },
	{ "a wildcard", "192.0.2.*", "192.0.2.9", FROM_YES },
	{ "question marks", "192.0.2.?", "192.0.2.19", FROM_NO },
	{ "anything", "*", "2001:db8::1", FROM_YES },
	{ "many stars", "*1*2*3*", "11.22.33.44", FROM_YES },
	{ "a host name never fits", "*.example.org,host", "192.0.2.1", FROM_NO },
	{ "a negation wins wherever it stands", "192.0.2.0/24,!192.0.2.7", "192.0.2.7", FROM_NO },
	{ "a negation first", "!192.0.2.7,192.0.2.*", "192.0.2.7", FROM_NO },
	{ "a negation of another", "!192.0.2.7,192.0.2.*", "192.0.2.8", FROM_YES },
	{ "a negated wildcard", "!192.*,*", "192.0.2.8", FROM_NO },
	{ "IPv6", "2001:db8::1", "2001:db8::1", FROM_YES },
	{ "IPv6 written otherwise", "2001:DB8:0:0::1", "2001:db8::1", FROM_YES },
	{ "an IPv6 block", "2001:db8::/32", "2001:db8:ffff::1", FROM_YES },
	{ "outside the IPv6 block", "2001:db8::/32", "2001:db9::1", FROM_NO },
	{ "an IPv6 wildcard, any case", "2001:DB8:*", "2001:db8::5", FROM_YES },
	{ "with a zone", "fe80::/10", "fe80::1%eth0", FROM_YES },
	{ "IPv4 does not fit IPv6's all", "::/0", "192.0.2.1", FROM_NO },
	{ "IPv4 mapped into IPv6 is IPv4", "192.0.2.0/24", "::ffff:192.0.2.1", FROM_YES },
	{ "and in wildcards", "192.0.2.*", "::ffff:192.0.2.1", FROM_YES },
	{ "a peer that is no address", "*", "somewhere", FROM_BROKEN },
	{ "an empty pattern", "192.0.2.1,,10.0.0.1", "192.0.2.1", FROM_BROKEN },
	{ "a negation of nothing", "!,*", "192.0.2.1", FROM_BROKEN },
};

static const struct offer_row {
	const char *name;
	const char *algorithm;
	const char *type;         /* in the blob; NULL: an empty blob */
	bool want;
} offers[] = {
	{ "Ed25519", "ssh-ed25519", "ssh-ed25519", true },
	{ "RSA", "ssh-rsa", "ssh-rsa", true },
	{ "RSA by its signature", "rsa-sha2-512", "ssh-rsa", true },
	{ "a token's key", "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", true },
	{ "another type in the blob", "ssh-ed25519", "ssh-rsa", false },
	{ "the type in the blob cut", "ssh-ed25519", "ssh-ed2551", false },
	{ "the type in the blob longer", "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", false },
	{ "DSA", "ssh-dss", "ssh-dss", false },
	{ "a certificate",
	  "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com", false },
	{ "a certificate's signature by RSA",
	  "rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa", false },
	{ "no algorithm", "", "ssh-ed25519", false },
	{ "an empty blob", "ssh-ed25519", NULL, false },
};

static struct authorized_keys_query query(bool shared)
{
	return (struct authorized_keys_query){
		.algorithm = "ssh-ed25519", .blob = { ed_blob, sizeof(ed_blob) - 1 },
		.peer = "192.0.2.7", .now_utc = 20261122120000, .now_local = 20261122130000,
		.shared = shared,
	};
}

START_TEST(lines)
{
	const struct row *row = &rows[_i];
	struct authorized_keys_query q = query(false);
	char user[USER_MAX + 1] = "left over";
	enum authorized_keys_result r = authorized_keys_match(&q, row->line, strlen(row->line),
							      user);

	ck_assert_msg(r == row->want, "%s: %d, not %d", row->name, (int)r, (int)row->want);
	ck_assert_str_eq(user, "");
}
END_TEST

START_TEST(shared_lines)
{
	const struct shared_row *row = &shared_rows[_i];
	struct authorized_keys_query q = query(true);
	char user[USER_MAX + 1] = "left over";
	enum authorized_keys_result r = authorized_keys_match(&q, row->line, strlen(row->line),
							      user);

	ck_assert_msg(r == row->want, "%s: %d, not %d", row->name, (int)r, (int)row->want);
	ck_assert_msg(strcmp(user, row->user) == 0, "%s: user \"%s\"", row->name, user);
}
END_TEST

START_TEST(addresses)
{
	const struct from_row *row = &from_rows[_i];
	enum from_result r = from_match(row->patterns, row->peer);

	ck_assert_msg(r == row->want, "%s: %d, not %d", row->name, (int)r, (int)row->want);
}
END_TEST

START_TEST(offered_keys)
{
	const struct offer_row *row = &offers[_i];
	struct authorized_keys_query q = query(false);
	uint8_t blob[128] = { 0 };
	size_t len = row->type ? strlen(row->type) : 0;

	blob[3] = (uint8_t)len;
	memcpy(blob + 4, row->type ? row->type : "", len);
	q.algorithm = row->algorithm;
	q.blob = (struct bytes){ blob, row->type ? len + 36 : 0 };
	ck_assert_msg(authorized_keys_can_match(&q) == row->want, "%s", row->name);
}
END_TEST

static enum authorized_keys_result match_padded(const char *line, size_t len)
{
	struct authorized_keys_query q = query(false);
	char user[USER_MAX + 1];
	char *padded = malloc(len);
	enum authorized_keys_result r;

	memset(padded, 'x', len);
	memcpy(padded, line, strlen(line));
	r = authorized_keys_match(&q, padded, len, user);
	free(padded);
	return r;
}

START_TEST(long_lines)
{
	ck_assert_int_eq(match_padded(KEY " ", AUTHORIZED_KEYS_LINE_MAX), KEYS_MATCH);
	ck_assert_int_eq(match_padded(KEY " ", AUTHORIZED_KEYS_LINE_MAX + 1), KEYS_LONG);
	ck_assert_int_eq(match_padded("from=\"", AUTHORIZED_KEYS_LINE_MAX), KEYS_OTHER);
}
END_TEST

START_TEST(a_nul_in_the_line)
{
	static const char line[] = "restrict\0 " KEY;
	struct authorized_keys_query q = query(false);
	char user[USER_MAX + 1];

	ck_assert_int_eq(authorized_keys_match(&q, line, sizeof(line) - 1, user), KEYS_OTHER);
}
END_TEST

START_TEST(a_name_too_long)
{
	struct authorized_keys_query q = query(true);
	char user[USER_MAX + 1];
	char line[2048];
	char name[USER_MAX + 2];

	memset(name, 'a', sizeof(name));
	name[USER_MAX] = '\0';
	snprintf(line, sizeof(line), "user=\"%s\" " KEY, name);
	ck_assert_int_eq(authorized_keys_match(&q, line, strlen(line), user), KEYS_MATCH);
	ck_assert_str_eq(user, name);
	snprintf(line, sizeof(line), "user=\"%sa\" " KEY, name);
	ck_assert_int_eq(authorized_keys_match(&q, line, strlen(line), user), KEYS_OPTION);
}
END_TEST

START_TEST(reasons)
{
	for (int i = 0; i < KEYS_RESULT_COUNT; i++)
		ck_assert_int_gt((int)strlen(authorized_keys_reason(i)), 4);
	ck_assert_str_eq(authorized_keys_reason(KEYS_RESULT_COUNT), "?");
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("authorized_keys");
	TCase *t = tcase_create("lines");

	tcase_add_loop_test(t, lines, 0, COUNT(rows));
	tcase_add_loop_test(t, shared_lines, 0, COUNT(shared_rows));
	tcase_add_loop_test(t, addresses, 0, COUNT(from_rows));
	tcase_add_loop_test(t, offered_keys, 0, COUNT(offers));
	tcase_add_test(t, long_lines);
	tcase_add_test(t, a_nul_in_the_line);
	tcase_add_test(t, a_name_too_long);
	tcase_add_test(t, reasons);
	suite_add_tcase(s, t);
	return suite_run(s);
}
