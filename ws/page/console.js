// SPDX-License-Identifier: ISC
// One console before a person: its bar, what the gateway has to say, the terminal, the keys for
// a phone. Joins an Attachment and a Screen.

import { addSerial, choosePower, power, powerActs, sendBreak, sysrq } from "./acts.js";
import { announce } from "./announce.js";
import { Attachment } from "./attachment.js";
import { copy, readClipboard, save } from "./clipboard.js";
import { ask, confirm, paragraph, show } from "./dialog.js";
import { button, element, setText } from "./element.js";
import { Escape, reminder } from "./escape.js";
import { Find } from "./find.js";
import { showHelp } from "./help.js";
import { readHistory } from "./history.js";
import { menu } from "./menu.js";
import { Pasting } from "./pasting.js";
import { showShare, showWho } from "./people.js";
import { Screen } from "./screen.js";
import { chooseTheme, chosenTheme, themes } from "./theme.js";
import { scrollByTouch, TouchKeys } from "./touch.js";
import { cleanName, stateWords } from "./words.js";

const REMIND_MS = 500;
const NOTICES = 100;
const encoder = new TextEncoder();

function bytesOf(text) {
	return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export class ConsoleView {
	/*
	 * owner: toList(), close(view), changed(view), toggleFull(). guest: what it is called by
	 * whoever wants it.
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
			type: (text) => {
				this.typed(text);
				this.screen.focus();
			},
			paste: () => this.pasteFromClipboard(),
			isApplication: () => this.screen.terminal.modes.applicationCursorKeysMode,
		});
		this.find = new Find(this.screen, () => this.screen.focus());
		this.makeElement();
		this.attachment = new Attachment(session, guest, {
			attached: () => this.screen.fit(),
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
		this.state = element("span", { class: "state" });
		this.holder = element("span", { class: "holder" });
		this.keyboard = button("", () => this.toggleKeyboard(), { class: "keyboard" });
		this.who = button("", () => showWho(this.attachment));
		this.last = element("summary", {});
		this.earlier = element("ol", { tabindex: "0", "aria-label": "Messages" });
		this.place = element("div", { class: "terminal" });
		this.place.addEventListener("paste", (event) => {
			event.preventDefault();
			event.stopPropagation();
			this.pasting.paste(event.clipboardData.getData("text/plain"));
		}, true);
		this.buttons = element("div", { class: "buttons", role: "group", "aria-label": "Console" },
			this.keyboard, this.who, ...this.menus(),
			button("Share", () => showShare(this.attachment), { class: "share" }),
			button("Help", () => this.act("help")));
		this.more = button("☰", () => this.toggleBar(), { class: "more", "aria-expanded": "false",
			"aria-label": "Bar" });
		this.bar = element("div", { class: "bar" }, this.state, this.holder, this.more, this.buttons);
		this.messages = element("details", { class: "messages" }, this.last, this.earlier);
		this.element = element("main", { class: "console" }, this.bar, this.messages, this.find.element,
			this.place, this.touch.element);
	}

	toggleBar() {
		const isOpen = this.bar.classList.toggle("open");
		this.more.setAttribute("aria-expanded", String(isOpen));
	}

	menus() {
		const item = (text, act, properties) => button(text, () => this.act(act), properties);
		const key = (text, sent) => button(text, () => this.typed(sent, true));
		return [
			menu("Keys", () => [key("Ctrl+W", "\x17"), key("Ctrl+T", "\x14"), key("Ctrl+N", "\x0e"),
				key("^]", "\x1d"), item("BREAK", "break", { disabled: !this.attachment.may("break") }),
				item("SysRq …", "sysrq", { disabled: !this.attachment.may("break") }),
				item("Window size …", "size")]),
			menu("Power", () => powerActs.map((row) => button(row.text, () => power(this.attachment, row),
				{ disabled: !this.attachment.may("power") })).concat(this.attachment.may("add-serial")
				? [item("Add serial console …", "addSerial")] : [])),
			menu("Log", () => [item("Find", "find"), item("Copy all", "copyAll"), item("Select text …", "select"),
				item("Replay 60 lines", "replay"), item("Replay this boot", "replayBoot"),
				item("Download", "download")]),
			menu("View", () => [item("Larger", "larger"), item("Smaller", "smaller"),
				...themes.map((name) => button(`Theme: ${name}`, () => chooseTheme(name),
					{ "aria-pressed": String(chosenTheme() === name) })),
				item("Screen reader mode", "reader", { "aria-pressed": String(this.screen.isForReaders) }),
				item("Full screen", "full")]),
		];
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
		if (this.attachment.status === "over")
			this.bar.querySelector("button")?.focus();
		else
			this.screen.focus();
	}

	get title() {
		const { status, state } = this.attachment;
		return `${this.attachment.label} (${status === "down" ? "reconnecting"
			: status === "over" ? "detached" : stateWords(state)})`;
	}

	changed() {
		const a = this.attachment;
		if (!a)
			return;
		setText(this.state, this.title);
		this.state.dataset.state = a.status === "open" ? a.state?.guest ?? "" : a.status;
		const holder = a.keyboard?.yours ? "You have the keyboard"
			: a.keyboard?.held ? `${cleanName(a.keyboard.holder)} has the keyboard`
				: "The keyboard is free";
		setText(this.holder, a.status !== "open" ? "" : a.mayType ? holder : "You may watch only");
		setText(this.keyboard, a.keyboard?.yours ? "Give keyboard up" : "Take keyboard");
		this.keyboard.disabled = a.status !== "open" || !a.mayType;
		const { viewers } = this;
		setText(this.who, `Who (${viewers})`);
		this.buttons.querySelector(".share").hidden = !a.may("share");
		this.owner.changed(this);
	}

	// The list knows how many are on all the guest's consoles, and is told of each.
	get viewers() {
		const { info } = this.attachment;
		const guest = info && this.session.guests.get(info.host + "/" + info.uuid);
		return guest?.viewers ?? this.attachment.viewers;
	}

	notice(text, isInline) {
		if (isInline)
			this.screen.line(text);
		setText(this.last, text);
		this.earlier.append(element("li", {}, `${new Date().toLocaleTimeString()}  ${text}`));
		while (this.earlier.children.length > NOTICES)
			this.earlier.firstChild.remove();
		if (this.element.isConnected)
			announce(text);
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
		this.notice(text || "detached", false);
		this.changed();
	}

	// -- what is typed --

	key(event) {
		if (event.type !== "keydown")
			return true;
		const name = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift",
			event.code].filter(Boolean).join("+");
		const own = ownKeys[name];
		if (!own)
			return true;
		if (own !== "paste") {
			event.preventDefault();
			this.act(own);
		}
		return false;              // the browser pastes by itself
	}

	// isRaw: the escape key is for the guest, too.
	typed(text, isRaw = false) {
		clearTimeout(this.reminding);
		for (const event of isRaw ? [{ text }] : this.escape.feed(text)) {
			if (event.text !== undefined)
				this.attachment.type(encoder.encode(event.text));
			else
				this.act(event.act);
		}
	}

	act(name) {
		actions[name]?.(this);
	}

	remind() {
		this.notice(reminder(this.escape.name), false);
	}

	toggleKeyboard() {
		this.attachment.tell(this.attachment.keyboard?.yours ? "give" : "take");
		this.screen.focus();
	}

	async pasteFromClipboard() {
		const text = await readClipboard();
		if (text !== null) {
			await this.pasting.paste(text);
			return;
		}
		const area = element("textarea", { rows: "6", "aria-label": "Text to paste" });
		if (await ask("Paste", [paragraph("Paste it here first."), area],
			[{ text: "Paste", value: true, isMain: true }, { text: "Cancel", value: null }]))
			await this.pasting.paste(area.value);
	}

	async follow(uri) {
		if (await ask("Open this link?", [paragraph("The guest printed it."),
			element("pre", { class: "preview", tabindex: "0" }, cleanName(uri))],
		[{ text: "Open", value: true, isMain: true }, { text: "Cancel", value: null, isFirst: true }]))
			window.open(uri, "_blank", "noopener,noreferrer");
	}

	async typeSize() {
		const { rows, cols } = this.screen.terminal;
		const line = `stty rows ${rows} cols ${cols}`;
		if (await confirm("Type the window's size?", `The guest's shell gets: ${line}`, "Type it"))
			this.typed(line + "\r");
	}

	async download() {
		try {
			const kept = await readHistory(this.session, this.attachment.target);
			save(`${this.attachment.label.replace(/[^\w.-]/g, "_")}.log`, kept.parts, "application/octet-stream");
			const missed = kept.missed ? `; ${kept.missed} bytes are not kept any more` : "";
			this.notice(`downloaded: ${kept.count} bytes${missed}`, false);
		} catch (error) {
			this.notice(error.message, false);
		}
	}

	async copyAll() {
		this.notice(await copy(this.screen.text()) ? "copied" : "the browser does not let us copy", false);
	}
}

const ownKeys = {
	"Ctrl+Shift+KeyC": "copy", "Ctrl+Shift+KeyV": "paste", "Shift+Insert": "paste",
	"Ctrl+Insert": "copy", "Ctrl+Shift+KeyF": "find", "Ctrl+F6": "leaveTerminal",
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
	select: (v) => show("Text", element("pre", { class: "selectable", tabindex: "0" }, v.screen.text())),
	download: (v) => v.download(),
	larger: (v) => v.screen.zoom(1),
	smaller: (v) => v.screen.zoom(-1),
	reader: (v) => {
		v.screen.isForReaders = !v.screen.isForReaders;
	},
	full: (v) => v.owner.toggleFull(),
	leaveTerminal: (v) => v.bar.querySelector("button:not(:disabled)").focus(),
};
