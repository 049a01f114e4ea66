// SPDX-License-Identifier: ISC
// How much of an attachment's output was shown, and when to tell the server. Pure.

// What is owed: at once when it is so much, and the last time is so many milliseconds ago. The
// server measures the link by it, so it neither waits for nothing nor fills a slow link itself.
const EVERY = [
	{ bytes: 32 * 1024, ms: 0 },
	{ bytes: 512, ms: 10 },
	{ bytes: 1, ms: 100 },
];
// A page that nobody looks at shows late, as browsers slow its timers: so much may wait there.
const AHEAD = 8 * 1024 * 1024;

export class Flow {
	constructor() {
		this.received = 0;
		this.shown = 0;
		this.told = 0;
		this.toldAt = 0;
	}

	receive(count) {
		this.received += count;
	}

	show(count) {
		this.shown += count;
	}

	count(isHidden) {
		return isHidden ? Math.min(this.received, this.shown + AHEAD) : this.shown;
	}

	// Milliseconds until what is owed should be told; undefined: nothing is.
	due(isHidden, now) {
		const owed = this.count(isHidden) - this.told;
		const row = EVERY.find(({ bytes }) => owed >= bytes);
		return row && Math.max(0, this.toldAt + row.ms - now);
	}

	isOwed(isHidden) {
		return this.count(isHidden) > this.told;
	}

	// The count for an `ack`.
	tell(isHidden, now = 0) {
		this.toldAt = now;
		this.told = Math.max(this.told, this.count(isHidden));
		return this.told;
	}
}
