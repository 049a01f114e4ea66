// SPDX-License-Identifier: ISC
// One console of one guest, for as long as a person has it before them: through broken links
// it keeps the byte it had, and goes on there. What is typed is sent once, or said to be lost.

import { Escape } from "./escape.js";
import { Flow } from "./flow.js";
import { makeInput } from "./frames.js";
import { rightsHere } from "./framed.js";
import { Typing } from "./typing.js";
import {
	cleanName,
	linkSentences,
	say,
	sayKeyboard,
	sayLost,
	sayPast,
	sayState,
	sentences,
} from "./words.js";

const SILENT_MS = 1000;
const BOOT_SILENT_MS = 10000; // firmware may take so long before it prints
const DEAF_MS = 1000;
const EARLY_MAX = 256; // pieces typed before the console is there
const LATE_MS = 1000;
const FILL_LINES = 50;
const AGAIN_MS = [500, 1000, 2000, 4000];

export class Attachment {
	/*
	 * guest: what a person or an address calls it. ears: attached(isFirst); output(bytes, isReplay,
	 * shown), which calls shown() once they are; notice(text, isInline): isInline, it belongs
	 * between the bytes; changed(): state, keyboard or status; over(text).
	 */
	constructor(session, guest, ears) {
		this.session = session;
		this.guest = guest;
		this.ears = ears;
		this.status = "asking"; // "open", "down", "away", "over"
		this.handle = 0;
		this.info = null; // the last `attached`
		this.state = null;
		this.keyboard = null;
		this.epoch = null;
		this.position = 0;
		this.head = 0;
		this.viewers = 0;
		this.size = null;
		this.isPainted = false; // instead of every byte, as the link is slow
		this.flow = new Flow();
		this.typing = new Typing((bytes) => session.send(makeInput(this.handle, bytes)));
		this.isKnown = false; // who has the keyboard
		this.early = []; // typed before that
		this.tries = 0;
		this.timers = {};
		this.peers = [];
		this.askers = [];
		session.consoles.add(this);
		if (session.phase === "in") this.relink();
	}

	// -- what it is called, and about --

	get name() {
		return cleanName(this.info ? this.info.name : this.guest);
	}

	// A console that was asked for by its alias bears it.
	get label() {
		if (!this.info) return cleanName(this.guest);
		const { alias, label } = this.info;
		return cleanName(this.guest.endsWith(":" + alias) ? `${label}:${alias}` : label);
	}

	// What names it for good: to the server, and in requests about it.
	get target() {
		return this.info ? `${this.info.uuid}:${this.info.alias}` : this.guest;
	}

	about(more = {}) {
		return {
			name: this.name,
			host: cleanName(this.info?.host ?? ""),
			escape: new Escape(this.session.hello.escape).name,
			holder: cleanName(this.keyboard?.holder || "somebody"),
			by: cleanName(this.keyboard?.by || "somebody"),
			text: cleanName(this.state?.text ?? ""),
			mayPower: this.may("power"),
			mayAddSerial: this.may("add-serial"),
			count: 0,
			...more,
		};
	}

	notice(sentence, more, isInline = false) {
		this.ears.notice(say(sentence, this.about(more)), isInline);
	}

	may(right) {
		return Boolean(this.info?.may.includes(right));
	}

	get mayType() {
		return Boolean(this.info?.may_type);
	}

	get isMine() {
		return this.mayType && Boolean(this.keyboard?.yours);
	}

	// A free keyboard is given to whoever types first.
	get canType() {
		return this.mayType && (this.keyboard?.yours || !this.keyboard?.held);
	}

	set(status) {
		this.status = status;
		this.ears.changed();
	}

	later(name, ms, f) {
		clearTimeout(this.timers[name]);
		this.timers[name] = setTimeout(f, ms);
	}

	stop(name) {
		clearTimeout(this.timers[name]);
	}

	// -- the link comes and goes --

	relink() {
		if (this.status === "over") return;
		this.isKnown = false;
		this.handle = this.session.nextHandle();
		this.session.attachments.set(this.handle, this);
		const message = {
			type: "attach",
			handle: this.handle,
			guest: this.target,
			exact_credit: true,
			paint: true,
			...this.size,
		};
		if (this.info)
			message.from = { kind: "offset", epoch: this.epoch, value: this.position };
		else message.prefix = true;
		this.session.send(message);
		this.set("asking");
	}

	// Not there any more, on either side; who waits for it to come back hears so.
	release() {
		this.isFilling = false;
		this.session.attachments.delete(this.handle);
		for (const name of Object.keys(this.timers)) this.stop(name);
		for (const asker of this.askers.splice(0)) asker([]);
		const lost = this.typing.close();
		for (const bytes of this.early.splice(0)) lost.unsent += bytes.length;
		if (lost.unsent) this.notice(linkSentences.unsent, { count: lost.unsent });
		if (lost.unsure) this.notice(linkSentences.unsure, { count: lost.unsure });
	}

	unlink() {
		if (this.status === "over") return;
		this.release();
		this.set("down");
	}

	end(text) {
		if (this.status === "over") return;
		this.release();
		this.session.consoles.delete(this);
		this.status = "over";
		this.ears.over(text);
	}

	again() {
		this.later("again", AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)], () => {
			if (this.session.phase === "in" && this.session.link.isOpen) this.relink();
		});
	}

	// A person is done with it.
	leave() {
		if (this.status === "open") this.tell("detach");
		this.ears.over = () => {};
		this.end("");
	}

	// -- to the server --

	tell(type, members = {}) {
		this.session.send({ type, handle: this.handle, ...members });
	}

	resize(rows, cols) {
		this.size = { rows, cols };
		if (this.status === "open") this.tell("resize", this.size);
	}

	// What a person typed. False: it is not sent, which was said once.
	type(bytes) {
		if (this.status === "asking" || (this.status === "open" && !this.isKnown)) {
			if (this.early.length < EARLY_MAX) this.early.push(bytes);
			return true;
		}
		const why = this.whyNot();
		if (why || this.isDeaf) {
			if (why && why !== this.complaint) this.notice(why);
			this.complaint = why;
			return false;
		}
		this.stop("silent");
		if (!this.typing.add(bytes)) return false;
		if (this.typing.waitingCount) this.later("deaf", DEAF_MS, () => this.checkDeaf());
		return true;
	}

	whyNot() {
		if (this.status !== "open") return linkSentences.notLinked;
		if (!this.mayType) return sentences.mayNotType;
		return this.canType ? "" : sentences.notYours;
	}

	// What a terminal says by itself goes without a word where it may not.
	answer(bytes) {
		if (this.status === "open" && this.isMine) this.typing.add(bytes);
	}

	checkDeaf() {
		if (!this.typing.waitingCount) return;
		this.isDeaf = true;
		this.notice(sentences.deaf);
	}

	who() {
		if (this.status !== "open") return Promise.resolve([]);
		return new Promise((resolve) => {
			this.askers.push(resolve);
			this.peers = [];
			this.tell("who");
		});
	}

	// -- from the server --

	hear(m) {
		heard[m.type]?.(this, m);
	}

	hearOutput({ position, bytes }) {
		// Fewer or more bytes than offsets were filtered, or painted.
		const count = bytes.length;
		this.flow.receive(count);
		if (this.session.isHidden()) this.pace();
		const from = Math.max(this.position, position - count);
		const replayed =
			position <= this.head ? count : Math.max(0, Math.min(count, this.head - from));
		this.position = position;
		if (replayed < count) {
			this.hasOutput = true;
			this.stop("silent");
		}
		if (replayed) this.ears.output(bytes.subarray(0, replayed), true, () => {});
		// The last piece, even an empty one, acknowledges all of them.
		const { handle, flow } = this;
		this.ears.output(bytes.subarray(replayed), false, () =>
			this.shown(handle, flow, count),
		);
	}

	shown(handle, flow, count) {
		if (handle !== this.handle || this.status !== "open") return;
		flow.show(count);
		this.pace();
	}

	pace() {
		const isHidden = this.session.isHidden();
		const ms = this.flow.due(isHidden, Date.now());
		clearTimeout(this.ackTimer);
		if (ms === 0) this.ack();
		else if (ms) this.ackTimer = setTimeout(() => this.ack(), ms);
	}

	ack() {
		const isHidden = this.session.isHidden();
		clearTimeout(this.ackTimer);
		if (this.status === "open" && this.flow.isOwed(isHidden))
			this.tell("ack", { count: this.flow.tell(isHidden, Date.now()) });
	}

	hearAttached(m) {
		const isFirst = !this.info;
		const isSame = this.epoch === m.epoch;
		const may = Array.isArray(m.may) ? m.may : String(m.may).split(" ");
		this.info = { ...m, may: rightsHere(may) };
		if (!isFirst && !isSame) this.notice(sentences.back, {}, true);
		else if (!isFirst && m.missed > 0)
			this.tellGap(m.missed);
		else if (!isFirst) this.notice(linkSentences.resumed);
		else this.tellPast(m);
		this.epoch = m.epoch;
		this.position = m.offset;
		this.head = m.head;
		this.viewers = m.viewers;
		this.flow = new Flow();
		this.tries = 0;
		this.complaint = "";
		this.isDeaf = false;
		this.isPainted = false;
		this.status = "open";
		this.typing.open(m.credit);
		if (this.size) this.resize(this.size.rows, this.size.cols);
		if (isFirst && m.viewers > 1)
			this.notice(m.viewers === 2 ? sentences.oneOther : sentences.others, {
				count: m.viewers - 1,
			});
		if (isFirst) this.later("silent", SILENT_MS, () => this.checkSilent());
		this.ears.attached(isFirst);
		this.ears.changed();
	}

	tellGap(count) {
		this.notice(this.info.logged ? linkSentences.gapLogged : sentences.gap, { count }, true);
	}

	// Where nothing is new, some of what was before is better than an empty screen.
	tellPast(m) {
		const past = sayPast(m, false);
		if (past) this.ears.notice(past, false);
		if (m.from === "left" && m.offset === m.head && !m.missed) {
			this.isFilling = true;
			this.tell("replay", { from: { kind: "lines", value: FILL_LINES } });
		}
	}

	hearReplaying(m) {
		this.position = m.offset;
		this.head = m.head;
		if (!this.isFilling) this.ears.notice(sayPast({ from: "lines", ...m }, true), true);
		this.isFilling = false;
	}

	// The link is slow: the guest's screen is shown instead of its bytes.
	hearPainting(m) {
		this.isPainted = m.on;
		if (m.skipped)
			this.notice(linkSentences.painted, { count: Math.ceil(m.skipped / 1024) }, true);
		this.ears.changed();
	}

	checkSilent() {
		if (this.state?.guest !== "running" || this.state.line !== "open" || this.hasOutput)
			return;
		this.notice(
			!this.canType
				? sentences.silentWatching
				: this.info.output_seen
					? sentences.silent
					: sentences.silentEver,
		);
	}

	// A guest that is started stands paused until its console is open: no news, if it passes.
	hearState(m) {
		const isPaused = m.guest === "paused" && !m.gone;
		const isStarting = this.state?.guest === "off" || this.state?.guest === "crashed";
		if (isPaused && isStarting) {
			this.later("late", LATE_MS, () => this.tellState(m));
			return;
		}
		this.stop("late");
		this.tellState(m);
	}

	tellState(m) {
		const before = this.state;
		this.state = m;
		this.hearName(m);
		if (m.gone) {
			this.end(cleanName(m.text) || say(sentences.gone, this.about()));
			return;
		}
		for (const text of sayState(before, m, this.about())) this.ears.notice(text, false);
		if (before && m.run && (before.run !== m.run || before.resets !== m.resets))
			this.watchBoot();
		this.ears.changed();
	}

	// It may have another name now, or be on another host.
	hearName(m) {
		const by = this.name;
		const hasMoved = m.host && m.host !== this.info.host;
		const isRenamed = m.name && m.name !== this.info.name;
		if (!hasMoved && !isRenamed) return;
		this.info = { ...this.info, host: m.host, name: m.name || this.info.name };
		if (isRenamed) this.info.label = m.name;
		this.notice(hasMoved ? sentences.moved : sentences.renamed, { by });
	}

	// A guest that prints nothing at all after its start has no console on this line.
	watchBoot() {
		this.info.output_seen = false;
		this.hasOutput = false;
		this.later("silent", BOOT_SILENT_MS, () => this.checkSilent());
	}

	hearKeyboard(m) {
		const before = this.keyboard;
		this.keyboard = m;
		if (this.info.may_type === m.denied)
			this.notice(m.denied ? sentences.watchOnly : sentences.typeToo);
		this.info = { ...this.info, may_type: !m.denied };
		const text = sayKeyboard(before, m, this.about());
		if (text) this.ears.notice(text, false);
		if (!before || before.held !== m.held || before.holder !== m.holder || m.yours)
			this.complaint = "";
		this.ears.changed();
		this.isKnown = true;
		for (const bytes of this.early.splice(0)) this.type(bytes);
	}

	hearRefused(m) {
		if (this.status === "open") {
			this.ears.notice(m.text, false);
			return;
		}
		// Just after the console service came back it may not know the guest yet.
		if (this.info && this.tries < 8) {
			this.session.attachments.delete(this.handle);
			this.again();
			return;
		}
		this.end(m.text);
	}
}

const heard = {
	attached: (a, m) => a.hearAttached(m),
	refused: (a, m) => a.hearRefused(m),
	state: (a, m) => a.hearState(m),
	keyboard: (a, m) => a.hearKeyboard(m),
	credit: (a, m) => {
		a.isDeaf = false;
		a.typing.give(m.count);
	},
	lost: (a, m) => a.ears.notice(sayLost(m.cause, a.about({ count: m.count })), false),
	gap: (a, m) => {
		a.tellGap(m.count);
		a.position += m.count;
	},
	painting: (a, m) => a.hearPainting(m),
	replaying: (a, m) => a.hearReplaying(m),
	boot: (a, m) =>
		a.ears.notice(`${a.name} started here, ${new Date(m.time * 1000).toISOString()}`, true),
	peer: (a, m) => a.peers.push(m),
	who_end: (a) => {
		a.viewers = a.peers.length;
		for (const asker of a.askers.splice(0)) asker(a.peers);
		a.ears.changed();
	},
	detached: (a) => a.end("detached"),
	away: (a) => {
		a.release();
		a.notice(sentences.away);
		a.set("away");
		a.again();
	},
};
