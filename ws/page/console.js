// SPDX-License-Identifier: ISC
// One console before a person: its bar, what the gateway has to say, the terminal, the keys for
// a phone. Joins an Attachment and a Screen.

import { addSerial, choosePower, sendBreak, sysrq } from "./acts.js";
import { announce } from "./announce.js";
import { Attachment } from "./attachment.js";
import { Bar, titleOf } from "./bar.js";
import { copy, readClipboard, save } from "./clipboard.js";
import { ask, confirm, paragraph, show } from "./dialog.js";
import { element, setText } from "./element.js";
import { Escape, reminder } from "./escape.js";
import { Find } from "./find.js";
import { showHelp } from "./help.js";
import { readHistory } from "./history.js";
import { Pasting } from "./pasting.js";
import { showShare, showWho } from "./people.js";
import { Screen } from "./screen.js";
import { scrollByTouch, TouchKeys } from "./touch.js";
import { cleanName } from "./words.js";

const REMIND_MS = 500;
const NOTICES = 100;
const encoder = new TextEncoder();

function bytesOf(text) {
	return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export class ConsoleView {
	/*
	 * owner: toList(), close(view), again(view), attached(view), changed(view), toggleFull().
	 * guest: what it is called by whoever wants it.
	 */
	constructor(session, guest, owner) {
		this.session = session;
		this.owner = owner;
		this.escape = new Escape(session.hello.escape);
		this.hasNews = false;
		this.screen = new Screen({
			typed: (text) => this.typed(this.touch.take(text)),
			reported: (text) => this.attachment.answer(bytesOf(text)),
			resized: (rows, cols) => this.attachment.resize(rows, cols),
			mayAnswer: () => this.attachment.isMine,
			key: (event) => this.key(event),
			follow: (uri) => this.follow(uri),
		});
		this.touch = new TouchKeys({
			type: (text) => this.typed(text),
			paste: () => this.pasteFromClipboard(),
			isApplication: () => this.screen.terminal.modes.applicationCursorKeysMode,
		});
		this.find = new Find(this.screen, () => this.screen.focus());
		this.makeElement();
		this.attachment = new Attachment(session, guest, {
			attached: (isFirst) => this.greet(isFirst),
			output: (bytes, isReplay, shown) => this.output(bytes, isReplay, shown),
			notice: (text, isInline) => this.notice(text, isInline),
			changed: () => this.changed(),
			over: (text) => this.over(text),
		});
		this.pasting = new Pasting(this.attachment, this.screen);
		this.element.insertBefore(this.pasting.element, this.place);
		this.changed();
	}

	// -- what it looks like --

	makeElement() {
		this.bar = new Bar(this);
		this.last = element("summary", {});
		this.earlier = element("ol", { "tabindex": "0", "aria-label": "Messages" });
		this.place = element("div", { class: "terminal" });
		this.place.addEventListener(
			"paste",
			(event) => {
				event.preventDefault();
				event.stopPropagation();
				this.pasting.paste(event.clipboardData.getData("text/plain"));
			},
			true,
		);
		this.messages = element("details", { class: "messages" }, this.last, this.earlier);
		this.element = element(
			"main",
			{ class: "console" },
			this.bar.element,
			this.messages,
			this.find.element,
			this.place,
			this.touch.element,
		);
	}

	// Once it is in the document.
	open() {
		this.screen.open(this.place);
		scrollByTouch(this.place, this.screen.terminal);
		this.screen.fit();
		this.attachment.resize(this.screen.terminal.rows, this.screen.terminal.cols);
	}

	close() {
		this.pasting.stop();
		this.attachment.leave();
		this.screen.close();
		clearTimeout(this.reminding);
		this.element.remove();
	}

	focus() {
		this.hasNews = false;
		this.screen.fit();
		if (this.attachment.status === "over") this.bar.focus();
		else this.screen.focus();
	}

	// But on a phone the focus calls the keyboard up, over half of what one wants to see.
	takeFocus() {
		if (!window.matchMedia("(pointer: coarse)").matches) this.screen.focus();
	}

	get title() {
		return titleOf(this.attachment);
	}

	changed() {
		if (!this.attachment) return;
		this.bar.show(this.viewers);
		this.owner.changed(this);
	}

	// The list knows how many are on all the guest's consoles, and is told of each.
	get viewers() {
		const { info } = this.attachment;
		const guest = info && this.session.guests.get(info.host + "/" + info.uuid);
		return guest?.viewers ?? this.attachment.viewers;
	}

	// What the gateway passes on is foreign, and a line of the terminal is no place for it.
	notice(said, isInline) {
		const text = cleanName(said);
		if (isInline) this.screen.line(text);
		setText(this.last, text);
		this.earlier.append(element("li", {}, `${new Date().toLocaleTimeString()}  ${text}`));
		while (this.earlier.children.length > NOTICES) this.earlier.firstChild.remove();
		if (this.element.isConnected) announce(text);
	}

	greet(isFirst) {
		this.screen.fit();
		if (isFirst) this.owner.attached(this);
		if (isFirst && !this.last.textContent)
			this.notice(
				this.escape.name
					? `connected; ${this.escape.name} ? shows the keys`
					: "connected",
				false,
			);
	}

	output(bytes, isReplay, shown) {
		this.screen.write(bytes, isReplay, shown);
		if (!this.element.isConnected && bytes.length && !this.hasNews) {
			this.hasNews = true;
			this.owner.changed(this);
		}
	}

	over(text) {
		this.pasting?.stop();
		this.notice(text || "detached", true);
		this.changed();
	}

	// -- what is typed --

	key(event) {
		if (event.type !== "keydown") return true;
		const name = [
			event.ctrlKey && "Ctrl",
			event.altKey && "Alt",
			event.shiftKey && "Shift",
			event.code,
		]
			.filter(Boolean)
			.join("+");
		const own = ownKeys[name];
		if (!own) return true;
		if (own !== "paste") {
			event.preventDefault();
			this.act(own);
		}
		return false; // the browser pastes by itself
	}

	// isRaw: the escape key is for the guest, too.
	typed(text, isRaw = false) {
		clearTimeout(this.reminding);
		for (const event of isRaw ? [{ text }] : this.escape.feed(text)) {
			if (event.text !== undefined) this.attachment.type(encoder.encode(event.text));
			else this.act(event.act);
		}
	}

	act(name) {
		actions[name]?.(this);
	}

	remind() {
		this.notice(reminder(this.escape.name), false);
	}

	toggleKeyboard() {
		if (this.attachment.status === "over") {
			this.owner.again(this);
			return;
		}
		this.attachment.tell(this.attachment.keyboard?.yours ? "give" : "take");
		this.screen.focus();
	}

	async pasteFromClipboard() {
		const text = await readClipboard();
		if (text !== null) {
			await this.pasting.paste(text);
			return;
		}
		const area = element("textarea", { "rows": "6", "aria-label": "Text to paste" });
		if (
			await ask(
				"Paste",
				[paragraph("Paste it here first."), area],
				[
					{ text: "Paste", value: true, isMain: true },
					{ text: "Cancel", value: null },
				],
			)
		)
			await this.pasting.paste(area.value);
	}

	async follow(uri) {
		if (
			await ask(
				"Open this link?",
				[
					paragraph("The guest printed it."),
					element("pre", { class: "preview", tabindex: "0" }, cleanName(uri)),
				],
				[
					{ text: "Open", value: true, isMain: true },
					{ text: "Cancel", value: null, isFirst: true },
				],
			)
		)
			window.open(uri, "_blank", "noopener,noreferrer");
	}

	async typeSize() {
		const { rows, cols } = this.screen.terminal;
		const line = `stty rows ${rows} cols ${cols}`;
		if (
			await confirm(
				"Type the window's size?",
				`The guest's shell gets: ${line}`,
				"Type it",
			)
		)
			this.typed(line + "\r");
	}

	async download() {
		try {
			const kept = await readHistory(this.session, this.attachment.target);
			save(
				`${this.attachment.label.replace(/[^\w.-]/g, "_")}.log`,
				kept.parts,
				"application/octet-stream",
			);
			const missed = kept.missed ? `; ${kept.missed} bytes are not kept any more` : "";
			this.notice(`downloaded: ${kept.count} bytes${missed}`, false);
		} catch (error) {
			this.notice(error.message, false);
		}
	}

	async copyAll() {
		this.notice(
			(await copy(this.screen.text())) ? "copied" : "the browser does not let us copy",
			false,
		);
	}
}

const ownKeys = {
	"Ctrl+Shift+KeyC": "copy",
	"Ctrl+Shift+KeyV": "paste",
	"Shift+Insert": "paste",
	"Ctrl+Insert": "copy",
	"Ctrl+Shift+KeyF": "find",
	"Ctrl+F6": "leaveTerminal",
};

// What keys, menus and the escape key do.
const actions = {
	armed: (v) => {
		v.reminding = setTimeout(() => v.remind(), REMIND_MS);
	},
	cancelled: () => {},
	unknown: (v) => v.remind(),
	leave: (v) => v.owner.close(v),
	list: (v) => v.owner.toList(),
	keyboard: (v) => v.toggleKeyboard(),
	share: (v) => showShare(v.attachment),
	who: (v) => showWho(v.attachment),
	take: (v) => v.attachment.tell("take"),
	give: (v) => v.attachment.tell("give"),
	force: (v) => v.attachment.tell("force"),
	break: (v) => sendBreak(v.attachment),
	sysrq: (v) => sysrq(v.attachment),
	power: (v) => choosePower(v.attachment),
	addSerial: (v) => addSerial(v.attachment),
	replay: (v) => v.attachment.tell("replay", { from: { kind: "lines", value: 60 } }),
	replayBoot: (v) => v.attachment.tell("replay", { from: { kind: "boot", value: 0 } }),
	size: (v) => v.typeSize(),
	help: (v) => showHelp(v.escape.name),
	find: (v) => v.find.open(),
	copy: (v) => v.screen.terminal.hasSelection() && copy(v.screen.terminal.getSelection()),
	copyAll: (v) => v.copyAll(),
	select: (v) =>
		show("Text", element("pre", { class: "selectable", tabindex: "0" }, v.screen.text())),
	download: (v) => v.download(),
	larger: (v) => v.screen.zoom(1),
	smaller: (v) => v.screen.zoom(-1),
	reader: (v) => {
		v.screen.isForReaders = !v.screen.isForReaders;
	},
	full: (v) => v.owner.toggleFull(),
	leaveTerminal: (v) => v.bar.focus(),
};
