// SPDX-License-Identifier: ISC
// What the gateway keeps of a console, read as a whole: memory, and files where it writes them.

import { Flow } from "./flow.js";

class Reading {
	constructor(session, target, done) {
		this.session = session;
		this.done = done;
		this.handle = session.nextHandle();
		this.flow = new Flow();
		this.parts = [];
		this.count = 0;
		this.end = null;
		this.missed = 0;
		session.attachments.set(this.handle, this);
		session.send({
			type: "attach",
			handle: this.handle,
			guest: target,
			history: true,
			from: { kind: "oldest" },
		});
	}

	finish(error) {
		this.session.attachments.delete(this.handle);
		this.done(error, this);
	}

	hear(m) {
		if (m.type === "attached") {
			this.end = m.until ?? m.head;
			this.missed += m.missed ?? 0;
			this.look(m.offset);
		} else if (m.type === "gap") {
			this.missed += m.count;
		} else if (m.type === "refused" || m.type === "away") {
			this.finish(new Error(m.text));
		} else if (m.type === "detached") {
			this.finish(null);
		}
	}

	hearOutput({ position, bytes }) {
		this.parts.push(bytes);
		this.count += bytes.length;
		this.flow.receive(bytes.length);
		this.flow.show(bytes.length);
		this.session.send({ type: "ack", handle: this.handle, count: this.flow.tell(false) });
		this.look(position);
	}

	look(position) {
		if (this.end === null || position < this.end) return;
		this.end = null;
		this.session.send({ type: "detach", handle: this.handle });
	}
}

// A promise of {parts, count, missed}: all bytes that are kept of a console, from the oldest on.
export function readHistory(session, target) {
	return new Promise((resolve, reject) => {
		if (!session.link.isOpen) reject(new Error("the link to the gateway is down"));
		else new Reading(session, target, (error, r) => (error ? reject(error) : resolve(r)));
	});
}
