// SPDX-License-Identifier: ISC
import assert from "node:assert/strict";
import { test } from "node:test";
import { guestAddress, readAddress, ticketAddress } from "../../ws/page/address.js";
import { delayBefore, isWorthTrying } from "../../ws/page/backoff.js";
import { Escape, helpRows, reminder } from "../../ws/page/escape.js";
import { Flow } from "../../ws/page/flow.js";
import { makeInput, readOutput } from "../../ws/page/frames.js";
import { cleanPaste, countLines, cutPaste, isLargePaste } from "../../ws/page/paste.js";
import { Typing } from "../../ws/page/typing.js";

const bytes = (text) => new TextEncoder().encode(text);

// -- the address --

for (const guest of ["web1", "host/web1:serial0", "a b%c", "ä#ö", "ticket"])
	test(`address: ${guest} comes back`, () =>
		assert.deepEqual(readAddress(guestAddress(guest)), { guest, ticket: "" }));

test("address: a % of its own, a ticket, nothing", () => {
	assert.equal(readAddress("#100%").guest, "100%");
	assert.deepEqual(readAddress("#ticket=abc-_"), { guest: "", ticket: "abc-_" });
	assert.deepEqual(readAddress(""), { guest: "", ticket: "" });
	assert.equal(readAddress("#" + "x".repeat(511)).guest.length, 511);
	for (const hash of ["#" + "x".repeat(512), "#" + "ä".repeat(256), "#web1%00"])
		assert.deepEqual(readAddress(hash), { guest: "", ticket: "" }, hash);
	assert.equal(readAddress("#ticket=" + "x".repeat(5000)).ticket.length, 64);
	assert.equal(ticketAddress("https://h/#web1", "t"), "https://h/#ticket=t");
	assert.equal(ticketAddress("https://gate/", "t"), "https://gate/#ticket=t");
});

// -- trying again --

test("close codes: which are worth another try", () => {
	for (const code of [1001, 1006, 1011, 1012, 1013, 4100, 4199])
		assert.ok(isWorthTrying(code), code);
	for (const code of [1000, 1002, 1007, 1009, 4200, 4201, 4203, 4204, 4400])
		assert.ok(!isWorthTrying(code), code);
});

test("back-off: doubles, has chance in it, ends at 30 s", () => {
	assert.equal(delayBefore(0, 0), 250);
	assert.equal(delayBefore(0, 1), 500);
	assert.equal(delayBefore(3, 1), 4000);
	assert.equal(delayBefore(1000, 1), 30000);
});

// -- frames --

test("frames: handle, position beyond 32 bits, bytes", () => {
	const buffer = new Uint8Array([0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 1, 65]).buffer;
	assert.deepEqual(readOutput(buffer), {
		handle: 7,
		position: 2 ** 33 + 1,
		bytes: bytes("A"),
	});
	assert.equal(readOutput(new ArrayBuffer(11)), null);
	assert.deepEqual([...makeInput(258, bytes("x"))], [0, 0, 1, 2, 120]);
});

test("flow: acknowledges 32 KiB at once, less after a while, the less the later", () => {
	const flow = new Flow();
	assert.equal(flow.due(false, 1000), undefined);
	flow.receive(50000);
	flow.show(100);
	assert.deepEqual([flow.due(false, 1000), flow.isOwed(false)], [0, true]);
	assert.equal(flow.tell(false, 1000), 100);
	assert.deepEqual([flow.due(false, 1000), flow.isOwed(false)], [undefined, false]);
	flow.show(1);
	assert.equal(flow.due(false, 1030), 70);
	flow.show(511);
	assert.equal(flow.due(false, 1004), 6);
	assert.equal(flow.due(false, 1200), 0);
	flow.show(40000);
	assert.equal(flow.due(false, 1000), 0);
});

test("flow: a hidden page takes 8 MiB more than it shows, and is not told of twice", () => {
	const flow = new Flow();
	flow.receive(20e6);
	flow.show(1000);
	assert.equal(flow.tell(true), 8 * 2 ** 20 + 1000);
	assert.deepEqual([flow.due(false, 0), flow.isOwed(false)], [undefined, false]);
	assert.equal(flow.tell(false), 8 * 2 ** 20 + 1000);
	flow.show(20e6 - 1000);
	assert.equal(flow.tell(false), 20e6);
});

// -- typing --

function typist() {
	const sent = [];
	return [new Typing((piece) => sent.push(new TextDecoder().decode(piece))), sent];
}

test("typing: no more than there is credit for, the rest when it comes", () => {
	const [typing, sent] = typist();
	typing.open(3);
	typing.add(bytes("abcde"));
	assert.deepEqual(sent, ["abc"]);
	typing.give(1);
	typing.give(5);
	assert.deepEqual(sent, ["abc", "d", "e"]);
});

test("typing: a broken link gives up what waits and what is under way, for good", () => {
	const [typing, sent] = typist();
	typing.open(3);
	typing.add(bytes("abcde"));
	typing.give(1);
	assert.deepEqual(typing.close(), { unsent: 1, unsure: 3 });
	assert.equal(typing.add(bytes("f")), false);
	typing.open(100);
	typing.add(bytes("g"));
	assert.deepEqual(sent, ["abc", "d", "g"]);
});

test("typing: a frame has 16384 bytes at most, a queue 64 KiB", () => {
	const [typing, sent] = typist();
	typing.open(20000);
	assert.equal(typing.add(new Uint8Array(20000)), true);
	assert.deepEqual(
		sent.map((s) => s.length),
		[16384, 3616],
	);
	assert.equal(typing.add(new Uint8Array(65537)), false);
});

// -- the escape key --

const inputs = [
	["plain", ["ls\r"], [{ text: "ls\r" }]],
	["leave", ["\x1d", "."], [{ act: "armed" }, { act: "leave" }]],
	[
		"in one piece, with more",
		["a\x1dtb"],
		[{ text: "a" }, { act: "armed" }, { act: "take" }, { text: "b" }],
	],
	["doubled", ["\x1d\x1d"], [{ act: "armed" }, { text: "\x1d" }]],
	[
		"Esc cancels",
		["\x1d", "\x1b", "x"],
		[{ act: "armed" }, { act: "cancelled" }, { text: "x" }],
	],
	[
		"an arrow is unknown and not sent",
		["\x1d", "\x1b[A", "x"],
		[{ act: "armed" }, { act: "unknown" }, { text: "x" }],
	],
	[
		"a terminal's answer passes while armed",
		["\x1d", "\x1b[?1;2c", "."],
		[{ act: "armed" }, { text: "\x1b[?1;2c" }, { act: "leave" }],
	],
	["an unknown key is not sent", ["\x1dX"], [{ act: "armed" }, { act: "unknown" }]],
];
for (const [name, typed, out] of inputs)
	test(`escape: ${name}`, () => {
		const escape = new Escape(29);
		assert.deepEqual(
			typed.flatMap((text) => escape.feed(text)),
			out,
		);
	});

test("escape: none, another one, its words", () => {
	assert.deepEqual(new Escape(null).feed("\x1d."), [{ text: "\x1d." }]);
	assert.equal(new Escape(1).name, "^A");
	assert.match(reminder("^]"), /^\^\] then \. leave, /);
	assert.ok(helpRows("^]").some(([keys]) => keys === ". q d"));
});

// -- pasting --

test("paste: lines end as Enter does, control characters go, Tab stays", () => {
	assert.equal(cleanPaste("a\r\nb\nc\rd\x1b[2J\x1d\te\x00\x9b"), "a\rb\rc\rd[2J\te");
});

test("paste: what is large", () => {
	assert.equal(countLines("a\rb\r"), 2);
	assert.equal(isLargePaste("ls\r", false), false);
	assert.equal(isLargePaste("a\rb", false), true);
	assert.equal(isLargePaste("a\rb", true), false);
	assert.equal(isLargePaste("x".repeat(257), true), true);
});

test("paste: pieces make the whole, none goes over a line's end or breaks a character", () => {
	const text = "short\r" + "ä😀".repeat(100) + "\r\rlast";
	const pieces = cutPaste(text);
	assert.equal(pieces.join(""), text);
	assert.ok(
		pieces.every((p) => Array.from(p).length <= 64 && !p.slice(0, -1).includes("\r")),
	);
	assert.ok(pieces.every((p) => p.isWellFormed?.() ?? true));
});
