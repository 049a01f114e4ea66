// SPDX-License-Identifier: ISC
// One person's visit: the login, round by round; the guests; questions and their answers; the
// attachments. It outlives the link: when that comes back, it resumes all of them.

import { readOutput } from "./frames.js";
import { isBarred, notFramed } from "./framed.js";
import { Link } from "./link.js";

const endings = {
	1000: "The gateway closed the visit.",
	4200: "You are logged out.",
	4201: "No more tries to log in. Wait a moment, then try again.",
	4202: "That took too long. Try again.",
	4203: "Nothing was typed for a long time, so the gateway closed the visit.",
	4204: "The visit was ended.",
	4400: "The gateway did not understand this page, which should not happen.",
};
// Why one is asked for a name again.
const TEXTS = {
	login: "That did not let you in.",
	resume: "Your login is over. Log in again; open consoles go on from where they were.",
	ticket: "This link is of no use any more: it was used, taken back, or its time is over.",
};
const TOO_LATE = 4202;
const VOID = [4200, 4201, 4204]; // after these a token is of no use

export class Refusal extends Error {
	constructor(code, text) {
		super(text);
		this.code = code;
	}
}

export class Session {
	/*
	 * ears: phase(name, detail), one of
	 *   "connecting"; "down" {ms}: not now, but it goes on; "over" {text, code};
	 *   "user" {text}: wants login(); "prompt" {instruction, prompts}: wants answer(); "checking";
	 *   "in" {user};
	 * guests(): the list changed. kept: get() and set() of the token. ticket: "" none.
	 * isHidden(): nobody looks at the page now.
	 */
	constructor(ears, { url, kept, ticket, isHidden = () => false, world }) {
		this.isHidden = isHidden;
		this.ears = ears;
		this.kept = kept;
		this.ticket = ticket;
		this.link = new Link(
			url,
			{
				text: (m) => this.hear(m),
				binary: (buffer) => this.hearOutput(buffer),
				down: (ms) => this.unlink(() => this.enter("down", { ms })),
				over: (code, reason) => this.end(code, reason),
				trying: () =>
					this.enter(this.phase === "down" ? "down" : "connecting", { ms: 0 }),
			},
			world,
		);
		this.phase = "";
		this.hello = { escape: 29, now: 0 };
		this.user = "";
		this.isWanted = false; // the login, once there is a link
		this.asked = ""; // what the next `result` answers
		this.lastWords = ""; // of a visit_end
		this.handles = 0;
		this.guests = new Map();
		this.listed = null;
		this.hidden = false;
		this.down = [];
		this.questions = new Map();
		this.attachments = new Map();
		this.consoles = new Set();
	}

	start() {
		this.link.connect();
	}

	enter(phase, detail = {}) {
		this.phase = phase;
		this.ears.phase(phase, detail);
	}

	send(message) {
		this.link.send(message);
	}

	nextHandle() {
		return ++this.handles;
	}

	// -- the login --

	login(user) {
		this.user = user;
		this.enter("checking");
		if (!this.link.isOpen) {
			this.isWanted = true;
			this.link.connect();
			return;
		}
		this.send({ type: "methods", user });
	}

	answer(answers) {
		this.enter("checking");
		this.send({ type: "answers", answers });
	}

	// Another name, in the middle of it.
	startOver() {
		this.enter("user", { text: "" });
	}

	logout() {
		this.kept.set(null);
		if (!this.link.isOpen) this.end(4200, "");
		this.send({ type: "logout" });
	}

	begin() {
		if (this.isWanted) {
			this.isWanted = false;
			this.login(this.user);
		} else if (this.ticket) {
			this.asked = "ticket";
			this.send({ type: "use_ticket", token: this.ticket });
		} else if (this.kept.get()) {
			this.asked = "resume";
			this.send({ type: "resume", token: this.kept.get() });
		} else {
			this.enter("user", { text: this.consoles.size ? TEXTS.resume : "" });
		}
		if (this.phase === "connecting") this.enter("checking");
	}

	hearMethods(m) {
		const method = ["keyboard-interactive", "password"].find((name) =>
			m.methods.includes(name),
		);
		if (!m.possible || !method) {
			this.enter("user", {
				text:
					"With a browser nobody gets in here as " +
					this.user +
					": the gateway wants a key. Use ssh.",
			});
			return;
		}
		this.asked = "login";
		this.send({ type: "login", user: this.user, method });
	}

	hearResult(m) {
		if (m.result === "ok") {
			this.getIn(m);
			return;
		}
		if (m.result === "partial") {
			this.hearMethods({ methods: m.methods, possible: true });
			return;
		}
		if (this.asked === "resume") this.kept.set(null);
		this.ticket = "";
		this.enter("user", { text: m.text || TEXTS[this.asked] });
	}

	getIn(m) {
		const isOther = this.userIn && this.userIn !== m.user;
		const waiting = [...this.consoles]; // others come and attach by themselves
		this.ticket = "";
		this.userIn = m.user;
		this.link.send({ type: "token" });
		this.listed = new Set();
		this.link.send({ type: "list", watch: true });
		this.enter("in", { user: m.user, text: m.text });
		for (const console of waiting)
			if (isOther) console.end("somebody else logged in");
			else console.relink();
	}

	// -- its end --

	unlink(then) {
		for (const q of this.questions.values())
			q.reject(new Refusal(1, "the link broke before an answer came"));
		this.questions.clear();
		this.attachments.clear();
		for (const console of this.consoles) console.unlink();
		then();
	}

	end(code, reason) {
		if (code === TOO_LATE && this.phase === "user") {
			this.link.close(); // nobody has begun: the form waits, and connects again
			return;
		}
		if (VOID.includes(code)) this.kept.set(null);
		const text = this.lastWords || endings[code] || "The connection ended.";
		this.lastWords = "";
		this.link.close();
		this.unlink(() =>
			this.enter("over", {
				code,
				text: code === 4400 && reason ? `${text} (${reason})` : text,
			}),
		);
	}

	// -- questions: a promise of all that answers them, the last one included --

	ask(message) {
		const handle = this.nextHandle();
		if (!this.link.isOpen)
			return Promise.reject(new Refusal(1, "the link to the gateway is down"));
		if (isBarred(message.type)) return Promise.reject(new Refusal(3, notFramed));
		return new Promise((resolve, reject) => {
			this.questions.set(handle, { resolve, reject, answers: [] });
			this.send({ ...message, handle });
		});
	}

	answered(m) {
		const q = this.questions.get(m.handle);
		if (!q) return;
		q.answers.push(m);
		if (m.type === "peer" || m.type === "guest" || (m.type === "ticket" && !m.token))
			return;
		this.questions.delete(m.handle);
		if (m.type === "refused") q.reject(new Refusal(m.code, m.text));
		else q.resolve(q.answers);
	}

	// -- the guests --

	hearGuest(m) {
		if (m.handle !== undefined) {
			this.answered(m);
			return;
		}
		const key = m.host + "/" + m.uuid;
		this.guests.set(key, m);
		this.listed?.add(key);
		if (!this.listed) this.ears.guests();
	}

	hearGuestGone(m) {
		this.guests.delete(m.host + "/" + m.uuid);
		this.ears.guests();
	}

	hearListEnd(m) {
		for (const key of this.guests.keys())
			if (this.listed && !this.listed.has(key)) this.guests.delete(key);
		this.listed = null;
		this.hidden = m.hidden;
		this.down = m.down;
		this.ears.guests();
	}

	// -- what is heard --

	hear(m) {
		const hear = heard[m.type];
		if (hear) hear(this, m);
		else if (m.handle !== undefined)
			(this.attachments.get(m.handle) ?? { hear: () => this.answered(m) }).hear(m);
	}

	hearOutput(buffer) {
		const frame = readOutput(buffer);
		if (frame) this.attachments.get(frame.handle)?.hearOutput(frame);
	}
}

const heard = {
	hello: (s, m) => {
		s.hello = m;
		s.begin();
	},
	methods: (s, m) => s.hearMethods(m),
	prompt: (s, m) => s.enter("prompt", m),
	result: (s, m) => s.hearResult(m),
	token: (s, m) => s.kept.set(m.token),
	guest: (s, m) => s.hearGuest(m),
	guest_gone: (s, m) => s.hearGuestGone(m),
	list_end: (s, m) => s.hearListEnd(m),
	visit_end: (s, m) => {
		s.lastWords = m.text;
	},
};
