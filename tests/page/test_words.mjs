// SPDX-License-Identifier: ISC
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as words from "../../ws/page/words.js";

const about = {
	name: "web1",
	host: "h",
	escape: "^]",
	holder: "bob",
	by: "bob",
	text: "why",
	count: 3,
	mayPower: true,
	mayAddSerial: false,
};
const running = { guest: "running", line: "open", host_up: true, run: 1, resets: 0 };

test("every sentence about a console is one of SSH's", () => {
	const c = readFileSync(new URL("../../terminal/notice.c", import.meta.url), "utf8");
	const known = c.replace(/"\s*\n\s*"/g, "");
	const source = readFileSync(new URL("../../ws/page/words.js", import.meta.url), "utf8");
	const ours =
		source.slice(source.indexOf("const changes"), source.indexOf("// Of a link")) +
		source.slice(source.indexOf("const losses"), source.indexOf("export function say"));
	const said = [...ours.replace(/"\s*\+\s*"/g, "").matchAll(/"([^"]*)"/g)]
		.map((m) => m[1])
		.filter(
			(text) =>
				text.length > 15 && !text.startsWith("{bytes} that you typed were dropped"),
		);
	assert.ok(said.length > 35);
	for (const text of said)
		assert.ok(known.includes(`"${text}"`), `words.js, not notice.c: ${text}`);
});

const states = [
	[
		"off at first",
		null,
		{ ...running, guest: "off", line: "closed" },
		["web1 is off; waiting until it starts (^] p o starts it, ^] . leaves)"],
	],
	["nothing to say", null, running, []],
	["started", { ...running, guest: "off", run: 0 }, running, ["web1 has started"]],
	["reset", running, { ...running, resets: 1 }, ["web1 was reset"]],
	[
		"stopped and started unseen",
		running,
		{ ...running, run: 2 },
		["web1 has stopped and started again"],
	],
	[
		"only the host, while it is away",
		running,
		{ ...running, host_up: false, guest: "unknown" },
		["h does not answer; waiting for it (^] . leaves)"],
	],
	[
		"no console, without add-serial",
		null,
		{ ...running, line: "no_console" },
		[
			"web1 has no serial console: add a serial device of type 'pty' (virsh edit) and start it anew",
		],
	],
];
for (const [name, before, now, said] of states)
	test(`state: ${name}`, () => assert.deepEqual(words.sayState(before, now, about), said));

const free = { yours: false, held: false, cause: "given", holder: "", holder_peer: "" };
const mine = { ...free, yours: true, held: true, cause: "first", holder: "alice" };
const bobs = { ...free, held: true, cause: "taken", holder: "bob" };
const turns = [
	["mine at first", null, mine, ""],
	["somebody's at first", null, bobs, "bob has the keyboard; ^] t takes it"],
	["taken from me", mine, bobs, "bob took the keyboard; ^] t takes it back"],
	["taken back", bobs, { ...mine, cause: "taken" }, "you have the keyboard now"],
	[
		"who had it left",
		bobs,
		{ ...free, cause: "left" },
		"bob left; the keyboard is free: whoever types has it",
	],
	["the same again", bobs, { ...bobs }, ""],
];
for (const [name, before, now, said] of turns)
	test(`keyboard: ${name}`, () => assert.equal(words.sayKeyboard(before, now, about), said));

test("without an escape key nothing is said of it", () => {
	assert.equal(
		words.say(words.sentences.notYours, { ...about, escape: "" }),
		"not sent: bob has the keyboard",
	);
});

test("what turns or ends text in a name is shown as its number", () => {
	assert.equal(
		words.cleanName("a\u202eb\x1b[c\u009bd\te"),
		"a\\u{202e}b\\u{1b}[c\\u{9b}d\\u{9}e",
	);
});

test("one byte is one byte", () => {
	assert.match(words.say(words.sentences.gap, { ...about, count: 1 }), /^1 byte of/);
});
