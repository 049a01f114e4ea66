// SPDX-License-Identifier: ISC
// The page in a frame of another site: what does harm at a press is not there.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.self = {};
globalThis.top = {};
const { rightsHere } = await import("../../ws/page/framed.js");
const { Session } = await import("../../ws/page/session.js");

test("only watching and typing count as rights", () => {
	const all = ["view", "type", "power", "break", "share", "add-serial", "kick"];
	assert.deepEqual(rightsHere(all), ["view", "type"]);
});

test("what does harm is not even sent; what shows something is", async () => {
	const sent = [];
	const session = {
		link: { isOpen: true },
		questions: new Map(),
		nextHandle: () => 1,
		send: (m) => sent.push(m.type),
	};
	for (const type of ["act", "kick", "ask_ticket", "revoke"])
		await assert.rejects(() => Session.prototype.ask.call(session, { type }), /window of its own/);
	Session.prototype.ask.call(session, { type: "info" });
	assert.deepEqual(sent, ["info"]);
});
