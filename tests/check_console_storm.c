/* SPDX-License-Identifier: ISC */
/*
 * A storm over the real console process: hostile visitors send valid messages in random
 * order, while a fake virt, a fake auth and gate come and go and say random things, too.
 * Console has to live; what it says has to be true: no output for what is not attached,
 * no byte twice, no credit beyond what was sent, no guest that a person may not see, no
 * end of a visit that kept the rules and reads. In the end no descriptor is left.
 * STORM_SEED and STORM_STEPS run another or a longer one.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>
#include <time.h>

#include "ipc/buf.h"
#include "tests/role_stage.h"
#include "tests/suite.h"

enum { VISITS = 8, HANDLES = 20, LINES = 32, ACTS = 8, HOSTS = 2, GUESTS = 10, STEPS = 30000,
	WAIT_MS = 10000 };

struct attachment {
	unsigned asked;              /* so many ATTACH are under way */
	bool attached;
	uint64_t next;               /* offset of the next byte of output */
	uint64_t until;              /* where it ends */
	uint32_t under_way;          /* bytes of input not credited, or more */
};

struct visit {
	struct wire wire;
	unsigned who;
	bool heard;                  /* console has said something: it has the visit */
	bool deaf;                   /* does not read at present */
	bool rude;                   /* may be ended: it broke a rule, or was deaf */
	unsigned ticket;             /* 0: none; else for this guest of the first host alone */
	struct attachment handles[HANDLES];
};

struct line {
	struct wire wire;
	bool opened;
};

static const struct person { const char *user, *group, *hidden; } people[] = {
	{ "ops", "", "" }, { "ops", "", "" }, { "look", "", "b" }, { "grouped", "wheel", "" },
	{ "nobody", "", "ab" },
};
static const char *const hosts[HOSTS] = { "h", "i" };

static struct wire virt = { .fd = -1 }, auth = { .fd = -1 };
static struct wire watches[HOSTS];
static struct line lines[LINES];
static struct wire acts[ACTS];
static long attached;                /* as the audit has it */
static struct visit visits[VISITS];
static pid_t console;
static uint64_t state;
static int before;                   /* descriptors of console at first */
static uint64_t last_conn;
static char logs[64];               /* the directory of logs on disk */

/* xorshift64*: the same storm for the same seed, as far as scheduling allows. */
static unsigned roll(unsigned below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static bool chance(unsigned one_in) { return roll(one_in) == 0; }

/* -- gate -- */

static void rule(const char *name, const char *key, const char *who, const char *guests,
		 const char *may)
{
	const char *const lines_of_it[][2] = { { "", "" }, { key, who }, { "guests", guests }, { "may", may } };

	for (int i = 0; i < 4; i++)
		option("access", name, lines_of_it[i][0], lines_of_it[i][1]);
}

/* What is configured anew changes rights and hosts; nobody is ever shown what is hidden. */
static void configure(unsigned way)
{
	option("console", "", "ring", "64KiB");
	option("console", "", "ring-total", "1MiB");
	option("console", "", "boots", way & 2 ? "1" : "4");
	option("console", "", "linger", way & 1 ? "0" : "1s");
	option("console", "", "capture", (way & 24) == 8 ? "always" : "on-demand");
	option("console", "", "keyboard-idle", way & 8 ? "20ms" : "0");
	option("console", "", "log-directory", way & 1 ? "" : logs);
	option("host", hosts[0], "", "");
	if ((way & 6) != 6)
		option("host", hosts[1], "", "");
	rule("ops", "users", "ops", "*", way & 4 ? "view" : "view type power break share kick");
	rule("look", "users", "look", "a*", "view");
	if (!(way & 8))
		rule("grouped", "groups", "wheel", "*", "view type");
	options_end();
}

static void start_console(void)
{
	console = start_role("console", ROLE_CONSOLE);
	configure(0);
}

/* -- virt -- */

static void tell_of_guest(struct wire *w, unsigned n)
{
	static const char *const devices[] = { "", "serial0", "serial0 serial1 console1" };
	struct msg_domain d = { .state = (uint8_t)roll(GUEST_STATE_COUNT + 1), .reset = chance(10),
				.id = roll(4) + !chance(8),
				.cause = (uint8_t)(chance(3) ? roll(CAUSE_COUNT + 1) : 0) };

	memset(d.uuid, (int)n, UUID_SIZE);
	snprintf(d.name, sizeof(d.name), "%c%u\033[m", "ab"[n % 2], n);
	if (chance(40))
		strcpy(d.name + 1, "-same");
	strcpy(d.consoles, devices[chance(4) ? roll(3) : 2]);
	wire_send(w, MSG_DOMAIN, &d);
}

static void list_guests(struct wire *w, unsigned guests)
{
	wire_send(w, MSG_HOST, &(struct msg_host){ 1, "" });
	for (unsigned n = 0; n < guests; n++)
		tell_of_guest(w, n);
	wire_send(w, MSG_DOMAINS_END, NULL);
}

static void watch_acts(struct wire *w)
{
	struct msg_uuid gone;

	memset(gone.uuid, (int)roll(GUESTS), UUID_SIZE);
	switch (roll(120)) {
	case 0: wire_close(w); break;
	case 1: wire_send(w, MSG_HOST, &(struct msg_host){ (uint8_t)roll(2), "down\033[2J" }); break;
	case 2: wire_send(w, MSG_DOMAIN_GONE, &gone); break;
	case 3: case 4: case 5: case 6: list_guests(w, GUESTS - roll(2)); break;
	default: tell_of_guest(w, roll(GUESTS));
	}
}

static void line_acts(struct line *l)
{
	static const uint8_t noise[MESSAGE_DATA_MAX] = { 7, 27, '[' };
	struct msg_line_data data = { { noise, chance(8) ? roll(sizeof(noise)) : roll(200) } };
	struct msg_line_failed failed = { (uint8_t)roll(LINE_STATE_COUNT + 1), "no\033[m" };
	struct msg_line_end end = { (uint8_t)roll(2), "over" };

	switch (roll(60)) {
	case 0: wire_close(&l->wire); break;
	case 1: wire_send(&l->wire, MSG_LINE_FAILED, &failed); break;
	case 2: wire_send(&l->wire, MSG_LINE_END, &end); break;
	case 3: wire_send(&l->wire, MSG_LINE_DONE, &(struct msg_line_done){ roll(4000) }); break;
	default:
		if (l->opened)
			wire_try_send(&l->wire, MSG_LINE_DATA, &data);
		else
			wire_send(&l->wire, MSG_LINE_OPEN, &(struct msg_line_open){ "serial0" });
		l->opened = true;
	}
}

static void read_line(struct line *l)
{
	struct message m;
	int r = 0;

	while (l->wire.fd >= 0 && (r = wire_receive(&l->wire, &m)) == 1) {
		ck_assert(m.type == MSG_LINE_INPUT && l->opened);
		if (!chance(20))
			wire_send(&l->wire, MSG_LINE_DONE,
				  &(struct msg_line_done){ (uint32_t)m.u.line_data.data.len });
	}
	if (r < 0)
		wire_close(&l->wire);
}

/* Done, refused, started paused, dead, or silent for ever. */
static void take_act(const struct message *m)
{
	static const uint8_t change[] = "+ <serial/>\n";
	struct wire *w = &acts[roll(ACTS)];
	struct msg_act_result result = { .text = "so it is\033[m", .detail = { change, roll(sizeof(change)) } };

	ck_assert(m->u.do_act.act > 0 && m->u.do_act.act < ACT_COUNT);
	wire_close(w);
	wire_init(w, m->fds[0]);
	result.code = (uint8_t)(chance(3) ? roll(7) : 0);
	result.paused = m->u.do_act.paused;
	if (chance(8))
		return;
	if (!chance(8))
		wire_send(w, MSG_ACT_RESULT, &result);
	wire_close(w);
}

static void read_virt(void)
{
	struct message m;

	while (wire_receive(&virt, &m) == 1) {
		struct line *l = &lines[roll(LINES)];
		bool line = m.type == MSG_OPEN_LINE;

		if (m.type == MSG_DO_ACT) {
			take_act(&m);
			continue;
		}
		struct wire *w = line ? &l->wire : &watches[m.u.watch_host.host[0] == hosts[1][0]];

		wire_close(w);
		wire_init(w, m.fds[0]);
		l->opened &= !line;
	}
	for (int i = 0; i < HOSTS; i++)
		while (watches[i].fd >= 0 && wire_receive(&watches[i], &m) == 1)
			ck_assert_int_eq(m.type, MSG_REFRESH);
	for (int i = 0; i < LINES; i++)
		read_line(&lines[i]);
}

/* -- auth -- */

static void read_auth(void)
{
	struct msg_ticket_made made = { .id = "t1", .token = "secret", .text = "no\033[m" };
	struct msg_ticket_found found = { .id = "t1", .guest = "a0\033[m" };
	struct message m;

	wire_flush(&auth);
	while (auth.fd >= 0 && wire_receive(&auth, &m) == 1) {
		made.request = found.request = m.u.request.request;
		if (chance(3))
			made.id[0] = '\0';
		if (m.type == MSG_VOID_LOGIN || chance(10))
			continue;
		if (m.type != MSG_TICKET_FIND) {
			wire_send(&auth, MSG_TICKET_MADE, &made);
			continue;
		}
		for (unsigned n = roll(3); n; n--)
			wire_send(&auth, MSG_TICKET_FOUND, &found);
		wire_send(&auth, MSG_TICKETS_END, &m.u.request);
	}
	if (chance(300))
		wire_send(&auth, MSG_VOID_TICKET, &(struct msg_void_ticket){ "t1" });
}

/* -- visitors -- */

static void come(struct visit *v)
{
	struct msg_identity id = { .conn = last_conn += !chance(4), .endpoint = ENDPOINT_SSH, .peer = "192.0.2.1" };
	uint8_t room[64];
	struct buf packed = { .data = room, .cap = sizeof(room), .max = sizeof(room) };
	int fds[2];

	memset(v, 0, sizeof(*v));
	v->who = roll(sizeof(people) / sizeof(people[0]));
	strcpy(id.user, people[v->who].user);
	pack_put_bytes(&packed, people[v->who].group, strlen(people[v->who].group));
	id.groups = (struct bytes){ packed.data, packed.len };
	if (chance(5)) {
		v->ticket = 1 + roll(GUESTS - 1);
		strcpy(id.ticket, "t1");
		strcpy(id.ticket_host, hosts[0]);
		memset(id.ticket_uuid, (int)v->ticket, UUID_SIZE);
		id.ticket_type = (uint8_t)roll(2);
		id.ticket_until = (uint64_t)time(NULL) + 1 + roll(3);
	}
	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(&v->wire, fds[0]);
	v->wire.limit = 65536;
	if (wire_send_fds(&auth, MSG_IDENTITY, &id, &fds[1], 1) < 0)
		v->rude = true;      /* auth was away: it is closed already */
}

static struct position somewhere(void)
{
	static const uint64_t values[] = { 0, 1, 24, 100, 70000, UINT64_MAX };
	struct position p = { .kind = (uint8_t)roll(POSITION_KIND_COUNT + 1), .value = values[roll(6)] };

	if (p.kind == POSITION_TIME && chance(2))
		p.value = (uint64_t)time(NULL) - roll(3);
	return p;
}

static void attach(struct visit *v, uint32_t handle)
{
	static const char *const ahead[] = { "", "i/", "i/", "h/", "h/" };
	static const char *const behind[] = { "\033[m", "\033[m:serial0", "\033[m:serial1", "",
					      "\033[m:serial0 serial1" };
	struct msg_attach m = { .handle = handle, .flags = roll(64), .from = somewhere() };
	unsigned guest = roll(GUESTS);

	snprintf(m.guest, sizeof(m.guest), "%s%c%u%s", ahead[roll(5)], "ab"[guest % 2],
		 guest, behind[roll(5)]);
	if (chance(9))
		strcpy(m.guest, chance(2) ? "b-same" : "01010101-0101-0101-0101-010101010101");
	if (chance(4))
		m.until = somewhere();
	/* Twice by one number breaks the rule. */
	v->rude |= v->handles[handle].attached || v->handles[handle].asked;
	v->handles[handle].asked++;
	wire_send(&v->wire, MSG_ATTACH, &m);
}

static void type_in(struct visit *v, uint32_t handle)
{
	static const uint8_t keys[INPUT_WINDOW] = { 'x', 3, 27 };
	struct attachment *a = &v->handles[handle];
	uint32_t room = INPUT_WINDOW - a->under_way;
	struct msg_data m = { handle, { keys, roll(chance(5) ? INPUT_WINDOW + 1 : 30) } };

	if (m.data.len > room && !chance(50))
		m.data.len = room;
	v->rude |= m.data.len > room;
	if (a->attached || a->asked)
		a->under_way += (uint32_t)m.data.len;
	wire_send(&v->wire, MSG_INPUT, &m);
}

/* What is answered by its number, which is no attachment's. */
static void ask(struct visit *v)
{
	struct msg_act act = { .handle = HANDLES, .act = (uint8_t)(1 + roll(ACT_COUNT - 1)), .key = 's' };
	struct msg_kick kick = { .handle = HANDLES };
	struct msg_ask_ticket ticket = { .handle = HANDLES, .valid = 60, .once = 1 };
	struct msg_info who = { .handle = HANDLES };
	struct msg_handle handle = { HANDLES };

	snprintf(act.guest, sizeof(act.guest), "h/%c%u\033[m", "ab"[roll(2)], roll(GUESTS));
	strcpy(ticket.guest, act.guest);
	if (chance(2))
		strcpy(who.guest, act.guest);
	snprintf(kick.who, sizeof(kick.who), "%llu", (unsigned long long)last_conn - roll(4));
	if (!chance(4))
		strcpy(kick.who, people[roll(4)].user);
	switch (roll(8)) {
	case 0: case 1: case 2: wire_send(&v->wire, MSG_ACT, &act); break;
	case 3: wire_send(&v->wire, MSG_ASK_TICKET, &ticket); break;
	case 4: wire_send(&v->wire, MSG_ASK_TICKETS, &handle); break;
	case 5: wire_send(&v->wire, MSG_REVOKE, &(struct msg_revoke){ HANDLES, "t1" }); break;
	case 6: if (chance(20)) wire_send(&v->wire, MSG_KICK, &kick); break;
	default: wire_send(&v->wire, MSG_ASK_WHO, &who);
	}
}

static void replay(struct visit *v, uint32_t handle)
{
	struct msg_replay m = { handle, somewhere() };

	wire_send(&v->wire, MSG_REPLAY, &m);
}

static void visitor_acts(struct visit *v)
{
	uint32_t n = roll(HANDLES);
	struct msg_handle handle = { n };
	struct msg_list list = { (uint8_t)roll(2) };
	struct msg_info info = { .handle = HANDLES + n, .prefix = (uint8_t)roll(2) };

	snprintf(info.guest, sizeof(info.guest), "%c%u%s", "ab"[roll(2)], roll(GUESTS),
		 info.prefix ? "" : "\033[m");
	switch (roll(40)) {
	case 0: if (chance(10)) wire_close(&v->wire); break;
	case 1: wire_send(&v->wire, MSG_LIST, &list); break;
	case 2: wire_send(&v->wire, MSG_INFO, &info); break;
	case 3: wire_send(&v->wire, MSG_DETACH, &handle); break;
	case 4: case 5: wire_send(&v->wire, MSG_TAKE, &handle); break;
	case 6: wire_send(&v->wire, MSG_GIVE, &handle); break;
	case 7: wire_send(&v->wire, MSG_WHO, &handle); break;
	case 8: wire_send(&v->wire, MSG_FORCE, &handle); break;
	case 9: v->deaf = !v->deaf && chance(10); v->rude |= v->deaf; break;
	case 10: case 11: case 12: attach(v, n); break;
	case 13: case 14: ask(v); break;
	case 15: replay(v, n); break;
	default: type_in(v, n);
	}
}

static void hear(struct visit *v, struct message *m)
{
	const char *hidden = people[v->who].hidden;
	/* Every message about an attachment begins with its number. */
	struct attachment *a = &v->handles[m->u.handle.handle % HANDLES];

	v->heard = true;
	switch (m->type) {
	case MSG_GUEST:
		ck_assert(!strchr(hidden, m->u.guest.name[0]));
		ck_assert(!v->ticket || (m->u.guest.uuid[0] == v->ticket && m->u.guest.host[0] == 'h'));
		break;
	case MSG_PEER: ck_assert(!strchr(hidden, m->u.peer.guest[0])); break;
	case MSG_REPLAYING:
		ck_assert(a->attached && m->u.replaying.offset <= m->u.replaying.head);
		a->next = m->u.replaying.offset;
		break;
	case MSG_STAMP: ck_assert(a->attached && m->u.stamp.offset >= a->next && m->u.stamp.time); break;
	case MSG_BOOT: ck_assert(a->attached && m->u.boot.offset >= a->next && m->u.boot.time); break;
	case MSG_ATTACHED:
		ck_assert(!strchr(hidden, m->u.attached.name[0]) && a->asked && !a->attached);
		ck_assert(!v->ticket || m->u.attached.uuid[0] == v->ticket);
		ck_assert(m->u.attached.offset <= m->u.attached.head);
		*a = (struct attachment){ a->asked - 1, true, m->u.attached.offset, m->u.attached.until,
					  a->under_way };
		break;
	case MSG_REFUSED:
		/* That is the answer to FORCE. */
		if (m->u.refused.code == REFUSED_NOT_ALLOWED || m->u.refused.handle >= HANDLES)
			break;
		ck_assert_uint_gt(a->asked, 0);
		a->asked--;
		break;
	case MSG_DETACHED:
		*a = (struct attachment){ .asked = a->asked, .under_way = a->asked ? a->under_way : 0 };
		break;
	case MSG_STATE:
		ck_assert(a->attached);
		if (m->u.state.gone)
			*a = (struct attachment){ .asked = a->asked, .under_way = a->under_way };
		break;
	case MSG_OUTPUT:
		/* Beyond what is due: bytes were missed. */
		ck_assert(a->attached && m->u.output.offset >= a->next);
		a->next = m->u.output.offset + m->u.output.data.len;
		ck_assert_uint_le(a->next, a->until);
		break;
	case MSG_CREDIT:
		ck_assert(a->attached && m->u.credit.count <= a->under_way);
		a->under_way -= m->u.credit.count;
		break;
	case MSG_KEYBOARD: ck_assert(a->attached && (!m->u.keyboard.yours || !m->u.keyboard.denied)); break;
	case MSG_LOG_FILE: ck_assert(a->asked && m->nfds == 2); break;
	case MSG_LOST: ck_assert(a->attached && m->u.lost.count > 0); break;
	}
}

static void read_gate(void);

static void read_visit(struct visit *v)
{
	struct message m;
	int r = 1;

	if (v->wire.fd < 0 || v->deaf)
		return;
	wire_flush(&v->wire);
	while ((r = wire_receive(&v->wire, &m)) == 1 && m.type != MSG_VISIT_END) {
		hear(v, &m);
		wire_discard(&m);
	}
	if (r == 0)
		return;
	v->rude |= r == 1;           /* told to go, it goes */
	ck_assert(r == 1 || errno == 0);
	read_gate();
	ck_assert_msg(v->rude, "a visit of %s was ended that kept the rules", people[v->who].user);
	wire_close(&v->wire);
}

/* -- the storm -- */

static void read_gate(void)
{
	struct message m;
	int r;

	wire_flush(&gate);
	while ((r = wire_receive(&gate, &m)) == 1) {
		if (m.type == MSG_LOG && getenv("STORM_LOG"))
			puts(m.u.log.text);
		ck_assert(m.type == MSG_LOG || m.type == MSG_READY || m.type == MSG_AUDIT);
		if (m.type != MSG_AUDIT)
			continue;
		attached += m.u.audit.event == AUDIT_ATTACH;
		attached -= m.u.audit.event == AUDIT_DETACH;
		ck_assert_int_ge(attached, 0);
	}
	ck_assert_msg(r == 0, "console died");
}

static void world_acts(void)
{
	if (chance(500))
		configure(roll(16));
	else if (chance(1000))
		join(ROLE_VIRT, &virt);
	else if (chance(1000)) {
		join(ROLE_AUTH, &auth);
		/* Who was still on the way is lost. */
		for (struct visit *v = visits; v < visits + VISITS; v++)
			v->rude |= !v->heard;
	}
}

static void read_all(void)
{
	read_gate();
	read_virt();
	read_auth();
	for (struct visit *v = visits; v < visits + VISITS; v++)
		read_visit(v);
}

static void storm(unsigned long steps)
{
	while (steps--) {
		struct visit *v = &visits[roll(VISITS)];
		struct line *l = &lines[roll(LINES)];
		struct wire *w = &watches[roll(HOSTS)];

		if (v->wire.fd < 0)
			come(v);
		else
			visitor_acts(v);
		if (l->wire.fd >= 0)
			line_acts(l);
		if (w->fd >= 0 && chance(6))
			watch_acts(w);
		world_acts();
		read_all();
	}
}

/* Of console; always 0 for an ordinary user, who may not look. */
static int descriptors(void)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", console);
	for (d = opendir(path); d && readdir(d); n++)
		;
	if (d)
		closedir(d);
	return n;
}

static bool is_watching(void) { return watches[0].fd >= 0 && watches[1].fd >= 0; }
static bool is_listed(void) { return visits[0].heard; }
static bool is_tidy(void) { return descriptors() <= before && attached == 0; }

static void wait_until(bool (*holds)(void), const char *what)
{
	for (int i = 0; i < WAIT_MS && !holds(); i++) {
		read_all();
		usleep(1000);
	}
	ck_assert_msg(holds(), "%s: %d descriptors, at first %d", what, descriptors(), before);
}

START_TEST(console_outlives_a_storm)
{
	const char *seed = getenv("STORM_SEED"), *steps = getenv("STORM_STEPS");
	char rm[80];
	int status;

	state = seed ? strtoull(seed, NULL, 0) : 20260722;
	for (int i = 0; i < VISITS; i++)
		visits[i].wire.fd = -1;
	for (int i = 0; i < LINES; i++)
		lines[i].wire.fd = -1;
	for (int i = 0; i < ACTS; i++)
		acts[i].fd = -1;
	watches[0].fd = watches[1].fd = -1;
	strcpy(logs, "/tmp/console-storm.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(logs));
	start_console();
	join(ROLE_VIRT, &virt);
	join(ROLE_AUTH, &auth);
	wait_until(is_watching, "no watches");
	before = descriptors();
	storm(steps ? strtoul(steps, NULL, 0) : STEPS);

	for (int i = 0; i < VISITS; i++)
		wire_close(&visits[i].wire);
	for (int i = 0; i < ACTS; i++)
		wire_close(&acts[i]);
	wire_close(&watches[0]);
	wire_close(&watches[1]);
	configure(0);
	join(ROLE_VIRT, &virt);
	join(ROLE_AUTH, &auth);
	wait_until(is_watching, "no watches after the storm");
	list_guests(&watches[0], 0);
	list_guests(&watches[1], 0);
	come(&visits[0]);
	wire_send(&visits[0].wire, MSG_LIST, &(struct msg_list){ 0 });
	wait_until(is_listed, "no list after the storm");
	wire_close(&visits[0].wire);
	wait_until(is_tidy, "something is left");
	wire_close(&gate);
	ck_assert_int_eq(waitpid(console, &status, 0), console);
	ck_assert_msg(status == 0, "console ended with %#x", status);
	snprintf(rm, sizeof(rm), "rm -r %s", logs);
	ck_assert_int_eq(system(rm), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("console storm");
	TCase *tcase = tcase_create("hostile visitors");

	tcase_add_test(tcase, console_outlives_a_storm);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
