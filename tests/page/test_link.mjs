// SPDX-License-Identifier: ISC
// The link and the session over sockets that the test holds in its hand, with a clock of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Attachment } from "../../ws/page/attachment.js";
import { Session } from "../../ws/page/session.js";

class World {
	constructor() {
		this.sockets = [];
		this.timers = [];
		this.time = 0;
	}

	open() {
		const socket = {
			readyState: 1,
			sent: [],
			send: (m) => socket.sent.push(m),
			close: () => {
				socket.readyState = 3;
			},
		};
		this.sockets.push(socket);
		return socket;
	}

	now() {
		return this.time;
	}

	later(f, ms) {
		const timer = { f, at: this.time + ms };
		this.timers.push(timer);
		return timer;
	}

	never(timer) {
		this.timers = this.timers.filter((t) => t !== timer);
	}

	chance() {
		return 1;
	}

	pass(ms) {
		const end = this.time + ms;
		for (;;) {
			const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
			if (!next) break;
			this.time = next.at;
			this.never(next);
			next.f();
		}
		this.time = end;
	}

	get last() {
		return this.sockets[this.sockets.length - 1];
	}

	says(message) {
		this.last.onmessage({ data: JSON.stringify(message) });
	}

	breaks(code = 1006) {
		this.last.readyState = 3;
		this.last.onclose({ code, reason: "" });
	}

	heard(type) {
		return this.last.sent
			.filter((m) => typeof m === "string")
			.map((m) => JSON.parse(m))
			.filter((m) => m.type === type);
	}
}

function begin({ token = null, ticket = "" } = {}) {
	const world = new World();
	const phases = [];
	const kept = {
		value: token,
		get: () => kept.value,
		set: (v) => {
			kept.value = v || null;
		},
	};
	const session = new Session(
		{ phase: (name, detail) => phases.push([name, detail]), guests: () => {} },
		{ url: "ws://h/session", kept, ticket, world },
	);
	session.start();
	world.says({ type: "hello", escape: 29 });
	return { world, phases, kept, session, phase: () => phases[phases.length - 1][0] };
}

function logIn(s) {
	s.session.login("alice");
	s.world.says({ type: "methods", methods: ["keyboard-interactive"], possible: true });
	s.world.says({
		type: "prompt",
		instruction: "",
		prompts: [{ text: "Password: ", echo: false }],
	});
	s.session.answer(["x"]);
	s.world.says({ type: "result", result: "ok", user: "alice", text: "" });
	s.world.says({ type: "token", token: "T", idle: 1, total: 1 });
}

const info = {
	type: "attached",
	uuid: "u",
	host: "h",
	name: "web1",
	label: "web1",
	alias: "serial0",
	epoch: "77",
	offset: 100,
	head: 100,
	until: null,
	missed: 0,
	from: "now",
	may: ["view", "type"],
	may_type: true,
	viewers: 1,
	output_seen: true,
	credit: 16384,
};

const keyboard = {
	type: "keyboard",
	yours: true,
	held: true,
	denied: false,
	cause: "first",
	holder: "alice",
	holder_peer: "",
	by: "",
};

function attach(s) {
	const seen = { text: "", notices: [], over: null };
	const ears = {
		attached: () => {},
		changed: () => {},
		output: (b, _, shown) => {
			seen.text += new TextDecoder().decode(b);
			shown();
		},
		notice: (text) => seen.notices.push(text),
		over: (text) => {
			seen.over = text;
		},
	};
	const attachment = new Attachment(s.session, "web1", ears);
	s.world.says({ ...info, handle: attachment.handle });
	s.world.says({ ...keyboard, handle: attachment.handle });
	return { attachment, seen };
}

function output(s, handle, position, text) {
	const body = new TextEncoder().encode(text);
	const frame = new DataView(new ArrayBuffer(12 + body.length));
	frame.setUint32(0, handle);
	frame.setBigUint64(4, BigInt(position));
	new Uint8Array(frame.buffer).set(body, 12);
	s.world.last.onmessage({ data: frame.buffer });
}

test("a login, round by round; the token is kept", () => {
	const s = begin();
	assert.equal(s.phase(), "user");
	logIn(s);
	assert.deepEqual(
		s.phases.map(([name]) => name),
		["connecting", "user", "checking", "prompt", "checking", "in"],
	);
	assert.equal(s.kept.value, "T");
});

test("a form that nobody filled in for long connects again when it is sent", () => {
	const s = begin();
	s.world.breaks(4202);
	assert.equal(s.phase(), "user");
	s.world.pass(60000);
	assert.equal(s.world.sockets.length, 1);
	s.session.login("alice");
	s.world.says({ type: "hello", escape: 29 });
	assert.deepEqual(s.world.heard("methods"), [{ type: "methods", user: "alice" }]);
});

test("a name that no browser can log in with is told so", () => {
	const s = begin();
	s.session.login("alice");
	s.world.says({ type: "methods", methods: ["publickey"], possible: false });
	assert.match(s.phases.at(-1)[1].text, /wants a key/);
});

test("after a broken link: the token, then each console from the byte it had", () => {
	const s = begin();
	logIn(s);
	const { attachment, seen } = attach(s);
	output(s, attachment.handle, 103, "abc");
	s.world.breaks();
	assert.equal(s.phase(), "down");
	s.world.pass(500);
	s.world.says({ type: "hello", escape: 29 });
	assert.deepEqual(s.world.heard("resume"), [{ type: "resume", token: "T" }]);
	s.world.says({ type: "result", result: "ok", user: "alice", text: "" });
	const [again] = s.world.heard("attach");
	assert.deepEqual(
		[again.guest, again.from],
		["u:serial0", { kind: "offset", epoch: "77", value: 103 }],
	);
	s.world.says({ ...info, handle: again.handle, offset: 103, head: 105 });
	output(s, again.handle, 106, "def");
	assert.equal(seen.text, "abcdef");
	attachment.leave();
});

test("frames may have more or fewer bytes than offsets; what is missing is named", () => {
	const s = begin();
	logIn(s);
	const { attachment, seen } = attach(s);
	output(s, attachment.handle, 104, "abc");
	s.world.says({ type: "gap", handle: attachment.handle, count: 10 });
	output(s, attachment.handle, 115, "x");
	s.world.says({ type: "painting", handle: attachment.handle, on: true, skipped: 0 });
	output(s, attachment.handle, 2000, "painted");
	output(s, attachment.handle, 2000, "more");
	assert.ok(attachment.isPainted);
	s.world.says({ type: "painting", handle: attachment.handle, on: false, skipped: 1800 });
	assert.equal(seen.text, "abcxpaintedmore");
	assert.equal(attachment.position, 2000);
	assert.deepEqual(
		seen.notices.filter((n) => /missing|went by/.test(n)).map((n) => parseInt(n, 10)),
		[10, 2],
	);
	attachment.leave();
});

test("what was typed and not acknowledged is never sent again, and said", () => {
	const s = begin();
	logIn(s);
	const { attachment, seen } = attach(s);
	attachment.type(new TextEncoder().encode("rm"));
	s.world.breaks();
	assert.ok(
		seen.notices.includes(
			"the link broke: 2 bytes that you typed may not have reached the guest",
		),
	);
	attachment.type(new TextEncoder().encode("x"));
	assert.equal(seen.notices.at(-1), "not sent: the link to the gateway is down");
	s.world.pass(500);
	s.world.says({ type: "hello", escape: 29 });
	s.world.says({ type: "result", result: "ok", user: "alice", text: "" });
	s.world.says({ ...info, handle: attachment.handle });
	assert.deepEqual(
		s.world.last.sent.filter((m) => typeof m !== "string"),
		[],
	);
	attachment.leave();
});

test("what is typed while a console is being attached goes out once it is", () => {
	const s = begin();
	logIn(s);
	const ears = { attached() {}, changed() {}, output() {}, notice() {}, over() {} };
	const attachment = new Attachment(s.session, "web1", ears);
	attachment.type(new TextEncoder().encode("ls"));
	s.world.says({ ...info, handle: attachment.handle });
	attachment.type(new TextEncoder().encode("\r"));
	assert.equal(s.world.last.sent.filter((m) => typeof m !== "string").length, 0);
	s.world.says({ ...keyboard, handle: attachment.handle });
	const sent = s.world.last.sent.filter((m) => typeof m !== "string");
	assert.deepEqual(
		sent.map((m) => new TextDecoder().decode(m.subarray(4))),
		["ls", "\r"],
	);
	attachment.leave();
});

test("a guest that is started: the pause before its console is open is no news", () => {
	const s = begin();
	logIn(s);
	const { attachment, seen } = attach(s);
	const state = {
		type: "state",
		handle: attachment.handle,
		host_up: true,
		line: "open",
		resets: 0,
	};
	for (const guest of ["off", "paused", "running"])
		s.world.says({ ...state, guest, run: guest === "off" ? 0 : 1 });
	assert.deepEqual(seen.notices, [
		"web1 is off; waiting until it starts (^] . leaves)",
		"web1 has started",
	]);
	attachment.leave();
});

test("a login that is over asks for a new one; consoles wait and go on", () => {
	const s = begin();
	logIn(s);
	const { attachment } = attach(s);
	s.world.breaks(4100);
	s.world.pass(500);
	s.world.says({ type: "hello", escape: 29 });
	s.world.says({ type: "result", result: "failed", user: "", text: "" });
	assert.equal(s.phase(), "user");
	assert.equal(s.kept.value, null);
	logIn(s);
	assert.equal(s.world.heard("attach")[0].from.value, 100);
	attachment.leave();
});

test("logged out, and no more tries: nothing is tried again, the token is gone", () => {
	for (const code of [4200, 4201, 4204]) {
		const s = begin();
		logIn(s);
		s.world.breaks(code);
		s.world.pass(60000);
		assert.deepEqual([s.phase(), s.world.sockets.length, s.kept.value], ["over", 1, null]);
	}
});

test("too long idle: a token is still good when one goes on", () => {
	const s = begin();
	logIn(s);
	s.world.breaks(4203);
	assert.deepEqual([s.phase(), s.kept.value], ["over", "T"]);
	s.session.start();
	s.world.says({ type: "hello", escape: 29 });
	assert.equal(s.world.heard("resume").length, 1);
});

test("a ticket is used first, and only once; a bad one says why", () => {
	const s = begin({ ticket: "K", token: "T" });
	assert.deepEqual(s.world.heard("use_ticket"), [{ type: "use_ticket", token: "K" }]);
	s.world.says({ type: "result", result: "failed", user: "", text: "" });
	assert.match(s.phases.at(-1)[1].text, /of no use any more/);
});

test("a dead link is noticed and replaced; tries grow apart; wake() tries at once", () => {
	const s = begin();
	s.world.pass(26000);
	assert.equal(s.world.heard("ping").length, 0);
	s.world.pass(10000);
	assert.equal(s.world.heard("ping").length, 1);
	s.world.pass(15000);
	assert.deepEqual([s.phase(), s.world.sockets.length], ["down", 2]);
	for (let i = 0; i < 6; i++) {
		s.world.breaks();
		s.session.link.wake();
	}
	assert.equal(s.world.sockets.length, 8);
	s.world.breaks();
	s.world.pass(29999);
	assert.equal(s.world.sockets.length, 8);
	s.world.pass(1);
	assert.equal(s.world.sockets.length, 9);
});

test("questions: answers by handle, refusals, and a link that breaks before", async () => {
	const s = begin();
	logIn(s);
	const who = s.session.ask({ type: "ask_who" });
	s.world.says({ type: "peer", handle: 1, user: "bob" });
	s.world.says({ type: "who_end", handle: 1 });
	assert.deepEqual(
		(await who).map((m) => m.type),
		["peer", "who_end"],
	);
	const no = s.session.ask({ type: "act", guest: "u", act: "reset" });
	s.world.says({ type: "refused", handle: 2, code: 3, text: "no" });
	await assert.rejects(no, { code: 3, message: "no" });
	const never = s.session.ask({ type: "act", guest: "u", act: "reset" });
	s.world.breaks();
	await assert.rejects(never, /link broke/);
});
