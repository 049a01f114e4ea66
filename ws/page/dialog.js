// SPDX-License-Identifier: ISC
// Questions in a window of their own, which the rest waits for.

import { button, element } from "./element.js";

let count = 0;

function buttonFor(action, end) {
	return button(action.text, () => end(action.value), {
		class: action.isRisky ? "risky" : action.isMain ? "main" : null,
		type: action.isMain ? "submit" : "button",
		autofocus: action.isFirst,
	});
}

function formFor(id, title, body, actions, end) {
	return element(
		"form",
		{
			onsubmit: (event) => {
				event.preventDefault();
				end(actions.find((a) => a.isMain)?.value ?? null);
			},
			onkeydown: (event) => {
				const action = actions.find((a) => a.key === event.key);
				if (!action || event.target.matches("input, textarea, select")) return;
				event.preventDefault();
				end(action.value);
			},
		},
		element("h2", { id }, title),
		...body,
		element("div", { class: "actions" }, ...actions.map((a) => buttonFor(a, end))),
	);
}

/*
 * Shows title, what is in body, and a button for each of actions: {text, value, isMain (by Enter,
 * too), isFirst (has the focus), isRisky, key (does the same)}. A promise of the pressed one's
 * value; null: it was left by Esc.
 */
export function ask(title, body, actions) {
	const id = `dialog-${++count}`;
	const before = document.activeElement;
	return new Promise((resolve) => {
		let answer = null;
		const end = (value) => {
			answer = value;
			dialog.close();
		};
		const form = formFor(id, title, body, actions, end);
		const dialog = element("dialog", { "aria-labelledby": id }, form);
		dialog.addEventListener("close", () => {
			dialog.remove();
			before?.focus?.();
			resolve(answer);
		});
		document.body.append(dialog);
		dialog.showModal();
	});
}

export function paragraph(text) {
	return element("p", {}, text);
}

// Shows what there is to see; null when it is closed.
export function show(title, ...body) {
	return ask(title, body, [{ text: "Close", value: null, isMain: true }]);
}

// True: yes. The safe answer has the focus.
export function confirm(title, text, yes, isRisky = false) {
	return ask(title, text ? [paragraph(text)] : [], [
		{ text: yes, value: true, isRisky, key: "y" },
		{ text: "Cancel", value: null, isFirst: true },
	]).then(Boolean);
}
