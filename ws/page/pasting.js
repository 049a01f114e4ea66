// SPDX-License-Identifier: ISC
// A paste on its way to a guest: cleaned, asked about when it is large, and typed piece by piece,
// each once the one before has left.

import { ask, paragraph } from "./dialog.js";
import { button, element, setText } from "./element.js";
import { cleanPaste, countLines, cutPaste, isLargePaste, LINE_MS, PIECE_MS } from "./paste.js";

const PREVIEW = 600;
const encoder = new TextEncoder();

export class Pasting {
	constructor(attachment, screen) {
		this.attachment = attachment;
		this.screen = screen;
		this.pieces = [];
		this.text = element("span", { role: "status" });
		this.element = element(
			"div",
			{ class: "pasting", hidden: true },
			this.text,
			button("Stop", () => this.stop()),
		);
	}

	async paste(raw) {
		const text = cleanPaste(raw);
		if (!text || !this.attachment.canType) {
			this.attachment.type(new Uint8Array());
			return;
		}
		const { isBracketed } = this.screen;
		if (isLargePaste(text, isBracketed) && !(await this.confirm(text))) return;
		const whole = isBracketed ? `\x1b[200~${text}\x1b[201~` : text;
		if (whole.length <= 256) this.attachment.type(encoder.encode(whole));
		else this.start(cutPaste(whole));
	}

	confirm(text) {
		const lines = countLines(text);
		const size = `${lines} line${lines === 1 ? "" : "s"}, ${text.length} characters`;
		const shown =
			text.slice(0, PREVIEW).replace(/\r/g, "\n") + (text.length > PREVIEW ? " …" : "");
		return ask(
			`Paste ${size}?`,
			[
				paragraph(`Into ${this.attachment.label}. Each line's end is an Enter.`),
				element("pre", { tabindex: "0", class: "preview" }, shown),
			],
			[
				{ text: "Paste", value: true, isMain: true, isFirst: true },
				{ text: "Cancel", value: null },
			],
		);
	}

	start(pieces) {
		this.pieces.push(...pieces);
		this.total = this.pieces.length;
		if (this.timer) return;
		this.element.hidden = false;
		this.step();
	}

	step() {
		const { attachment, pieces } = this;
		let ms = PIECE_MS;
		if (!attachment.typing.waitingCount) {
			const piece = pieces.shift();
			if (!attachment.type(encoder.encode(piece))) {
				this.stop();
				return;
			}
			ms = piece.endsWith("\r") ? LINE_MS : PIECE_MS;
		}
		setText(
			this.text,
			`Pasting: ${Math.floor((100 * (1 - pieces.length / this.total)) / 10) * 10} %`,
		);
		this.timer = setTimeout(() => (pieces.length ? this.step() : this.stop()), ms);
	}

	stop() {
		clearTimeout(this.timer);
		this.timer = null;
		if (this.pieces.length)
			this.attachment.ears.notice(
				`the paste was stopped; ${this.pieces.join("").length} ` +
					"characters were not sent",
				false,
			);
		this.pieces = [];
		this.element.hidden = true;
	}
}
