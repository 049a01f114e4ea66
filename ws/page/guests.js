// SPDX-License-Identifier: ISC
// The guests that a person may see, as a list that lives: names are links to their consoles.

import { guestAddress } from "./address.js";
import { announce } from "./announce.js";
import { element, setText } from "./element.js";
import { cleanName } from "./words.js";

function countOf(count, one, many) {
	return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

function companyOf(guest) {
	if (!guest.viewers) return "";
	const who = guest.holder ? `, ${cleanName(guest.holder)} has the keyboard` : "";
	return countOf(guest.viewers, "viewer", "viewers") + who;
}

class Row {
	constructor() {
		this.link = element("a", { class: "name" });
		this.state = element("span", { class: "state" });
		this.more = element("span", { class: "more" });
		this.consoles = element("span", { class: "consoles" });
		this.element = element("li", {}, this.link, this.state, this.consoles, this.more);
	}

	show(guest) {
		this.label = guest.label;
		setText(this.link, cleanName(guest.label));
		this.link.href = guestAddress(guest.label);
		setText(this.state, guest.state);
		this.state.dataset.state = guest.state;
		setText(this.more, companyOf(guest));
		const aliases = guest.consoles.length > 1 ? guest.consoles : [];
		if (this.aliases === aliases.join(" ")) return;
		this.aliases = aliases.join(" ");
		this.consoles.replaceChildren(
			...aliases.map((alias) =>
				element(
					"a",
					{
						"href": guestAddress(`${guest.label}:${alias}`),
						"aria-label": `${cleanName(guest.label)}, console ${alias}`,
					},
					alias,
				),
			),
		);
	}
}

export class GuestsView {
	constructor(session) {
		this.session = session;
		this.rows = new Map();
		this.search = element("input", {
			"type": "search",
			"placeholder": "Search",
			"aria-label": "Search the guests",
			"autocomplete": "off",
			"oninput": () => this.filter(true),
			"onkeydown": (event) => this.searchKey(event),
		});
		this.list = element("ul", {
			class: "guests",
			onkeydown: (event) => this.listKey(event),
		});
		this.none = element("p", { class: "none" });
		this.element = element(
			"main",
			{ "class": "list", "aria-label": "Guests" },
			element("div", { class: "list-head" }, element("h1", {}, "Guests"), this.search),
			this.list,
			this.none,
		);
	}

	// On a phone a field with the focus calls the keyboard up, over the list.
	focus() {
		if (!window.matchMedia("(pointer: coarse)").matches) this.search.focus();
	}

	update() {
		const { guests } = this.session;
		for (const key of this.rows.keys()) if (!guests.has(key)) this.rows.delete(key);
		for (const [key, guest] of guests) {
			if (!this.rows.has(key)) this.rows.set(key, new Row());
			this.rows.get(key).show(guest);
		}
		const order = new Intl.Collator(undefined, { numeric: true });
		const wanted = [...this.rows.values()]
			.sort((a, b) => order.compare(a.label, b.label))
			.map((row) => row.element);
		// Who has the focus keeps it: only a list that differs is laid anew.
		if (
			wanted.length !== this.list.children.length ||
			wanted.some((e, i) => e !== this.list.children[i])
		) {
			const focused = document.activeElement;
			this.list.replaceChildren(...wanted);
			if (this.list.contains(focused)) focused.focus();
		}
		this.filter(false);
	}

	filter(isTyped) {
		const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
		let count = 0;
		for (const row of this.rows.values()) {
			const text = row.element.textContent.toLowerCase();
			row.element.hidden = !words.every((word) => text.includes(word));
			count += row.element.hidden ? 0 : 1;
		}
		setText(this.none, this.why(count));
		if (isTyped) announce(`${countOf(count, "guest", "guests")} of ${this.rows.size}`);
	}

	// Why there is nothing to see.
	why(count) {
		const { down, hidden } = this.session;
		const away = down.length ? ` ${down.map(cleanName).join(", ")} does not answer.` : "";
		if (count) return away.trim();
		if (this.rows.size) return "No guest fits that." + away;
		return (
			(hidden
				? "There are guests, but none that you may see: no access section names you."
				: "There are no guests.") + away
		);
	}

	links() {
		return [...this.list.querySelectorAll("li:not([hidden]) > a.name")];
	}

	// The one whose whole name was typed, before others that sort before it.
	best() {
		const typed = this.search.value.trim().toLowerCase();
		const links = this.links();
		return links.find((a) => a.textContent.toLowerCase() === typed) ?? links[0];
	}

	searchKey(event) {
		if (event.key === "Enter") this.best()?.click();
		else if (event.key === "ArrowDown") this.links()[0]?.focus();
		else if (event.key === "Escape" && this.search.value) this.search.value = "";
		else return;
		event.preventDefault();
		this.filter(true);
	}

	listKey(event) {
		const links = this.links();
		const at = links.indexOf(
			document.activeElement?.closest("li")?.querySelector("a.name"),
		);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[
			event.key
		];
		if (event.key === "/") {
			event.preventDefault();
			this.search.focus();
		} else if (to !== undefined) {
			event.preventDefault();
			(to < 0 ? this.search : links[Math.min(to, links.length - 1)])?.focus();
		}
	}
}
