// SPDX-License-Identifier: ISC
// compare.mjs PLACE GUEST VISITOR: feeds streams (as tests/play.c has them) to xterm.js, once
// as the guest sent them and once as they arrived, and compares the two terminals at the end.
// Writes an array with null, or what differs, for each stream. PLACE has the node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [place, ...files] = process.argv.slice(2);
const { Terminal } = createRequire(resolve(place) + "/")("@xterm/headless");

// [{rows, cols, parts: [[rows, cols] or { bytes: [buffer] }]}]
function read(file) {
	const all = readFileSync(file), streams = [];
	for (let at = 0; at < all.length;) {
		const end = all.indexOf(10, at);
		const [word, a, b] = all.toString("latin1", at, end).split(" ");
		at = end + 1;
		if (word === "stream")
			streams.push({ rows: +a, cols: +b, parts: [] });
		else if (word === "size")
			streams.at(-1).parts.push([+a, +b]);
		if (word === "data") {
			const parts = streams.at(-1).parts;
			if (!parts.at(-1)?.bytes)
				parts.push({ bytes: [] });
			parts.at(-1).bytes.push(all.subarray(at, at + +a));
			at += +a;
		}
	}
	return streams;
}

// Columns that are no more are gone: where xterm.js wraps no line anew it keeps them out of sight.
function resize(term, rows, cols) {
	term.resize(cols, rows);
	for (const buffer of [term._core.buffers.normal, term._core.buffers.alt])
		for (let y = 0; y < buffer.lines.length; y++)
			buffer.lines.get(y).resize(cols, buffer.getNullCell());
}

// Without lines scrolled away, which a terminal brings back when it grows. windowsPty: lines are not
// wrapped anew either when its width changes; xterm and the Linux console never do that.
function play(stream) {
	const term = new Terminal({ rows: stream.rows, cols: stream.cols, scrollback: 0,
		windowsPty: { backend: "winpty", buildNumber: 1 }, allowProposedApi: true, logLevel: "off" });
	let title = "";
	term.onTitleChange((t) => { title = t; });
	for (const part of stream.parts)
		if (Array.isArray(part))
			resize(term, ...part);
		else
			term._core.writeSync(Buffer.concat(part.bytes));
	return { term, title: () => title };
}

const colour = (mode, value) => mode === 0 ? "default" : mode === 3 ? "#" + value.toString(16) : value & 255;

// Only what is set, so that a report can be read.
function style(cell) {
	const is = { bold: cell.isBold(), dim: cell.isDim(), italic: cell.isItalic(), blink: cell.isBlink(),
		inverse: cell.isInverse(), invisible: cell.isInvisible(), struck: cell.isStrikethrough(),
		over: cell.isOverline(), [`underline ${cell.getUnderlineStyle()}`]:
			cell.isUnderline() && cell.getUnderlineStyle() };
	return { front: colour(cell.getFgColorMode() >> 24, cell.getFgColor()),
		back: colour(cell.getBgColorMode() >> 24, cell.getBgColor()),
		is: Object.keys(is).filter((name) => is[name]).join() };
}

// Of a blank what can be seen: its background, and lines.
function glyph(cell) {
	const chars = cell.getChars() || " ", s = style(cell);
	if (cell.getWidth() === 1 && chars === " " && !s.inverse) {
		return JSON.stringify([" ", 1, s.back, /underline|struck|over/.test(s.is) ? s : null]);
	}
	return JSON.stringify([cell.getWidth() ? chars : "", cell.getWidth(), s]);
}

// Where it would be restored, also in a window that has become smaller.
function saved(term, buffer) {
	return [Math.max(0, Math.min(buffer.savedY - buffer.ybase, term.rows - 1)), Math.min(buffer.savedX, term.cols),
		style(buffer.savedCurAttrData), !!buffer.savedCharset];
}

// Everything that can be seen of a terminal, and that acts on what comes.
function look({ term, title }) {
	const core = term._core, now = core.buffers.active, on = core.coreService, input = core._inputHandler;
	const state = {}, set = core._charsetService, cell = term.buffer.active.getNullCell();
	state.screen = now === core.buffers.alt ? "alternate" : "main";
	for (const [name, buffer] of [["cell", now], ["main", core.buffers.normal]])
		for (let y = 0; y < term.rows; y++) {
			const line = buffer.lines.get(buffer.ybase + y);
			for (let x = 0; x < term.cols; x++)
				state[`${name} ${y},${x}`] = glyph(line.loadCell(x, cell));
		}
	state.cursor = `${now.y},${now.x}`;
	state.hidden = on.isCursorHidden;
	state.pen = style(input._curAttrData);
	state.region = `${now.scrollTop}-${now.scrollBottom}`;
	state.saved = saved(term, now);
	state["main saved"] = saved(term, core.buffers.normal);
	state.tabs = Object.keys(now.tabs).filter((t) => now.tabs[t] && +t < term.cols).join();
	state.charset = [set.glevel, [0, 1, 2, 3].map((i) => !!set._charsets[i]), !!set.charset];
	state.modes = { ...on.decPrivateModes, ...on.modes, synchronizedOutput: undefined };
	state.mouse = [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding];
	state.eol = term.options.convertEol;
	state.title = title();
	for (const key of Object.keys(state))
		if (typeof state[key] !== "string")
			state[key] = JSON.stringify(state[key]);
	return state;
}

function difference(guest, visitor) {
	const a = look(play(guest)), b = look(play(visitor));
	const keys = Object.keys(a).filter((key) => a[key] !== b[key]);
	return keys.length ? keys.slice(0, 4).map((key) => `${key}: ${a[key]}, painted ${b[key]}`)
		.concat(keys.length > 4 ? [`${keys.length} in all`] : []).join("; ") : null;
}

const [guests, visitors] = files.map(read);
const results = [];
for (const [i, guest] of guests.entries()) {
	try {
		results.push(difference(guest, visitors[i]));
	} catch (error) {
		results.push(`xterm.js: ${error.message}`);
	}
}
console.log(JSON.stringify(results));
