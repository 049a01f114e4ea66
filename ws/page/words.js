// SPDX-License-Identifier: ISC
// What is said to a person about a console, in the sentences of terminal/notice.c. Pure.
//
// In a text {name} {host} {text} {escape} {holder} {by} {bytes} stand for what they say. A part
// in < > is left out where there is no escape key, one between $ for a person without the right
// to power, one between ~ without add-serial. What stands in [ ] is for those who wait: we do.

const FIRST = null; // there was no state before
const ANY = undefined;

// The first row that fits is said: what changed, from, to, text.
const changes = [
	[
		"host",
		[FIRST, true],
		false,
		"{host} does not answer[; waiting for it< ({escape} . leaves)>]",
	],
	["host", [false], true, "{host} answers again"],

	[
		"guest",
		[FIRST],
		"off",
		"{name} is off[; waiting until it starts" +
			"< (${escape} p o starts it, ${escape} . leaves)>]",
	],
	[
		"guest",
		ANY,
		"off",
		"{name} is off now[; waiting until it starts" +
			"< (${escape} p o starts it, ${escape} . leaves)>]",
	],
	["guest", ["off", "crashed"], "running", "{name} has started"],
	[
		"guest",
		["off", "crashed"],
		"paused",
		"{name} has started, paused<$; {escape} p o lets it run$>",
	],
	["guest", ["paused", "suspended"], "running", "{name} goes on"],
	["guest", ANY, "paused", "{name} is paused<$; {escape} p o resumes it$>"],
	["guest", ANY, "suspended", "{name} is suspended<$; {escape} p o wakes it up$>"],
	["guest", ANY, "shutting down", "{name} is shutting down"],
	["guest", ANY, "crashed", "{name} has crashed<$; {escape} p x resets it$>"],

	[
		"line",
		ANY,
		"busy",
		"somebody outside (virsh console?) has this console" +
			"<; {escape} f takes it over>",
	],
	[
		"line",
		ANY,
		"stolen",
		"somebody outside this gate took this console over" + "<; {escape} f takes it back>",
	],
	[
		"line",
		ANY,
		"no_console",
		"{name} has no serial console: add a serial device of type " +
			"'pty' (~the command 'add-serial {name}', or ~virsh edit) and start it anew",
	],
	["line", ANY, "failed", "the console does not open: {text}[; trying again]"],
	["line", ["open"], "opening", "the console was closed; opening it again"],
	["line", ["busy", "stolen", "failed", "no_console"], "open", "the console is open"],
];

// What a guest comes to, and why: looked at first.
const reasons = [
	[
		"off",
		"saved",
		"{name} was saved and is off now[; waiting" +
			"< (${escape} p o lets it go on, ${escape} . leaves)>]",
	],
	[
		"off",
		"crashed",
		"{name} has crashed and is off now[; waiting" +
			"< (${escape} p o starts it, ${escape} . leaves)>]",
	],
	["off", "failed", "{name} did not start[; waiting until it does< ({escape} . leaves)>]"],
	[
		"off",
		"migrated",
		"{name} went to another host[; waiting until it is back< ({escape} . leaves)>]",
	],
	["paused", "crashed", "{name} has crashed and is paused<$; {escape} p x resets it$>"],
	[
		"paused",
		"disk",
		"{name} is paused: one of its disks failed or is full<$; {escape} p o resumes it$>",
	],
	["paused", "watchdog", "{name} is paused by its watchdog<$; {escape} p o resumes it$>"],
	["running", "restored", "{name} goes on from where it was saved"],
];

// The same as over SSH.
export const sentences = {
	gap: "{bytes} of output missing here<; {escape} r shows the last lines again>",
	others: "{count} others are on this console",
	oneOther: "somebody else is on this console",
	silent: "nothing from {name} since you came: press Enter<; {escape} r replays>",
	silentWatching: "nothing from {name} since you came<; {escape} r replays>",
	silentEver:
		"nothing from {name} since it started: press Enter; if nothing comes, " +
		"its kernel may want console=ttyS0 (in /etc/default/grub, then update-grub)",
	notYours: "not sent: {holder} has the keyboard<; {escape} t takes it>",
	mayNotType: "not sent: you may watch this console, not type on it",
	watchOnly: "from now on you may watch this console, not type on it",
	typeToo: "from now on you may type on this console, too",
	deaf: "{name} takes no more input: what you type now is dropped",
	gone: "{name} is gone, or you may not see it any more",
	away: "the gate lost its console service; waiting for it",
	renamed: "{by} is called {name} now",
	moved: "{by} went to {host}: this is its console there",
	back: "the console service is back; what came in between is missing",
};

// Of a link that breaks and comes back, which over SSH there is not.
export const linkSentences = {
	gapLogged: "{bytes} of output missing here: Log, Download has them",
	notLinked: "not sent: the link to the gateway is down",
	unsent: "{bytes} that you typed were not sent: the link broke",
	unsure: "the link broke: {bytes} that you typed may not have reached the guest",
	resumed: "connected again, nothing is missing",
	painted:
		"{count} KiB went by faster than this link carries" +
		"<; {escape} r shows the last lines again>; they are in the log",
};

const losses = {
	line: "{bytes} that you typed did not reach the guest: the console was closed",
	stuck: "the guest does not read what is typed: {bytes} dropped, and the console opened anew",
	keyboard: "{bytes} dropped: {holder} has the keyboard<; {escape} t takes it>",
};

// Who had the keyboard (mine: true), who has it, is it held, why.
const turns = [
	[false, true, ANY, ["first"], null],
	[
		false,
		true,
		ANY,
		["same_user"],
		"you have the keyboard now; an older session of yours had it",
	],
	[false, true, ANY, ANY, "you have the keyboard now"],
	[
		true,
		false,
		true,
		["same_user"],
		"a newer session of yours has the keyboard now<; {escape} t takes it back>",
	],
	[true, false, true, ANY, "{holder} took the keyboard<; {escape} t takes it back>"],
	[true, false, false, ANY, "the keyboard is free: whoever types has it"],
	[false, false, false, ["left"], "{by} left; the keyboard is free: whoever types has it"],
	[false, false, false, ANY, "{by} gave the keyboard up: whoever types has it"],
	[false, false, true, ["taken"], "{holder} took the keyboard<; {escape} t takes it>"],
	[false, false, true, ANY, "{holder} has the keyboard<; {escape} t takes it>"],
];

export function say(text, about) {
	const bytes = `${about.count} byte${about.count === 1 ? "" : "s"}`;
	return text
		.replace(/[[\]]/g, "")
		.replace(/<([^>]*)>/g, about.escape ? "$1" : "")
		.replace(/\$([^$]*)\$/g, about.mayPower ? "$1" : "")
		.replace(/~([^~]*)~/g, about.mayAddSerial ? "$1" : "")
		.replace(/\{(\w+)\}/g, (_, word) => (word === "bytes" ? bytes : (about[word] ?? "")));
}

function changed(part, from, to, about) {
	if (from === to) return [];
	const row = changes.find(
		([of, before, now]) =>
			of === part && now === to && (before === ANY || before.includes(from)),
	);
	return row ? [say(row[3], about)] : [];
}

// On its way to being off, on another host or reset: the news is what comes of it.
function guestOf(state) {
	const passes = state.cause === "migrating" || state.cause === "saved";
	return state.guest === "shutting down" || (state.guest === "paused" && passes)
		? "running"
		: state.guest;
}

function guestChanged(before, now, about) {
	const from = before ? guestOf(before) : FIRST;
	const to = guestOf(now);
	const reason = reasons.find(
		([state, cause]) =>
			state === to && cause === now.cause && !(from === FIRST && to !== "paused"),
	);
	if (from !== to && reason) return [say(reason[2], about)];
	return changed("guest", from, to, about);
}

// Sentences about a `state`; before: the last one, null at first. While a host is away nothing
// is known of its guests: then only that is said.
export function sayState(before, now, about) {
	const out = changed("host", before ? before.host_up : FIRST, now.host_up, about);
	if (!now.host_up) return out;
	out.push(...guestChanged(before, now, about));
	const isRunning = (state) => state && guestOf(state) === "running";
	if (isRunning(before) && isRunning(now) && now.run !== 0) {
		if (before.run !== now.run)
			out.push(say("{name} has stopped and started again", about));
		else if (before.resets !== now.resets) out.push(say("{name} was reset", about));
	}
	out.push(...changed("line", before ? before.line : FIRST, now.line, about));
	return out;
}

function isSameTurn(before, now) {
	return (
		before.yours === now.yours &&
		before.held === now.held &&
		before.holder === now.holder &&
		before.holder_peer === now.holder_peer
	);
}

// A sentence about a `keyboard`, or "".
export function sayKeyboard(before, now, about) {
	const isHeld = now.held || now.yours;
	if (!before && !now.yours)
		return isHeld ? say("{holder} has the keyboard<; {escape} t takes it>", about) : "";
	if (before && isSameTurn(before, now)) return "";
	const row = turns.find(
		([was, is, held, causes]) =>
			was === Boolean(before?.yours) &&
			is === now.yours &&
			(held === ANY || held === isHeld) &&
			(causes === ANY || causes.includes(now.cause)),
	);
	return row && row[4] ? say(row[4], about) : "";
}

export function sayLost(cause, about) {
	return say(losses[cause] ?? "{bytes} that you typed were dropped", about);
}

// A foreign name on one line: what could turn, hide or end text is shown as its number.
export function cleanName(text) {
	return String(text).replace(
		/[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
		(c) => `\\u{${c.codePointAt(0).toString(16)}}`,
	);
}

// How much came before, and of what kind it is; see terminal/past.c.
const pasts = {
	lines: "from before",
	left: "since you left",
	boot: "since that boot",
	offset: "since there",
};

const inLog = "not here: Log, Download has them";

// What a replay of `attached` or `replaying` begins with, or "".
export function sayPast(m, isAsked) {
	const kept = m.head - m.offset;
	const all = kept + (m.missed ?? 0);
	if (!pasts[m.from]) return "";
	if (!all) return isAsked ? `nothing ${pasts[m.from]} is kept` : "";
	return (
		`${all} byte${all === 1 ? "" : "s"} ${pasts[m.from]}` +
		(m.missed ? `, ${m.missed} of them ${m.logged ? inLog : "not kept any more"}` : "")
	);
}

const states = {
	busy: "somebody outside has the console",
	stolen: "somebody outside has the console",
	no_console: "has no serial console",
	failed: "the console does not open",
	opening: "opening",
	closed: "",
};

// A few words for a tab, a title and a bar: what is with the guest, or with its console.
export function stateWords(state) {
	if (!state) return "attaching";
	if (!state.host_up) return "host does not answer";
	if (state.guest === "running" && states[state.line]) return states[state.line];
	return state.guest;
}
