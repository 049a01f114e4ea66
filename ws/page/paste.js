// SPDX-License-Identifier: ISC
// What is pasted: cleaned, weighed, cut into pieces that a serial line can take. Pure.

const PIECE = 64; // characters at a time
export const PIECE_MS = 15; // about 4 KB/s
export const LINE_MS = 40; // a line's end makes the guest work
const SMALL = 256;

// As Enter would send its lines; without control characters, which could be anything.
export function cleanPaste(text) {
	return text
		.replace(/\r\n?|\n/g, "\r")
		.replace(/[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]/g, "");
}

export function countLines(text) {
	return text.split("\r").filter((line, i, all) => line || i < all.length - 1).length;
}

// Does it want a question first? isBracketed: the guest knows that it is a paste.
export function isLargePaste(text, isBracketed) {
	return text.length > SMALL || (!isBracketed && countLines(text) > 1);
}

// Strings that make up text, none over a line's end or PIECE characters long.
export function cutPaste(text) {
	const pieces = [];
	for (const line of text.match(/[^\r]*\r|[^\r]+$/g) ?? [])
		for (let rest = Array.from(line); rest.length; rest = rest.slice(PIECE))
			pieces.push(rest.slice(0, PIECE).join(""));
	return pieces;
}
