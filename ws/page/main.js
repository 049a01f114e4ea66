// SPDX-License-Identifier: ISC
// The page: one session, its login, its list of guests, and a tab for each console. What is
// shown is what the address says behind its #.

import { guestAddress, readAddress } from "./address.js";
import { announce, startAnnouncing } from "./announce.js";
import { ConsoleView } from "./console.js";
import { button, element, setText } from "./element.js";
import { GuestsView } from "./guests.js";
import { token } from "./keep.js";
import { LoginView } from "./login.js";
import { startMenus } from "./menu.js";
import { askLogout } from "./people.js";
import { startTheme } from "./theme.js";
import { cleanName } from "./words.js";

const LOGGED_OUT = 4200;

// What is behind the # goes, hash takes its place; nothing else follows from it.
function rewriteAddress(hash) {
	window.history.replaceState(null, "", window.location.pathname + hash);
}

class Page {
	constructor(makeSession) {
		const { ticket } = readAddress(window.location.hash);
		if (ticket) rewriteAddress("");
		this.wasIn = false;
		this.views = new Map();
		this.session = makeSession(
			{
				phase: (name, detail) => this.enter(name, detail),
				guests: () => this.listed(),
			},
			ticket,
		);
		this.login = new LoginView(this.session);
		this.list = new GuestsView(this.session);
		this.makeElement();
	}

	makeElement() {
		this.tabs = element("nav", { "class": "tabs", "aria-label": "Consoles" });
		this.link = element("span", { class: "link", role: "status" });
		this.user = element("span", { class: "user" });
		this.head = element(
			"header",
			{ hidden: true },
			this.tabs,
			this.link,
			this.user,
			button("Log out", () => askLogout(this.session), { class: "logout" }),
		);
		this.said = element("div", { class: "said" });
		this.body = element("div", { class: "body" });
		document.body.replaceChildren(this.head, this.said, this.body);
		startAnnouncing();
	}

	start() {
		startTheme();
		startMenus();
		window.addEventListener("hashchange", () => this.go());
		window.addEventListener("online", () => this.session.link.wake());
		document.addEventListener(
			"visibilitychange",
			() => document.hidden || this.session.link.wake(),
		);
		window.addEventListener(
			"beforeunload",
			(event) => this.hasOpen() && event.preventDefault(),
		);
		followViewport();
		this.session.start();
	}

	hasOpen() {
		return [...this.session.consoles].some((c) => c.status !== "over");
	}

	// -- the session's phases --

	enter(phase, detail) {
		const isIn = phase === "in" || (phase === "down" && this.wasIn);
		this.wasIn = isIn;
		this.head.hidden = !isIn;
		setText(
			this.link,
			isIn && phase === "down" ? "The link is down; connecting again …" : "",
		);
		if (phase === "in") this.getIn(detail);
		else if (!isIn) this.showLogin(phase, detail);
		// What somebody saw who logged out is not for the next one.
		if (phase === "over" && detail.code === LOGGED_OUT) this.closeAll();
		this.titles();
	}

	// After a broken link all is in view as it was, and the focus stays where it is.
	getIn({ user, text }) {
		if (this.userIn && this.userIn !== user) this.closeAll();
		this.userIn = user;
		setText(this.user, cleanName(user));
		if (text) this.saySome(text);
		if (!this.body.firstChild || this.body.firstChild === this.login.element) this.go();
	}

	// What PAM has to say to somebody who got in.
	saySome(text) {
		const done = button("Close", () => this.said.replaceChildren());
		this.said.replaceChildren(element("span", {}, text), done);
		announce(text);
	}

	showLogin(phase, detail) {
		this.show(this.login.element);
		this.login.show(phase, detail);
	}

	// -- what is shown --

	show(e) {
		if (this.body.firstChild !== e) this.body.replaceChildren(e);
	}

	// To where the address says.
	go() {
		const { guest, ticket } = readAddress(window.location.hash);
		if (ticket) {
			window.location.reload(); // pasted into the address bar of this page
			return;
		}
		if (!this.wasIn) return;
		if (!guest) {
			this.current = null;
			this.show(this.list.element);
			this.list.update();
			this.list.focus();
		} else {
			this.showConsole(guest);
		}
		this.titles();
	}

	showConsole(guest) {
		const isNew = !this.views.has(guest);
		if (isNew) this.views.set(guest, new ConsoleView(this.session, guest, this.owner()));
		const view = this.views.get(guest);
		this.current = view;
		this.show(view.element);
		if (isNew) view.open();
		view.focus();
	}

	owner() {
		return {
			toList: () => {
				window.location.hash = "";
			},
			close: (view) => this.close(view),
			again: (view) => this.again(view),
			attached: (view) => this.rename(view),
			changed: () => this.titles(),
			toggleFull,
		};
	}

	guestOf(view) {
		return [...this.views].find(([, v]) => v === view)?.[0];
	}

	// Its tab bears the guest's whole name, whatever part of it was asked for.
	rename(view) {
		const before = this.guestOf(view);
		const { label, alias } = view.attachment.info;
		const guest = before.endsWith(":" + alias) ? `${label}:${alias}` : label;
		if (before === guest) return;
		if (this.views.has(guest)) {
			this.views.delete(before);
			view.close();
			window.location.replace(guestAddress(guest));
			return;
		}
		this.views = new Map(
			[...this.views].map(([name, v]) => [v === view ? guest : name, v]),
		);
		if (this.current === view) rewriteAddress(guestAddress(guest));
	}

	close(view) {
		this.views.delete(this.guestOf(view));
		view.close();
		if (this.current === view) window.location.hash = "";
		this.titles();
	}

	closeAll() {
		for (const view of this.views.values()) view.close();
		this.views.clear();
		this.current = null;
		rewriteAddress("");
	}

	// A console that was left, or not let in to, once more.
	again(view) {
		const guest = this.guestOf(view);
		this.views.delete(guest);
		view.close();
		this.showConsole(guest);
	}

	listed() {
		// Where there is one guest only, there is nothing to choose.
		if (this.session.guests.size === 1 && !window.location.hash && !this.wasListed) {
			const [guest] = this.session.guests.values();
			window.location.replace(guestAddress(guest.label));
		}
		this.wasListed = true;
		this.list.update();
		for (const view of this.views.values()) view.changed();
	}

	titles() {
		if (this.isDue) return;
		this.isDue = true;
		queueMicrotask(() => {
			this.isDue = false;
			this.drawTabs();
			document.title = this.title();
		});
	}

	title() {
		const name = this.head.hidden ? "log in" : this.current ? this.current.title : "guests";
		const news = [...this.views.values()].some((v) => v.hasNews) ? "• " : "";
		return `${news}${name} – serialgate`;
	}

	drawTabs() {
		const focused = document.activeElement?.closest(".tab")?.dataset.guest;
		const tabs = [...this.views].map(([guest, view]) => this.tab(guest, view));
		this.tabs.replaceChildren(
			element(
				"a",
				{
					"href": "#",
					"class": "tab",
					"data-guest": "",
					"aria-current": this.current ? null : "page",
					"onclick": (event) => {
						event.preventDefault();
						window.location.hash = "";
					},
				},
				"Guests",
			),
			...tabs,
		);
		if (focused !== undefined)
			[...this.tabs.querySelectorAll(".tab")]
				.find((t) => t.dataset.guest === focused)
				?.querySelector("a, button")
				?.focus();
	}

	tab(guest, view) {
		const { label } = view.attachment;
		return element(
			"span",
			{ "class": "tab", "data-guest": guest, "data-state": view.bar.state.dataset.state },
			element(
				"a",
				{
					"href": guestAddress(guest),
					"aria-current": this.current === view ? "page" : null,
					"aria-label": `${view.title}${view.hasNews ? ", new output" : ""}`,
				},
				(view.hasNews ? "• " : "") + label,
			),
			button("×", () => this.close(view), { "aria-label": `Close ${label}` }),
		);
	}
}

// A phone's keyboard takes its part of the window: the page has what is left.
function followViewport() {
	const viewport = window.visualViewport;
	if (!viewport) return;
	const follow = () => {
		const { style } = document.documentElement;
		style.setProperty("--height", viewport.height + "px");
		style.setProperty("--top", viewport.offsetTop + "px");
	};
	viewport.addEventListener("resize", follow);
	viewport.addEventListener("scroll", follow);
	follow();
}

// In full screen the browser may leave us its own keys, too.
async function toggleFull() {
	if (document.fullscreenElement) {
		await document.exitFullscreen();
		return;
	}
	await document.documentElement.requestFullscreen?.();
	await navigator.keyboard?.lock?.().catch(() => {});
}

export function startPage(makeSession) {
	new Page((ears, ticket) => makeSession(ears, { kept: token, ticket })).start();
}
