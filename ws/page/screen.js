// SPDX-License-Identifier: ISC
// The terminal: xterm.js, fed with a guest's bytes, which are hostile. What it answers by itself
// goes out only where it may; links open only by Ctrl and a click; titles are passed over.

import { Terminal } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";
import { SearchAddon } from "./vendor/addon-search.mjs";
import { WebLinksAddon } from "./vendor/addon-web-links.mjs";
import { Unicode11Addon } from "./vendor/addon-unicode11.mjs";
import { choice } from "./keep.js";
import { followTheme } from "./theme.js";
import { cleanName } from "./words.js";

const SCROLLBACK = 10000;
const FONT_LEAST = 8;
const FONT_MOST = 32;

const fontSize = choice("font-size", 14);
const isReader = choice("reader", "false");
const encoder = new TextEncoder();

// What makes xterm.js 6 answer: the identifiers of its parser's functions.
const questions = {
	csi: [
		{ final: "c" },
		{ prefix: ">", final: "c" },
		{ prefix: "=", final: "c" },
		{ final: "n" },
		{ prefix: "?", final: "n" },
		{ intermediates: "$", final: "p" },
		{ prefix: "?", intermediates: "$", final: "p" },
	],
	dcs: [{ intermediates: "$", final: "q" }],
	osc: [4, 10, 11, 12],
};
// Mouse and focus: not typed, and not worth a word when nobody wants them.
const REPORT = /^\x1b\[(I|O|M[^]{3}|<[\d;]+[mM])$/;

function isWeb(uri) {
	return /^https?:\/\//i.test(uri);
}

export class Screen {
	/*
	 * ears: typed(text); reported(text), of the mouse and its like; resized(rows, cols);
	 * mayAnswer(); key(event), false: not for the guest; follow(uri): a link was clicked.
	 */
	constructor(ears) {
		this.ears = ears;
		this.isReplaying = false;
		this.endsLine = true;
		this.terminal = new Terminal({
			allowProposedApi: true,
			scrollback: SCROLLBACK,
			minimumContrastRatio: 4.5,
			fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
			fontSize: Number(fontSize.get()),
			screenReaderMode: isReader.get() === "true",
			linkHandler: { activate: (event, uri) => this.follow(event, uri), ...this.hints() },
		});
		this.fitter = new FitAddon();
		this.search = new SearchAddon();
		const { terminal } = this;
		for (const addon of [
			this.fitter,
			this.search,
			new Unicode11Addon(),
			new WebLinksAddon((event, uri) => this.follow(event, uri), this.hints()),
		])
			terminal.loadAddon(addon);
		terminal.unicode.activeVersion = "11";
		this.hush();
		terminal.onData((text) => (REPORT.test(text) ? ears.reported : ears.typed)(text));
		terminal.onBinary((text) => ears.reported(text));
		terminal.onResize(({ rows, cols }) => ears.resized(rows, cols));
		terminal.attachCustomKeyEventHandler((event) => ears.key(event));
	}

	open(parent) {
		this.parent = parent;
		this.terminal.open(parent);
		this.terminal.textarea.setAttribute("aria-label", "Console. Control F6 leaves it.");
		this.unfollow = followTheme((palette) => {
			this.terminal.options.theme = palette;
		});
		this.observer = new ResizeObserver(() => this.fit());
		this.observer.observe(parent);
	}

	close() {
		this.unfollow();
		this.observer.disconnect();
		this.terminal.dispose();
	}

	focus() {
		this.terminal.focus();
	}

	fit() {
		if (this.parent.clientHeight > 0) this.fitter.fit();
	}

	// -- safety --

	hush() {
		const { parser } = this.terminal;
		const isHushed = () => this.isReplaying || !this.ears.mayAnswer();
		for (const id of questions.csi) parser.registerCsiHandler(id, isHushed);
		for (const id of questions.dcs) parser.registerDcsHandler(id, isHushed);
		for (const id of questions.osc)
			parser.registerOscHandler(id, (data) => data.includes("?") && isHushed());
	}

	hints() {
		return {
			hover: (_event, uri) => {
				this.parent.title = isWeb(uri) ? `Ctrl+click opens ${cleanName(uri)}` : "";
			},
			leave: () => {
				this.parent.title = "";
			},
		};
	}

	follow(event, uri) {
		if ((event.ctrlKey || event.metaKey) && isWeb(uri)) this.ears.follow(uri);
	}

	// -- output --

	// shown() is called once the bytes are on the screen.
	write(bytes, isReplay, shown) {
		if (isReplay !== this.willReplay) {
			this.willReplay = isReplay;
			this.terminal.write("", () => {
				this.isReplaying = isReplay;
			});
		}
		if (bytes.length) this.endsLine = bytes[bytes.length - 1] === 10;
		this.terminal.write(bytes, shown);
	}

	// A line of our own, between the guest's bytes; none where the guest fills the screen.
	line(text) {
		if (this.terminal.buffer.active.type === "alternate") return;
		this.terminal.write(
			encoder.encode(`${this.endsLine ? "" : "\r\n"}[gate: ${text}]\r\n`),
		);
		this.endsLine = true;
	}

	// All that is kept of it, as lines.
	text() {
		const { normal } = this.terminal.buffer;
		const lines = [];
		for (let i = 0; i < normal.length; i++) {
			const line = normal.getLine(i);
			if (line.isWrapped && lines.length)
				lines[lines.length - 1] += line.translateToString(true);
			else lines.push(line.translateToString(true));
		}
		return lines.join("\n").trimEnd() + "\n";
	}

	get isBracketed() {
		return this.terminal.modes.bracketedPasteMode;
	}

	// -- taste --

	zoom(step) {
		const size = Math.max(
			FONT_LEAST,
			Math.min(FONT_MOST, this.terminal.options.fontSize + step),
		);
		fontSize.set(size);
		this.terminal.options.fontSize = size;
		this.fit();
	}

	get isForReaders() {
		return this.terminal.options.screenReaderMode;
	}

	set isForReaders(value) {
		isReader.set(value);
		this.terminal.options.screenReaderMode = value;
	}
}
