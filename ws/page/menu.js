// SPDX-License-Identifier: ISC
// A button that shows a few more below it.

import { button, element } from "./element.js";

let count = 0;
let open = null;

function shut(isKeyboard) {
	if (!open) return;
	const { panel, opener } = open;
	open = null;
	panel.hidden = true;
	opener.setAttribute("aria-expanded", "false");
	if (isKeyboard) opener.focus();
}

function move(panel, step) {
	const items = [...panel.querySelectorAll("button:not(:disabled)")];
	const at = items.indexOf(document.activeElement);
	items[(at + step + items.length) % items.length]?.focus();
}

function place(panel, opener) {
	const space = document.documentElement.clientWidth - panel.offsetWidth - 8;
	const left = opener.getBoundingClientRect().left;
	panel.style.left = Math.max(8, Math.min(left, space)) + "px";
	panel.style.top = opener.getBoundingClientRect().bottom + "px";
}

const keys = {
	Escape: () => shut(true),
	ArrowDown: (panel) => move(panel, 1),
	ArrowUp: (panel) => move(panel, -1),
};

/*
 * items(): a list of elements, asked for each time that it is opened. chosen(): called before
 * the chosen one acts, to put the focus where it belongs.
 */
export function menu(text, items, chosen) {
	const id = `menu-${++count}`;
	const panel = element("div", {
		class: "menu",
		id,
		hidden: true,
		onkeydown: (event) => {
			if (!keys[event.key]) return;
			event.preventDefault();
			event.stopPropagation();
			keys[event.key](panel);
		},
	});
	const choose = (event) => {
		if (!event.target.closest("button")) return;
		shut(false);
		chosen();
	};
	panel.addEventListener("click", choose, true);
	const opener = button(
		text + " ▾",
		() => {
			const wasOpen = open?.panel === panel;
			shut(false);
			if (wasOpen) return;
			panel.replaceChildren(...items());
			panel.hidden = false;
			place(panel, opener);
			opener.setAttribute("aria-expanded", "true");
			open = { panel, opener };
			panel.querySelector("button:not(:disabled)")?.focus();
		},
		{ "aria-expanded": "false", "aria-controls": id, "aria-label": text },
	);
	return element("div", { class: "menu-place" }, opener, panel);
}

export function startMenus() {
	document.addEventListener("pointerdown", (event) => {
		if (open && !open.panel.parentElement.contains(event.target)) shut(false);
	});
	window.addEventListener("resize", () => shut(false));
}
