// SPDX-License-Identifier: ISC
// When to connect again, and whether. Pure.

const FIRST_MS = 500;
const LONGEST_MS = 30000;

// A close code of docs/websocket.md: would the same again be of use?
export function isWorthTrying(code) {
	return (
		code === 1001 ||
		code === 1005 ||
		code === 1006 ||
		(code >= 1011 && code <= 1013) ||
		(code >= 4100 && code < 4200)
	);
}

// attempt: failures in a row before this one; chance: 0 to 1, so that not all come at once.
export function delayBefore(attempt, chance) {
	const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
	return Math.round(most / 2 + (chance * most) / 2);
}
