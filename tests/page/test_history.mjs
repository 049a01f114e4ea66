// SPDX-License-Identifier: ISC
// Reading all that is kept of a console, over a session that the test plays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHistory } from "../../ws/page/history.js";

class FakeSession {
	constructor() {
		this.link = { isOpen: true };
		this.attachments = new Map();
		this.sent = [];
		this.handles = 0;
	}

	nextHandle() {
		return ++this.handles;
	}

	send(m) {
		this.sent.push(m);
	}

	hear(handle, m) {
		this.attachments.get(handle)?.hear({ handle, ...m });
	}

	output(handle, position, text) {
		this.attachments.get(handle)?.hearOutput({ position, bytes: new TextEncoder().encode(text) });
	}
}

const attached = { type: "attached", epoch: "7", until: null, missed: 0, offset: 0, head: 14 };

function textOf(read) {
	return read.parts.map((part) => new TextDecoder().decode(part)).join("");
}

test("a hole in memory is asked for on disk, once, and to the same end", async () => {
	const session = new FakeSession();
	const all = readHistory(session, "web1");
	session.hear(1, { ...attached, logged: true });
	session.output(1, 4, "one\n");
	session.hear(1, { type: "gap", count: 5 });
	assert.deepEqual(session.sent.slice(-2), [
		{ type: "detach", handle: 1 },
		{
			type: "attach",
			handle: 2,
			guest: "web1",
			history: true,
			from: { kind: "offset", epoch: "7", value: 4 },
			until: { kind: "offset", epoch: "7", value: 14 },
		},
	]);
	session.output(1, 14, "late\n");
	session.output(2, 9, "lost\n");
	session.hear(2, { ...attached, offset: 9, until: 14, head: 20, logged: true });
	session.output(2, 14, "last\n");
	session.hear(2, { type: "detached" });
	const read = await all;
	assert.equal(textOf(read), "one\nlost\nlast\n");
	assert.equal(read.missed, 0);
});

test("without a log it is counted as missing", async () => {
	const session = new FakeSession();
	const all = readHistory(session, "web1");
	session.hear(1, { ...attached, logged: false });
	session.output(1, 4, "one\n");
	session.hear(1, { type: "gap", count: 5 });
	session.output(1, 14, "last\n");
	session.hear(1, { type: "detached" });
	const read = await all;
	assert.equal(textOf(read), "one\nlast\n");
	assert.equal(read.missed, 5);
});
