// SPDX-License-Identifier: ISC
// How much of an attachment's output was shown, and when to tell the server. Pure.

const EVERY = 32 * 1024; // the protocol allows 64 KiB

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

	// True: tell it now. Else, if isOwed, soon.
	get isDue() {
		return this.shown - this.told >= EVERY;
	}

	get isOwed() {
		return this.shown > this.told;
	}

	// The count for an `ack`.
	tell() {
		this.told = this.shown;
		return this.told;
	}
}
