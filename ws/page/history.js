// SPDX-License-Identifier: ISC
// What the gateway keeps of a console, read as a whole: memory, and files where it writes them.

import { Flow } from "./flow.js";

class Reading {
	constructor(session, target, done) {
		this.session = session;
		this.target = target;
		this.done = done;
		this.parts = [];
		this.count = 0;
		this.missed = 0;
		this.ask({ kind: "oldest" });
	}

	ask(from, until) {
		this.handle = this.session.nextHandle();
		this.flow = new Flow();
		this.end = null;
		this.session.attachments.set(this.handle, this);
		this.session.send({
			type: "attach",
			handle: this.handle,
			guest: this.target,
			history: true,
			from,
			...(until && { until }),
		});
	}

	// What memory has not any more a log on disk may have: it is asked for from there on.
	fill() {
		const place = (value) => ({ kind: "offset", epoch: this.info.epoch, value });
		const end = this.end;
		this.session.attachments.delete(this.handle);
		this.session.send({ type: "detach", handle: this.handle });
		this.ask(place(this.position), place(end));
	}

	finish(error) {
		this.session.attachments.delete(this.handle);
		this.done(error, this);
	}

	hear(m) {
		if (m.type === "attached") {
			this.info = m;
			this.end = m.until ?? m.head;
			this.missed += m.missed ?? 0;
			this.look(m.offset);
		} else if (m.type === "gap" && this.info?.logged) {
			this.fill();
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
		this.position = position;
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
