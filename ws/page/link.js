// SPDX-License-Identifier: ISC
// The link to the gateway: one WebSocket after the other, until a close code says that the
// same again is of no use. Knows nothing of what is said over it but `ping`.

import { delayBefore, isWorthTrying } from "./backoff.js";

const CONNECT_MS = 15000;
const LOOK_MS = 5000; // how often the link is looked at
const SILENT_MS = 25000; // the server pings, too, but a script does not see it
const ANSWER_MS = 10000;
const PROTOCOL = "serialgate.v1";

// What a test may put in its place.
const browser = {
	open: (url) => new WebSocket(url, PROTOCOL),
	now: () => Date.now(),
	later: (f, ms) => setTimeout(f, ms),
	never: (timer) => clearTimeout(timer),
	chance: () => Math.random(),
};

export class Link {
	/*
	 * ears: text(message), an object; binary(buffer); down(ms, code, reason): gone, the next
	 * try is in ms; over(code, reason): gone for good; trying().
	 */
	constructor(url, ears, world = browser) {
		this.url = url;
		this.ears = ears;
		this.world = world;
		this.socket = null;
		this.failures = 0;
		this.retry = null;
		this.look = null;
		this.lastHeard = 0;
		this.askedAt = 0;
		this.pings = 0;
	}

	connect() {
		this.world.never(this.retry);
		this.retry = null;
		if (this.socket) return;
		const socket = this.world.open(this.url);
		socket.binaryType = "arraybuffer";
		socket.onmessage = (event) => this.hear(event.data);
		socket.onclose = (event) => this.lose(event.code, event.reason);
		this.socket = socket;
		this.lastHeard = this.world.now();
		this.askedAt = 0;
		this.watch();
		this.ears.trying();
	}

	get isOpen() {
		return this.socket?.readyState === 1;
	}

	send(message) {
		if (this.isOpen)
			this.socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
	}

	// The browser is online again, or is looked at again: no time to lose.
	wake() {
		if (!this.socket && this.retry !== null) this.connect();
		else if (this.isOpen && !this.askedAt) this.ask();
	}

	// For good.
	close() {
		const socket = this.forget();
		this.world.never(this.retry);
		this.retry = null;
		socket?.close(1000);
	}

	hear(data) {
		this.lastHeard = this.world.now();
		this.askedAt = 0;
		this.failures = 0;
		if (typeof data !== "string") {
			this.ears.binary(data);
			return;
		}
		const message = JSON.parse(data);
		if (message.type !== "pong") this.ears.text(message);
	}

	forget() {
		const socket = this.socket;
		this.world.never(this.look);
		if (socket) {
			socket.onmessage = null;
			socket.onclose = null;
		}
		this.socket = null;
		return socket;
	}

	lose(code, reason) {
		this.forget();
		if (!isWorthTrying(code)) {
			this.ears.over(code, reason);
			return;
		}
		const ms = delayBefore(this.failures++, this.world.chance());
		this.retry = this.world.later(() => this.connect(), ms);
		this.ears.down(ms, code, reason);
	}

	ask() {
		this.askedAt = this.world.now();
		this.send({ type: "ping", id: ++this.pings });
	}

	// A link may be dead without a word: networks change, machines sleep.
	watch() {
		this.look = this.world.later(() => {
			const now = this.world.now();
			const isDead = this.isOpen
				? this.askedAt && now - this.askedAt > ANSWER_MS
				: now - this.lastHeard > CONNECT_MS;
			if (isDead) {
				this.socket.onclose = null;
				this.socket.close();
				this.lose(1006, "");
				return;
			}
			if (this.isOpen && !this.askedAt && now - this.lastHeard > SILENT_MS) this.ask();
			this.watch();
		}, LOOK_MS);
	}
}
