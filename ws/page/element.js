// SPDX-License-Identifier: ISC
// Elements of the page, made without markup: foreign text can never become any.

const listeners = /^on([a-z]+)$/;

/*
 * element("button", { class: "x", onclick: f, disabled: true, "aria-label": "y" }, "text", child).
 * A property that is null or false is left out; children that are null, too.
 */
export function element(tag, properties = {}, ...children) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		const event = listeners.exec(name);
		if (event) e.addEventListener(event[1], value);
		else if (value !== null && value !== undefined && value !== false)
			e.setAttribute(name, value === true ? "" : value);
	}
	e.append(...children.filter((c) => c !== null && c !== undefined));
	return e;
}

export function button(text, onclick, properties = {}) {
	return element("button", { type: "button", onclick, ...properties }, text);
}

// A field with its label; extra: what stands behind the field.
export function field(text, input, ...extra) {
	return element("label", { class: "field" }, element("span", {}, text), input, ...extra);
}

// Text is set only when it differs: screen readers read what is set.
export function setText(e, text) {
	if (e.textContent !== text) e.textContent = text;
}
