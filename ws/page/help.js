// SPDX-License-Identifier: ISC
// The help: what keys do here.

import { show } from "./dialog.js";
import { element } from "./element.js";
import { helpRows } from "./escape.js";

const pageKeys = [
	["Ctrl+Shift+C", "copy what is selected"],
	["Ctrl+Shift+V", "paste; large pastes ask first, and are typed slowly"],
	["Ctrl+Shift+F", "find"],
	["Ctrl+F6", "leave the console, to the bar above it"],
	["Ctrl+click", "open a link"],
	["Shift+PgUp, PgDn", "scroll"],
	["Shift+drag", "select where the guest has the mouse"],
	["Ctrl+W, T, N", "in the menu Keys; in full screen, type them where the browser allows it"],
];

function rows(list) {
	return list.flatMap(([keys, text]) => [element("dt", {}, keys), element("dd", {}, text)]);
}

export function showHelp(escapeName) {
	const escape = escapeName
		? [
				element("h3", {}, `After ${escapeName} (Ctrl and the closing bracket)`),
				element("dl", {}, ...rows(helpRows(escapeName))),
			]
		: [];
	return show(
		"Keys",
		element(
			"div",
			{ class: "help", tabindex: "0" },
			...escape,
			element("h3", {}, "Anywhere"),
			element("dl", {}, ...rows(pageKeys)),
		),
	);
}
