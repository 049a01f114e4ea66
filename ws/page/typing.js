// SPDX-License-Identifier: ISC
// What was typed and waits for credit, and what is under way. Nothing is ever sent twice:
// when the link breaks, all of it is given up and counted. Pure but for `send`.

import { INPUT_MAX } from "./frames.js";

const WAITING_MAX = 64 * 1024;

export class Typing {
	// send(bytes): 1 to INPUT_MAX of them.
	constructor(send) {
		this.send = send;
		this.isOpen = false;
		this.credit = 0;
		this.waiting = [];
		this.waitingCount = 0;
		this.underWay = 0;
	}

	open(credit) {
		this.isOpen = true;
		this.credit = credit;
		this.flush();
	}

	// False: there is no link, or no room; nothing of it will be sent.
	add(bytes) {
		if (!this.isOpen || this.waitingCount + bytes.length > WAITING_MAX) return false;
		if (bytes.length) {
			this.waiting.push(bytes);
			this.waitingCount += bytes.length;
		}
		this.flush();
		return true;
	}

	give(count) {
		this.credit += count;
		this.underWay = Math.max(0, this.underWay - count);
		this.flush();
	}

	flush() {
		while (this.isOpen && this.credit > 0 && this.waiting.length) {
			const first = this.waiting[0];
			const piece = first.subarray(0, Math.min(this.credit, INPUT_MAX));
			if (piece.length === first.length) this.waiting.shift();
			else this.waiting[0] = first.subarray(piece.length);
			this.waitingCount -= piece.length;
			this.credit -= piece.length;
			this.underWay += piece.length;
			this.send(piece);
		}
	}

	// What waits is not sent any more; its count.
	drop() {
		const count = this.waitingCount;
		this.waiting = [];
		this.waitingCount = 0;
		return count;
	}

	// The link is gone. {unsent, unsure}: bytes that never left, and bytes that may have arrived.
	close() {
		const lost = { unsent: this.drop(), unsure: this.underWay };
		this.isOpen = false;
		this.credit = 0;
		this.underWay = 0;
		return lost;
	}
}
