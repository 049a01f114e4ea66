// SPDX-License-Identifier: ISC
// To the clipboard and from it, as far as the browser lets us.

// False: it was not copied.
export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyOld(text);
	}
}

// Without https there is no clipboard object.
function copyOld(text) {
	const area = document.createElement("textarea");
	const before = document.activeElement;
	area.value = text;
	(document.querySelector("dialog[open]") ?? document.body).append(area);
	area.select();
	const isDone = document.execCommand("copy");
	area.remove();
	before?.focus?.();
	return isDone;
}

// Null: the browser does not let us; a paste by its own keys works.
export async function readClipboard() {
	try {
		return await navigator.clipboard.readText();
	} catch {
		return null;
	}
}

export function save(name, parts, type) {
	const url = URL.createObjectURL(new Blob(parts, { type }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}
