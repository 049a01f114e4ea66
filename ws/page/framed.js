// SPDX-License-Identifier: ISC
// Another site may show the page in a frame (embed-from). It could lay itself over our buttons and
// have a person press one unawares; so what does harm at a press is not there then.

const isFramed = globalThis.top !== globalThis.self;
const harmless = ["view", "type"];
const harmful = ["act", "kick", "ask_ticket", "revoke"];

export const notFramed = "not in a frame of another page: open the console in a window of its own";

// The rights that count here.
export function rightsHere(may) {
	return isFramed ? may.filter((right) => harmless.includes(right)) : may;
}

// Whether a message of that type is not to be sent from here.
export function isBarred(type) {
	return isFramed && harmful.includes(type);
}
