// SPDX-License-Identifier: ISC
// The bar above a console: the guest's state, who has the keyboard, and what can be done.

import { power, powerActs } from "./acts.js";
import { button, element, setText } from "./element.js";
import { menu } from "./menu.js";
import { chooseTheme, chosenTheme, themes } from "./theme.js";
import { cleanName, stateWords } from "./words.js";

// What is said of an attachment that is not open.
const words = { down: "reconnecting", over: "detached", away: "waiting", asking: "attaching" };

export function titleOf(attachment) {
	const { label, state, status, isPainted } = attachment;
	const slow = isPainted && status === "open" ? ", slow link" : "";
	return `${label} (${words[status] ?? stateWords(state)}${slow})`;
}

function holderOf({ keyboard, mayType, status }) {
	if (status !== "open") return "";
	if (!mayType) return "You may watch only";
	if (keyboard?.yours) return "You have the keyboard";
	return keyboard?.held
		? `${cleanName(keyboard.holder)} has the keyboard`
		: "The keyboard is free";
}

function keyboardAct({ keyboard, status }) {
	if (status === "over") return "Attach again";
	return keyboard?.yours ? "Give keyboard up" : "Take keyboard";
}

export class Bar {
	// view: attachment, screen, act(name), typed(text, isRaw), takeFocus(), of a ConsoleView.
	constructor(view) {
		this.view = view;
		this.state = element("span", { class: "state" });
		this.holder = element("span", { class: "holder" });
		this.keyboard = button("", () => view.act("keyboard"), { class: "keyboard" });
		this.who = button("", () => view.act("who"));
		this.share = button("Share", () => view.act("share"), { class: "share" });
		this.buttons = element(
			"div",
			{ "class": "buttons", "role": "group", "aria-label": "Console" },
			this.keyboard,
			this.who,
			this.keysMenu(),
			this.powerMenu(),
			this.logMenu(),
			this.viewMenu(),
			this.share,
			button("Help", () => view.act("help")),
		);
		this.more = button("☰", () => this.toggle(), {
			"class": "more",
			"aria-expanded": "false",
			"aria-label": "Bar",
		});
		this.element = element("div", { class: "bar" });
		this.element.append(this.state, this.holder, this.more, this.buttons);
	}

	// On a small window the buttons are there when one asks for them.
	toggle() {
		const isOpen = this.element.classList.toggle("open");
		this.more.setAttribute("aria-expanded", String(isOpen));
	}

	focus() {
		const buttons = [...this.element.querySelectorAll("button:not(:disabled)")];
		buttons.find((b) => b.offsetParent)?.focus();
	}

	show(viewers) {
		const { attachment } = this.view;
		const { status } = attachment;
		setText(this.state, titleOf(attachment));
		this.state.dataset.state = status === "open" ? (attachment.state?.guest ?? "") : status;
		setText(this.holder, holderOf(attachment));
		setText(this.keyboard, keyboardAct(attachment));
		const canType = status === "open" && attachment.mayType;
		this.keyboard.disabled = !canType && status !== "over";
		setText(this.who, `Who (${viewers})`);
		this.share.hidden = !attachment.may("share");
	}

	// -- the menus; what one may not do is there, but cannot be pressed --

	item(text, act, right) {
		const { view } = this;
		const disabled = right !== undefined && !view.attachment.may(right);
		return button(text, () => view.act(act), { disabled });
	}

	menu(text, items) {
		return menu(text, items, () => this.view.takeFocus());
	}

	keysMenu() {
		const key = (text, sent) => button(text, () => this.view.typed(sent, true));
		return this.menu("Keys", () => [
			key("Ctrl+W", "\x17"),
			key("Ctrl+T", "\x14"),
			key("Ctrl+N", "\x0e"),
			key("^]", "\x1d"),
			this.item("BREAK", "break", "break"),
			this.item("SysRq …", "sysrq", "break"),
			this.item("Window size …", "size"),
		]);
	}

	powerMenu() {
		const act = (row) => {
			const { attachment } = this.view;
			const disabled = !attachment.may("power");
			return button(row.text, () => power(attachment, row), { disabled });
		};
		return this.menu("Power", () => [
			...powerActs.map(act),
			this.item("Add serial console …", "addSerial", "add-serial"),
		]);
	}

	logMenu() {
		return this.menu("Log", () => [
			this.item("Find", "find"),
			this.item("Copy all", "copyAll"),
			this.item("Select text …", "select"),
			this.item("Last 60 lines again", "replay"),
			this.item("This boot again", "replayBoot"),
			this.item("Download", "download"),
		]);
	}

	viewMenu() {
		const pressed = (is) => ({ "aria-pressed": String(is) });
		const theme = (name) =>
			button(`Theme: ${name}`, () => chooseTheme(name), pressed(chosenTheme() === name));
		const { view } = this;
		return this.menu("View", () => [
			this.item("Larger", "larger"),
			this.item("Smaller", "smaller"),
			...themes.map(theme),
			button(
				"Screen reader mode",
				() => view.act("reader"),
				pressed(view.screen.isForReaders),
			),
			this.item("Full screen", "full"),
		]);
	}
}
