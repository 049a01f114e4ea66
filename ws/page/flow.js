// SPDX-License-Identifier: ISC
// How much of an attachment's output was shown, and when to tell the server. Pure.

const EVERY = 32 * 1024; // the protocol allows 64 KiB
// A page that nobody looks at shows late, as browsers slow its timers: so much may wait there.
const AHEAD = 8 * 1024 * 1024;

export class Flow {
	constructor() {
		this.received = 0;
		this.shown = 0;
		this.told = 0;
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

	// True: tell it now. Else, if isOwed, soon.
	isDue(isHidden) {
		return this.count(isHidden) - this.told >= EVERY;
	}

	isOwed(isHidden) {
		return this.count(isHidden) > this.told;
	}

	// The count for an `ack`.
	tell(isHidden) {
		this.told = Math.max(this.told, this.count(isHidden));
		return this.told;
	}
}
