// SPDX-License-Identifier: ISC
// For hands without a keyboard: keys that a phone's keyboard lacks, a line to compose in, and
// scrolling by a finger.

import { button, element } from "./element.js";

const ESC = "\x1b";
// What is on a key, what it sends, its name; arrow: the letter that ends an arrow's sequence.
const keys = [
	{ text: "Esc", sent: ESC, name: "Escape" },
	{ text: "Tab", sent: "\t", name: "Tab" },
	{ text: "←", arrow: "D", name: "Left" },
	{ text: "↓", arrow: "B", name: "Down" },
	{ text: "↑", arrow: "A", name: "Up" },
	{ text: "→", arrow: "C", name: "Right" },
	{ text: "^]", sent: "\x1d", name: "Control closing bracket" },
	{ text: "|", sent: "|", name: "Pipe" },
	{ text: "/", sent: "/", name: "Slash" },
	{ text: "~", sent: "~", name: "Tilde" },
	{ text: "-", sent: "-", name: "Minus" },
];

// A letter with Ctrl; other text as it is.
export function withControl(text) {
	const code = text.toUpperCase().charCodeAt(0);
	return text.length === 1 && code >= 0x40 && code < 0x60
		? String.fromCharCode(code & 0x1f)
		: text;
}

export class TouchKeys {
	// type(text): as from the keyboard; paste(); isApplication(): arrows as the guest wants them.
	constructor({ type, paste, isApplication }) {
		this.type = type;
		this.isApplication = isApplication;
		this.isControl = false;
		this.control = button("Ctrl", () => this.setControl(!this.isControl), {
			"aria-pressed": "false",
		});
		const [esc, ...others] = keys.map((key) => this.keyButton(key));
		const row = element(
			"div",
			{ "class": "keys", "role": "toolbar", "aria-label": "Keys" },
			esc,
			this.control,
			...others,
			button("Paste", paste),
		);
		// The terminal keeps the focus, and so the phone its keyboard.
		row.addEventListener("pointerdown", (event) => event.preventDefault());
		this.element = element("div", { class: "touch" }, row, this.composer());
	}

	keyButton({ text, sent, arrow, name }) {
		const press = () => {
			const start = ESC + (this.isApplication() ? "O" : "[");
			this.type(this.take(arrow ? start + arrow : sent));
		};
		return button(text, press, { "aria-label": name });
	}

	composer() {
		const line = element("input", {
			"type": "text",
			"aria-label": "Compose a line",
			"placeholder": "A line to send",
			"autocomplete": "off",
			"autocapitalize": "none",
			"autocorrect": "off",
			"spellcheck": "false",
			"enterkeyhint": "send",
		});
		const onsubmit = (event) => {
			event.preventDefault();
			this.type(line.value + "\r");
			line.value = "";
		};
		return element(
			"form",
			{ onsubmit },
			line,
			element("button", { type: "submit" }, "Send"),
		);
	}

	setControl(value) {
		this.isControl = value;
		this.control.setAttribute("aria-pressed", String(value));
	}

	// What is typed while Ctrl is held by its button.
	take(text) {
		if (!this.isControl) return text;
		this.setControl(false);
		return withControl(text);
	}
}

// A finger scrolls what the terminal has kept.
export function scrollByTouch(parent, terminal) {
	let from = 0;
	parent.addEventListener(
		"touchstart",
		(event) => {
			from = event.touches[0].clientY;
		},
		{ passive: true },
	);
	parent.addEventListener(
		"touchmove",
		(event) => {
			const height = parent.clientHeight / terminal.rows;
			const lines = Math.trunc((from - event.touches[0].clientY) / height);
			if (!lines) return;
			terminal.scrollLines(lines);
			from -= lines * height;
		},
		{ passive: true },
	);
}
