// SPDX-License-Identifier: ISC
// Questions in a window of their own, which the rest waits for.

import { button, element } from "./element.js";

let count = 0;

/*
 * Shows title, what is in body, and a button for each of actions: {text, value, isMain, isRisky}.
 * A promise of the pressed one's value; null: it was left by Esc. body may have a form's fields.
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
		const buttons = actions.map((a) =>
			button(a.text, () => end(a.value), {
				class: a.isRisky ? "risky" : a.isMain ? "main" : null,
				type: a.isMain ? "submit" : "button",
				autofocus: a.isFirst,
			}),
		);
		const form = element(
			"form",
			{
				onsubmit: (event) => {
					event.preventDefault();
					end(actions.find((a) => a.isMain)?.value ?? null);
				},
			},
			element("h2", { id }, title),
			...body,
			element("div", { class: "actions" }, ...buttons),
		);
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
		{ text: yes, value: true, isRisky },
		{ text: "Cancel", value: null, isFirst: true },
	]).then(Boolean);
}
